/** Captions with the real model, a real database, and people who speak over RTP. */
import type { Config } from '../../../../src/config.js';
import { systemClock } from '../../../../src/platform/clock.js';
import { newId } from '../../../../src/platform/ids.js';
import { createMetrics } from '../../../../src/platform/metrics.js';
import type { Principal } from '../../../../src/platform/principal.js';
import type { MeetingLine, TrackAudio } from '../../../../src/recording/captions/index.js';
import { type OpenedCaptions, openCaptions } from '../../../../src/recording/captions/open-captions.js';
import type { Consent } from '../../../../src/recording/consent/index.js';
import type { TapReceiver } from '../../../../src/recording/ports.js';
import type { ConsentWhat, Recording, RecordingTrack, TranscriptLine } from '../../../../src/recording/recording.js';
import { testConfig, testLog } from '../../../support/index.js';
import { packetMs } from '../../../support/opus-packets.js';
import { RtpSpeaker, type SpeakerOptions } from '../../../support/rtp-speaker.js';
import { standIn } from '../../../support/speech.js';
import { RecordingWorld } from '../consent/world.js';

export const senseVoice = [{ engine: 'sense-voice', languages: ['yue', 'cmn', 'auto'], folder: standIn }];

export interface Tapped {
  readonly receiver: TapReceiver;
  readonly speaker: RtpSpeaker;
  readonly participantId: string;
  readonly ssrc: number;
}

let ssrcs = 5_000;

export class CaptionsWorld {
  readonly lines: MeetingLine[] = [];
  readonly behind: { readonly meetingId: string; readonly behind: boolean }[] = [];
  /** By track: what was captured of it. */
  readonly captured = new Map<string, readonly { readonly atMs: number; readonly opus: Uint8Array }[]>();
  restarts = 0;
  readonly #speakers: RtpSpeaker[] = [];

  private constructor(
    readonly recordings: RecordingWorld,
    readonly consent: Consent,
    readonly owner: Principal,
    readonly captions: OpenedCaptions,
  ) {
    captions.events.on('line', (line) => this.lines.push(line));
    captions.events.on('behind', (told) => this.behind.push(told));
    captions.sink.onRestarted(() => {
      this.restarts += 1;
    });
  }

  static async open(over: Partial<Config> = {}): Promise<CaptionsWorld> {
    const recordings = await RecordingWorld.open();
    const consent = await recordings.openConsent();
    const owner = await recordings.person('Olivia', 'owner');
    const { database, audit } = recordings.office;
    const audio: TrackAudio = {
      async *frames(_recording, track, signal) {
        for (const frame of world.captured.get(track.id) ?? []) {
          signal.throwIfAborted();
          yield frame;
        }
      },
    };
    const captions = await openCaptions({
      // The machine may be busy: patience is tested by those who set it.
      config: testConfig({ CAPTIONS_PATIENCE_MS: 60_000, ...over }),
      database,
      clock: systemClock,
      log: testLog(),
      metrics: createMetrics(),
      audit,
      access: recordings.access,
      rows: recordings.recordings,
      audio,
    });
    const world = new CaptionsWorld(recordings, consent, owner, captions);
    return world;
  }

  /** One that is on since now. */
  async record(people: readonly Principal[] = [this.owner]): Promise<Recording> {
    this.recordings.office.now = Date.now();
    return this.recordings.record(this.consent, people);
  }

  person(name: string): Promise<Principal> {
    return this.recordings.person(name);
  }

  /** Written into the ledger as of now. Gives when that was, since 1970. */
  async answers(recording: Recording, { personId, name }: Principal, what: ConsentWhat): Promise<number> {
    this.recordings.office.now = Date.now();
    const { noticeHash } = recording;
    await this.consent.ledger.append(recording, [{ personId, personName: name, what, noticeHash, language: 'en', client: 'test' }]);
    return this.recordings.office.now;
  }

  /** A tap of somebody's microphone. */
  async tap(
    person: Principal,
    {
      recording,
      meetingId = newId(),
      language = 'en',
      ...sending
    }: { recording?: Recording; meetingId?: string; language?: string } & Partial<SpeakerOptions> = {},
  ): Promise<Tapped> {
    ssrcs += 1;
    const ssrc = ssrcs;
    const participantId = newId();
    const receiver = await this.captions.sink.begin({
      id: newId(),
      kind: 'audio',
      ssrc,
      payloadType: 100,
      mimeType: 'audio/opus',
      clockRate: 48_000,
      channels: 2,
      context: {
        recordingId: recording?.id ?? '',
        orgId: person.orgId,
        meetingId: recording?.meetingId ?? meetingId,
        personId: person.personId,
        personName: person.name,
        participantId,
        language,
      },
    });
    const speaker = new RtpSpeaker({ port: receiver.port, ssrc, ...sending });
    this.#speakers.push(speaker);
    return { receiver, speaker, participantId, ssrc };
  }

  /** A microphone that was captured from the recording's `fromMs` on. */
  async capture(recording: Recording, person: Principal, packets: readonly Uint8Array[], fromMs = 0): Promise<RecordingTrack> {
    const id = await this.recordings.track(recording, person);
    const endMs = fromMs + packets.length * packetMs;
    const at = (ms: number) => new Date(recording.startedAt.getTime() + ms);
    await this.database.query('update recording_tracks set started_at = $2, ended_at = $3 where id = $1', [id, at(fromMs), at(endMs)]);
    this.captured.set(
      id,
      packets.map((opus, index) => ({ atMs: fromMs + index * packetMs, opus })),
    );
    const track = (await this.recordings.recordings.tracks(recording)).find((one) => one.id === id);
    if (!track) throw new Error('There is no such track.');
    return track;
  }

  transcribe(recording: Recording, signal = new AbortController().signal): Promise<void> {
    return this.captions.transcribe.run(recording, { signal, version: 1, progress: () => undefined });
  }

  get database() {
    return this.recordings.office.database;
  }

  transcript(recording: Recording): Promise<TranscriptLine[]> {
    return this.recordings.recordings.transcript(recording);
  }

  finals(personId?: string): MeetingLine[] {
    return this.lines.filter((line) => line.final && (personId === undefined || line.personId === personId));
  }

  async close(): Promise<void> {
    for (const speaker of this.#speakers) speaker.close();
    await this.captions.close();
    await this.recordings.close();
  }
}

export function wordsOfLines(lines: readonly { readonly text: string }[]): string {
  return lines.map(({ text }) => text).join(' ');
}
