/** Into the bare mediasoup script: the same steps, by HTTP on loopback. */
import type { types as mediasoup } from 'mediasoup';
import type { BareCalls } from './bare-server.js';
import { type Entrance, offeredStream, type Setup, type Source } from './entrance.js';
import { rtpCapabilities } from './parameters.js';

export interface BareEntranceOptions {
  readonly url: string;
  readonly sends: boolean;
  /** Which of the workers; by turns when it is not given. */
  readonly worker?: number;
}

export class BareEntrance implements Entrance {
  readonly #options: BareEntranceOptions;
  #transports: string[] = [];

  constructor(options: BareEntranceOptions) {
    this.#options = options;
  }

  async join(): Promise<Setup> {
    const { sends, worker } = this.#options;
    const { send, receive, consumers } = await this.#call('join', { sends, worker: worker ?? null, rtpCapabilities });
    this.#transports = [receive.id, ...(send ? [send.id] : [])];
    return { send: send ?? undefined, receive, streams: consumers.map((one) => offeredStream(one, one.kind, one.rtpParameters)) };
  }

  async connect(transportId: string, dtlsParameters: mediasoup.DtlsParameters): Promise<void> {
    await this.#call('connect', { transportId, dtlsParameters });
  }

  async produce(transportId: string, source: Source, rtpParameters: mediasoup.RtpParameters): Promise<string> {
    const { id } = await this.#call('produce', { transportId, kind: source === 'camera' ? 'video' : 'audio', rtpParameters });
    return id;
  }

  async resume(consumerIds: readonly string[]): Promise<void> {
    if (consumerIds.length > 0) await this.#call('resume', { consumerIds });
  }

  /** Everybody gets everything. */
  async show(): Promise<void> {}

  async speaking(): Promise<void> {}

  async close(): Promise<void> {
    await this.#call('leave', { transportIds: this.#transports });
  }

  async #call<Name extends keyof BareCalls>(name: Name, request: BareCalls[Name]['request']): Promise<BareCalls[Name]['reply']> {
    const answer = await fetch(`${this.#options.url}/${name}`, { method: 'POST', body: JSON.stringify(request) });
    if (!answer.ok) throw new Error(`The bare script answered ${answer.status}: ${await answer.text()}`);
    const reply: BareCalls[Name]['reply'] = JSON.parse(await answer.text());
    return reply;
  }
}
