/**
 * The sounds and pictures of others that are here: which there are, and what is the matter with each.
 * Every change gives a new map, so that what is shown can be compared by identity.
 */
import { causeway } from '#proto';

/** Sound or picture of somebody else. */
export interface RemoteTrack {
  readonly consumerId: string;
  readonly producerId: string;
  /** Empty for a slot of the audio stage: `MeetingState.heard` says who is in it. */
  readonly participantId: string;
  /** From 1: a slot, in which the loudest are heard in turn. 0: what one participant sends. */
  readonly slot: number;
  readonly source: causeway.Source;
  readonly track: MediaStreamTrack;
  readonly stream: MediaStream;
  /** Its transport is gone; it is kept for its last picture until a new one comes. */
  readonly lost: boolean;
  /** It should move and does not: the connection is too weak for it. */
  readonly frozen: boolean;
  /** The server does not send it, because this page's connection has no bandwidth for it. */
  readonly starved: boolean;
}

/** By participant and source, see `remoteKey`, or by slot. */
export type RemoteTracks = ReadonlyMap<string, RemoteTrack>;

export function remoteKey(participantId: string, source: causeway.Source): string {
  return `${participantId}:${source}`;
}

/** No participant's id is like this. */
function slotKey(slot: number): string {
  return `slot ${slot}`;
}

export function isPicture(source: causeway.Source): boolean {
  return source === causeway.Source.SOURCE_CAMERA || source === causeway.Source.SOURCE_SCREEN;
}

/** What has its place in the map is replaced. */
export function withTrack(tracks: RemoteTracks, track: RemoteTrack): RemoteTracks {
  const key = track.slot > 0 ? slotKey(track.slot) : remoteKey(track.participantId, track.source);
  return new Map(tracks).set(key, track);
}

export function withoutConsumer(tracks: RemoteTracks, consumerId: string): RemoteTracks {
  // What is lost stays for its last picture.
  return filtered(tracks, (track) => track.consumerId !== consumerId || track.lost);
}

export function withoutLost(tracks: RemoteTracks): RemoteTracks {
  return filtered(tracks, (track) => !track.lost);
}

/** The transport is gone, and what the server said of its consumers with it. */
export function allLost(tracks: RemoteTracks): RemoteTracks {
  return changed(tracks, (track) => ({ ...track, lost: true, starved: false }));
}

/** Frozen are these, by id of the track, and no others. */
export function withFrozen(tracks: RemoteTracks, frozen: ReadonlySet<string>): RemoteTracks {
  return changed(tracks, (track) => {
    // A screen on which nothing moves sends no frames; that is not a fault.
    const isFrozen = track.source === causeway.Source.SOURCE_CAMERA && frozen.has(track.track.id);
    return track.frozen === isFrozen ? track : { ...track, frozen: isFrozen };
  });
}

/** Starved are these, by id of the consumer, and no others. */
export function withStarved(tracks: RemoteTracks, starved: ReadonlySet<string>): RemoteTracks {
  return changed(tracks, (track) => {
    const isStarved = !track.lost && starved.has(track.consumerId);
    return track.starved === isStarved ? track : { ...track, starved: isStarved };
  });
}

/**
 * Whose voice a track carries now; null: nobody's.
 *
 * @param heard who is in each slot, from slot 1.
 */
export function speakerOf(
  { participantId, slot }: Pick<RemoteTrack, 'participantId' | 'slot'>,
  heard: readonly (string | null)[],
): string | null {
  return (slot > 0 ? heard[slot - 1] : participantId) || null;
}

/**
 * Ids of the tracks that are to be silent, so that no voice is heard twice: while voices move into
 * slots or out of them, both kinds are here for a moment, and the server sends both.
 *
 * @param ready ids of the consumers that the server sends for sure.
 */
export function doubledVoices(tracks: RemoteTracks, ready: ReadonlySet<string>): ReadonlySet<string> {
  const voices = [...tracks.values()].filter((track) => track.source === causeway.Source.SOURCE_MICROPHONE && !track.lost);
  const slotsPlay = voices.some((track) => track.slot > 0 && ready.has(track.consumerId));
  return new Set(slotsPlay ? voices.filter((track) => track.slot === 0).map((track) => track.consumerId) : []);
}

function filtered(tracks: RemoteTracks, keep: (track: RemoteTrack) => boolean): RemoteTracks {
  const kept = new Map([...tracks].filter(([, track]) => keep(track)));
  return kept.size === tracks.size ? tracks : kept;
}

function changed(tracks: RemoteTracks, change: (track: RemoteTrack) => RemoteTrack): RemoteTracks {
  const next = new Map([...tracks].map(([key, track]) => [key, change(track)]));
  return [...next].every(([key, track]) => tracks.get(key) === track) ? tracks : next;
}
