import { describe, expect, it } from 'vitest';
import { causeway } from '#proto';
import {
  allLost,
  doubledVoices,
  type RemoteTrack,
  type RemoteTracks,
  remoteKey,
  speakerOf,
  withFrozen,
  withoutConsumer,
  withoutLost,
  withStarved,
  withTrack,
} from '../../../../web/src/core/remote-tracks';

const { Source } = causeway;

/** Browsers alone can make these; here they only have to be told apart. */
class Track extends EventTarget implements MediaStreamTrack {
  readonly kind = 'video';
  readonly label = '';
  readonly muted = false;
  readonly readyState = 'live';
  contentHint = '';
  enabled = true;
  onended = null;
  onmute = null;
  onunmute = null;
  constructor(readonly id: string) {
    super();
  }
  stop(): void {}
  async applyConstraints(): Promise<void> {}
  clone(): MediaStreamTrack {
    return new Track(this.id);
  }
  getCapabilities = () => ({});
  getConstraints = () => ({});
  getSettings = () => ({});
}

class Stream extends EventTarget implements MediaStream {
  readonly active = true;
  readonly id = '';
  onaddtrack = null;
  onremovetrack = null;
  addTrack(): void {}
  removeTrack(): void {}
  clone = () => new Stream();
  getAudioTracks = () => [];
  getVideoTracks = () => [];
  getTracks = () => [];
  getTrackById = () => null;
}

const track = (consumerId: string, over: Partial<RemoteTrack> = {}): RemoteTrack => ({
  consumerId,
  producerId: `p-${consumerId}`,
  participantId: 'anna',
  slot: 0,
  source: Source.SOURCE_MICROPHONE,
  track: new Track(`t-${consumerId}`),
  stream: new Stream(),
  lost: false,
  frozen: false,
  starved: false,
  ...over,
});

const tracksOf = (...all: RemoteTrack[]): RemoteTracks => all.reduce<RemoteTracks>(withTrack, new Map());
const ids = (tracks: RemoteTracks) => [...tracks.values()].map(({ consumerId }) => consumerId);

describe('the tracks of others', () => {
  it('are found by participant and source', () => {
    const tracks = tracksOf(track('a'), track('b', { source: Source.SOURCE_CAMERA }));
    expect(tracks.get(remoteKey('anna', Source.SOURCE_CAMERA))?.consumerId).toBe('b');
  });

  it('keep slots apart, which belong to no participant', () => {
    const slots = [1, 2, 3].map((slot) => track(`s${slot}`, { participantId: '', slot }));
    expect(ids(tracksOf(...slots))).toEqual(['s1', 's2', 's3']);
  });

  it('are replaced where there is one of that participant and source, or of that slot', () => {
    expect(ids(tracksOf(track('old'), track('new')))).toEqual(['new']);
    expect(ids(tracksOf(track('old', { slot: 1 }), track('new', { slot: 1 })))).toEqual(['new']);
  });

  it('stay for their last picture when their transport is lost, and go later', () => {
    const lost = allLost(tracksOf(track('a')));
    expect(ids(withoutConsumer(lost, 'a'))).toEqual(['a']);
    const half = withTrack(lost, track('b', { participantId: 'ben' }));
    expect(ids(withoutLost(half))).toEqual(['b']);
  });

  it('are the same map when nothing has changed', () => {
    const tracks = tracksOf(track('a'));
    expect(withoutConsumer(tracks, 'other')).toBe(tracks);
    expect(withoutLost(tracks)).toBe(tracks);
    expect(withStarved(tracks, new Set(['other']))).toBe(tracks);
    expect(withFrozen(tracks, new Set())).toBe(tracks);
  });

  it('are starved as the latest list says', () => {
    const camera = track('c', { source: Source.SOURCE_CAMERA });
    const starved = withStarved(tracksOf(camera), new Set(['c']));
    expect(starved.get(remoteKey('anna', Source.SOURCE_CAMERA))?.starved).toBe(true);
    expect(withStarved(starved, new Set()).get(remoteKey('anna', Source.SOURCE_CAMERA))?.starved).toBe(false);
    expect(allLost(starved).get(remoteKey('anna', Source.SOURCE_CAMERA))?.starved).toBe(false);
  });

  it('are frozen when a camera stands still, not when a screen does', () => {
    const tracks = tracksOf(track('c', { source: Source.SOURCE_CAMERA }), track('s', { source: Source.SOURCE_SCREEN }));
    const frozen = [...withFrozen(tracks, new Set(['t-c', 't-s'])).values()].filter((one) => one.frozen);
    expect(frozen.map(({ consumerId }) => consumerId)).toEqual(['c']);
  });
});

describe('whose voice a track carries', () => {
  it('is its participant, or whoever is in the slot', () => {
    expect(speakerOf(track('a'), [])).toBe('anna');
    expect(speakerOf(track('s', { participantId: '', slot: 2 }), ['ben', 'cleo'])).toBe('cleo');
    expect(speakerOf(track('s', { participantId: '', slot: 1 }), [null, 'cleo'])).toBeNull();
    expect(speakerOf(track('s', { participantId: '', slot: 3 }), [])).toBeNull();
  });
});

describe('voices that are here twice', () => {
  const direct = track('direct');
  const slot = track('slot', { participantId: '', slot: 1 });
  const program = track('program', { source: Source.SOURCE_SCREEN_AUDIO });

  it('are heard directly until the slots are sent for sure', () => {
    expect(doubledVoices(tracksOf(direct, slot), new Set(['direct'])).size).toBe(0);
  });

  it('are heard through the slots from then on, and the sound of screens is left alone', () => {
    expect([...doubledVoices(tracksOf(direct, slot, program), new Set(['direct', 'slot', 'program']))]).toEqual(['direct']);
  });

  it('are heard directly again when the slots are gone', () => {
    expect(doubledVoices(tracksOf(direct), new Set(['direct', 'slot'])).size).toBe(0);
    const lost = allLost(tracksOf(slot));
    expect(doubledVoices(withTrack(lost, direct), new Set(['direct', 'slot'])).size).toBe(0);
  });
});
