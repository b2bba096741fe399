/**
 * What this page receives: takes the server's offers, confirms them, and keeps the last picture of
 * everybody while one transport takes the place of another.
 */
import type { types } from 'mediasoup-client';
import { causeway } from '#proto';
import type { Change } from './connection-stats';
import {
  allLost,
  doubledVoices,
  isPicture,
  type RemoteTrack,
  type RemoteTracks,
  speakerOf,
  withFrozen,
  withoutConsumer,
  withoutLost,
  withStarved,
  withTrack,
} from './remote-tracks';

type Offer = causeway.ConsumerOptions.$Properties;

export interface ReceiverDeps {
  readonly meetingId: string;
  readonly rpc: causeway.MediaService;
  /** Who is heard through which slot, from slot 1. */
  readonly heard: () => readonly (string | null)[];
  /** Something about the tracks has changed. */
  readonly onTracks: (tracks: RemoteTracks) => void;
}

interface Live {
  readonly transport: types.Transport;
  readonly consumers: Map<string, types.Consumer>;
  /** Ids of the consumers that the server sends, or would if anything came. */
  readonly ready: Set<string>;
}

const keepLostMs = 6_000;
/** So many pictures are negotiated together with the sound in no time. */
const fewPictures = 4;

export class Receiver {
  readonly #deps: ReceiverDeps;
  #live: Live | null = null;
  #tracks: RemoteTracks = new Map();
  /** Offers that came while there was no transport. */
  #waiting: Offer[] = [];
  /** Transports that are dead and still hold the last pictures. */
  readonly #retired: types.Transport[] = [];
  /** Consumers that the server gives no bandwidth, and those of them that were so at the last look. */
  #starved: ReadonlySet<string> = new Set();
  #starvedBefore: ReadonlySet<string> = new Set();
  #lostTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(deps: ReceiverDeps) {
    this.#deps = deps;
  }

  /** How many consumers this page has of the transport that is live. */
  get count(): number {
    return this.#live?.consumers.size ?? 0;
  }

  /** Pictures that are shown and do not come for lack of bandwidth. */
  get starved(): number {
    return this.#starved.size;
  }

  /**
   * Receives through this transport from now on.
   *
   * @param soundFirst somebody who was heard before should be heard again before anything else.
   */
  async attach(transport: types.Transport, offers: readonly Offer[], soundFirst: boolean): Promise<void> {
    this.detach();
    const live: Live = { transport, consumers: new Map(), ready: new Set() };
    this.#live = live;
    const known = new Set(offers.map((offer) => offer.producerId));
    const late = this.#waiting.filter((offer) => !known.has(offer.producerId));
    this.#waiting = [];
    await this.#consume(live, [...offers, ...late], soundFirst);
  }

  /** The transport is gone. */
  detach(): void {
    const live = this.#live;
    if (!live) return;
    this.#live = null;
    this.#starved = new Set();
    // Marked before the tracks end, so that their last pictures are never shown as closed.
    this.#put(allLost(this.#tracks));
    // Its tracks would turn black at once if it were closed now.
    this.#retired.push(live.transport);
    clearTimeout(this.#lostTimer);
    this.#lostTimer = setTimeout(() => this.#forgetLost(), keepLostMs);
  }

  /** The server has forgotten what it offered. */
  forgetOffers(): void {
    this.#waiting = [];
  }

  close(): void {
    this.detach();
    clearTimeout(this.#lostTimer);
    this.#forgetLost();
  }

  async changed({ added, removed }: causeway.ConsumersChanged.$Properties): Promise<void> {
    for (const id of removed ?? []) this.#remove(id);
    const offers = added ?? [];
    if (!this.#live) this.#waiting.push(...offers);
    else if (offers.length > 0) await this.#consume(this.#live, offers, false);
  }

  /** Starved are these consumers, and no others. */
  setStarved(starved: ReadonlySet<string>): void {
    this.#starved = starved;
    this.#put(withStarved(this.#tracks, starved));
  }

  looked({ frozen, moving }: Change): void {
    // What a hidden page shows nobody sees, and the browser need not decode.
    this.#put(withFrozen(this.#tracks, document.visibilityState === 'visible' ? frozen : new Set()));
    // A picture that moves has bandwidth, whatever was said of it before.
    const moves = new Set([...this.#tracks.values()].filter((one) => moving.has(one.track.id)).map((one) => one.consumerId));
    const still = new Set([...this.#starved].filter((id) => !moves.has(id) || !this.#starvedBefore.has(id)));
    if (still.size < this.#starved.size) this.setStarved(still);
    this.#starvedBefore = still;
  }

  /** How loud each participant is right now, 0 to 1, by id. Read from the receivers, costs nothing. */
  levels(): ReadonlyMap<string, number> {
    const heard = this.#deps.heard();
    const levels = new Map<string, number>();
    for (const remote of this.#tracks.values()) {
      const id = speakerOf(remote, heard);
      if (remote.source !== causeway.Source.SOURCE_MICROPHONE || remote.lost || id === null) continue;
      const level = this.#live?.consumers.get(remote.consumerId)?.rtpReceiver?.getSynchronizationSources()[0]?.audioLevel ?? 0;
      levels.set(id, Math.max(level, levels.get(id) ?? 0));
    }
    return levels;
  }

  async #consume(live: Live, offers: readonly Offer[], soundFirst: boolean): Promise<void> {
    const pictures = offers.filter((offer) => isPicture(offer.source ?? causeway.Source.SOURCE_UNSPECIFIED));
    const sounds = offers.filter((offer) => !pictures.includes(offer));
    if (sounds.length === 0 || pictures.length === 0 || (!soundFirst && pictures.length <= fewPictures)) {
      await this.#confirm(live, await this.#create(live, offers));
      return;
    }
    const heard = this.#confirm(live, await this.#create(live, sounds));
    await this.#confirm(live, await this.#create(live, pictures));
    await heard;
  }

  /** Asked for all at once, mediasoup-client makes one negotiation of them. */
  async #create(live: Live, offers: readonly Offer[]): Promise<string[]> {
    const made = await Promise.allSettled(offers.map((offer) => this.#createOne(live, offer)));
    return made.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  }

  async #createOne(live: Live, offer: Offer): Promise<string> {
    const { id, producerId, participantId, source, slot, rtpParameters } = new causeway.ConsumerOptions(offer);
    const isScreen = source === causeway.Source.SOURCE_SCREEN || source === causeway.Source.SOURCE_SCREEN_AUDIO;
    const consumer = await live.transport.consume({
      id,
      producerId,
      kind: isPicture(source) ? 'video' : 'audio',
      rtpParameters: JSON.parse(rtpParameters || '{}'),
      // Sound and picture of one source share a stream, so that the browser keeps them in step.
      streamId: slot > 0 ? `slot-${slot}` : `${participantId}-${isScreen ? 'screen' : 'person'}`,
    });
    live.consumers.set(id, consumer);
    if (this.#live !== live) return id;
    const track: RemoteTrack = {
      consumerId: id,
      producerId,
      participantId,
      slot,
      source,
      track: consumer.track,
      stream: new MediaStream([consumer.track]),
      lost: false,
      frozen: false,
      starved: this.#starved.has(id),
    };
    this.#put(withTrack(this.#tracks, track));
    this.#silenceDoubles(live);
    return id;
  }

  /** The page has them: the server may send. */
  async #confirm(live: Live, consumerIds: string[]): Promise<void> {
    if (this.#live !== live || consumerIds.length === 0) return;
    await this.#deps.rpc.resumeConsumers({ meetingId: this.#deps.meetingId, consumerIds }).catch(() => undefined);
    for (const id of consumerIds) live.ready.add(id);
    if (this.#live === live) this.#silenceDoubles(live);
  }

  #remove(id: string): void {
    this.#waiting = this.#waiting.filter((offer) => offer.id !== id);
    const live = this.#live;
    live?.consumers.get(id)?.close();
    live?.consumers.delete(id);
    live?.ready.delete(id);
    this.#put(withoutConsumer(this.#tracks, id));
    if (live) this.#silenceDoubles(live);
  }

  #silenceDoubles(live: Live): void {
    const doubled = doubledVoices(this.#tracks, live.ready);
    for (const [id, consumer] of live.consumers) if (consumer.kind === 'audio') consumer.track.enabled = !doubled.has(id);
  }

  #forgetLost(): void {
    for (const transport of this.#retired.splice(0)) transport.close();
    this.#put(withoutLost(this.#tracks));
  }

  #put(tracks: RemoteTracks): void {
    if (tracks === this.#tracks) return;
    this.#tracks = tracks;
    this.#deps.onTracks(tracks);
  }
}
