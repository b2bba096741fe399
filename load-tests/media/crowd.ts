/**
 * Generated people, spread over processes: those who send in one, those who only receive in the
 * others, so that a burst of arrivals does not delay what is sent.
 */
import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { Histogram } from '../lib/histogram.js';
import type { AttendeeSettings, Joined } from './attendee.js';
import type { CrowdCalls, CrowdReading, CrowdReply, VoiceHeard, Way } from './crowd-calls.js';
import type { Kind } from './tally.js';
import type { Clip } from './video-source.js';

/** What all have received since the mark. */
export interface CrowdTotal {
  readonly seconds: number;
  readonly streams: number;
  readonly silent: number;
  readonly packets: number;
  readonly bytes: number;
  readonly lost: number;
  readonly dropped: number;
  readonly unknownPackets: number;
  readonly sent: { readonly audio: number; readonly video: number };
  readonly firstPictureMs: readonly number[];
  readonly troubles: readonly string[];
  /** Of those from one worker, or of all. */
  delays(of?: { readonly kind?: Kind; readonly port?: number }): Histogram;
  /** Of packets that came without a server between. */
  readonly ownDelays: Histogram;
  /** Packets by the port of the worker that sent them. */
  readonly packetsByPort: ReadonlyMap<number, number>;
}

class CrowdProcess {
  readonly #child: ChildProcess;
  readonly #calls = new Map<number, { resolve: (reply: unknown) => void; reject: (error: Error) => void }>();
  #lastId = 0;
  #closing = false;

  constructor() {
    this.#child = fork(path.join(import.meta.dirname, 'crowd-process.ts'), [], {
      execArgv: ['--import', import.meta.resolve('tsx')],
      serialization: 'advanced',
    });
    this.#child.on('message', ({ id, error, reply }: CrowdReply) => {
      const call = this.#calls.get(id);
      this.#calls.delete(id);
      if (error === undefined) call?.resolve(reply);
      else call?.reject(new Error(error));
    });
    this.#child.once('exit', (code, signal) => {
      for (const { reject } of this.#calls.values()) reject(new Error(`A process of the load generator ended (${code ?? signal}).`));
      this.#calls.clear();
      this.#closing = true;
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  call<Name extends keyof CrowdCalls>(name: Name, request: CrowdCalls[Name]['request']): Promise<CrowdCalls[Name]['reply']> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      if (this.#closing) throw new Error('The load generator has ended.');
      // The process answers a call with what the call answers.
      this.#calls.set(id, { resolve: (reply) => resolve(reply as CrowdCalls[Name]['reply']), reject });
      this.#child.send({ id, name, request });
    });
  }

  close(): void {
    this.#closing = true;
    if (this.#child.connected) this.#child.disconnect();
  }
}

export class Crowd {
  readonly #senders: CrowdProcess;
  readonly #receivers: readonly CrowdProcess[];
  /** Who is in, and where. */
  readonly #places = new Map<number, CrowdProcess>();
  #turn = 0;

  /** With `receivers` processes for those who only receive; 0: all are in one. */
  constructor(receivers: number) {
    this.#senders = new CrowdProcess();
    this.#receivers = receivers === 0 ? [this.#senders] : Array.from({ length: receivers }, () => new CrowdProcess());
  }

  get pids(): number[] {
    return this.#processes.map(({ pid }) => pid);
  }

  get numbers(): number[] {
    return [...this.#places.keys()];
  }

  async open(settings: AttendeeSettings, way: Way): Promise<Joined> {
    const sends = settings.camera ?? settings.microphone;
    this.#turn += 1;
    const process = sends ? this.#senders : this.#receivers[this.#turn % this.#receivers.length]!;
    const joined = await process.call('open', { settings, way });
    this.#places.set(settings.number, process);
    return joined;
  }

  async giveClips(clips: readonly (readonly Clip[])[]): Promise<void> {
    await this.#senders.call('giveClips', { clips: clips.map((person) => [...person]) });
  }

  async leave(numbers: readonly number[]): Promise<void> {
    await Promise.all(
      this.#processes.map((process) =>
        process.call('close', { numbers: numbers.filter((number) => this.#places.get(number) === process) }),
      ),
    );
    for (const number of numbers) this.#places.delete(number);
  }

  async show(number: number, producerIds: readonly string[], size: { width: number; height: number }): Promise<void> {
    await this.#places.get(number)?.call('show', { number, producerIds, size });
  }

  /** Gives the time, microseconds of the machine's clock. */
  async speak(number: number, on: boolean): Promise<number> {
    const place = this.#places.get(number);
    if (!place) throw new Error(`Attendee ${number} is not in.`);
    return (await place.call('speak', { number, on })).at;
  }

  /** From now on packets also go from the senders' process straight to those of the receivers. */
  async measureOwnDelay(): Promise<void> {
    const ports = await Promise.all(this.#receivers.map((process) => process.call('listen', null)));
    await this.#senders.call('sendTo', { ports });
  }

  async obey(on: boolean): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.call('obey', { on })));
  }

  async awaitVoice(speaker: number): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.call('awaitVoice', { speaker })));
  }

  async voices(): Promise<VoiceHeard[]> {
    return (await Promise.all(this.#processes.map((process) => process.call('voices', null)))).flat();
  }

  async mark(): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.call('mark', null)));
  }

  async read(): Promise<CrowdTotal> {
    return total(await Promise.all(this.#processes.map((process) => process.call('read', null))));
  }

  /** Idempotent. */
  close(): void {
    for (const process of this.#processes) process.close();
  }

  get #processes(): CrowdProcess[] {
    return [...new Set([this.#senders, ...this.#receivers])];
  }
}

function total(readings: readonly CrowdReading[]): CrowdTotal {
  const counts = readings.flatMap((reading) => reading.counts);
  const sum = <Item>(items: readonly Item[], of: (item: Item) => number): number => items.reduce((all, item) => all + of(item), 0);
  const packetsByPort = new Map<number, number>();
  for (const { port, packets } of counts) packetsByPort.set(port, (packetsByPort.get(port) ?? 0) + packets);
  const ownDelays = new Histogram('us');
  for (const reading of readings) ownDelays.merge(reading.ownDelays);
  return {
    ownDelays,
    seconds: Math.max(...readings.map(({ seconds }) => seconds)),
    streams: sum(counts, ({ streams }) => streams),
    silent: sum(counts, ({ silent }) => silent),
    packets: sum(counts, ({ packets }) => packets),
    bytes: sum(counts, ({ bytes }) => bytes),
    lost: sum(counts, ({ lost }) => lost),
    dropped: sum(readings, ({ dropped }) => dropped),
    unknownPackets: sum(readings, ({ unknownPackets }) => unknownPackets),
    sent: { audio: sum(readings, ({ sent }) => sent.audio), video: sum(readings, ({ sent }) => sent.video) },
    firstPictureMs: readings.flatMap(({ firstPictureMs }) => firstPictureMs),
    troubles: readings.flatMap(({ troubles }) => troubles),
    delays: ({ kind, port } = {}) => {
      const all = new Histogram('us');
      for (const count of counts)
        if ((kind === undefined || count.kind === kind) && (port === undefined || count.port === port)) all.merge(count.delays);
      return all;
    },
    packetsByPort,
  };
}
