/**
 * The yardstick: mediasoup with as little around it as works, in a process of its own. Everybody
 * gets what everybody before sends; between workers a producer is piped once. No rights, no state,
 * no limits.
 */
import { createServer, type IncomingMessage } from 'node:http';
import { createWorker, type types as mediasoup } from 'mediasoup';
import type { OfferedTransport } from './entrance.js';

export interface BareConsumer {
  readonly id: string;
  readonly producerId: string;
  readonly kind: mediasoup.MediaKind;
  readonly rtpParameters: mediasoup.RtpParameters;
}

export interface BareCalls {
  readonly join: {
    readonly request: { readonly sends: boolean; readonly worker: number | null; readonly rtpCapabilities: mediasoup.RtpCapabilities };
    readonly reply: {
      readonly send: OfferedTransport | null;
      readonly receive: OfferedTransport;
      readonly consumers: readonly BareConsumer[];
    };
  };
  readonly connect: {
    readonly request: { readonly transportId: string; readonly dtlsParameters: mediasoup.DtlsParameters };
    readonly reply: Record<string, never>;
  };
  readonly produce: {
    readonly request: { readonly transportId: string; readonly kind: mediasoup.MediaKind; readonly rtpParameters: mediasoup.RtpParameters };
    readonly reply: { readonly id: string };
  };
  readonly resume: { readonly request: { readonly consumerIds: readonly string[] }; readonly reply: Record<string, never> };
  readonly leave: { readonly request: { readonly transportIds: readonly string[] }; readonly reply: Record<string, never> };
}

type Call<Name extends keyof BareCalls> = (request: BareCalls[Name]['request']) => Promise<BareCalls[Name]['reply']>;

interface Place {
  readonly worker: mediasoup.Worker;
  readonly server: mediasoup.WebRtcServer;
  readonly router: mediasoup.Router;
  /** Producers that are here already: their own, and those piped. */
  readonly present: Map<string, Promise<unknown>>;
}

const mediaCodecs: mediasoup.RouterRtpCodecCapability[] = [
  { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2, parameters: { minptime: 10, useinbandfec: 1, usedtx: 1 } },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
];
/** As the product's (src/media/listen-infos.ts). */
const bufferBytes = 4 * 1024 * 1024;
const iceConsentTimeout = 20;

const places = await Promise.all(Array.from({ length: Number(process.argv[2] ?? 1) }, open));
const transports = new Map<string, { transport: mediasoup.WebRtcTransport; place: Place }>();
const producers = new Map<string, { producer: mediasoup.Producer; place: Place }>();
const consumers = new Map<string, mediasoup.Consumer>();
let turn = 0;

const calls: { readonly [Name in keyof BareCalls]: Call<Name> } = {
  join: async ({ sends, worker, rtpCapabilities }) => {
    const place = places[worker ?? (sends ? 0 : turn++ % places.length)];
    if (!place) throw new Error('There is no such worker.');
    const receive = await newTransport(place);
    const send = sends ? await newTransport(place) : null;
    const offered: BareConsumer[] = [];
    for (const { producer, place: from } of producers.values()) {
      await bring(producer.id, from, place);
      const consumer = await receive.consume({ producerId: producer.id, rtpCapabilities, paused: true });
      consumers.set(consumer.id, consumer);
      consumer.observer.once('close', () => consumers.delete(consumer.id));
      offered.push({ id: consumer.id, producerId: producer.id, kind: consumer.kind, rtpParameters: consumer.rtpParameters });
    }
    return { send: send && offer(send), receive: offer(receive), consumers: offered };
  },
  connect: async ({ transportId, dtlsParameters }) => {
    await find(transportId).transport.connect({ dtlsParameters });
    return {};
  },
  produce: async ({ transportId, kind, rtpParameters }) => {
    const { transport, place } = find(transportId);
    const producer = await transport.produce({ kind, rtpParameters });
    producers.set(producer.id, { producer, place });
    producer.observer.once('close', () => producers.delete(producer.id));
    return { id: producer.id };
  },
  resume: async ({ consumerIds }) => {
    await Promise.all(consumerIds.map((id) => consumers.get(id)?.resume()));
    return {};
  },
  leave: async ({ transportIds }) => {
    for (const id of transportIds) transports.get(id)?.transport.close();
    return {};
  },
};

/** Both ends are of one program: an entrance sends what the call takes. */
const byName = new Map<string, (body: string) => Promise<unknown>>([
  ['join', (body) => calls.join(JSON.parse(body))],
  ['connect', (body) => calls.connect(JSON.parse(body))],
  ['produce', (body) => calls.produce(JSON.parse(body))],
  ['resume', (body) => calls.resume(JSON.parse(body))],
  ['leave', (body) => calls.leave(JSON.parse(body))],
]);

const http = createServer((request, response) => {
  answer(request).then(
    (reply) => response.end(JSON.stringify(reply)),
    (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.message : String(error)),
  );
});
// Connections stay: one that ends while the next request is on its way would lose it.
http.keepAliveTimeout = 0;
http.listen(0, '127.0.0.1', () => {
  const address = http.address();
  const port = typeof address === 'object' ? address?.port : 0;
  process.send?.({ url: `http://127.0.0.1:${port}`, workers: places.map(({ worker }) => worker.pid) });
});
process.once('disconnect', () => process.exit());

async function answer(request: IncomingMessage): Promise<unknown> {
  const name = (request.url ?? '').slice(1);
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const call = byName.get(name);
  if (!call) throw new Error(`There is no call ${name}.`);
  return call(Buffer.concat(chunks).toString());
}

async function open(): Promise<Place> {
  const worker = await createWorker({ logLevel: 'warn' });
  const server = await worker.createWebRtcServer({
    listenInfos: [{ protocol: 'udp', ip: '127.0.0.1', sendBufferSize: bufferBytes, recvBufferSize: bufferBytes }],
  });
  return { worker, server, router: await worker.createRouter({ mediaCodecs }), present: new Map() };
}

async function newTransport(place: Place): Promise<mediasoup.WebRtcTransport> {
  const transport = await place.router.createWebRtcTransport({ webRtcServer: place.server, iceConsentTimeout });
  transports.set(transport.id, { transport, place });
  transport.observer.once('close', () => transports.delete(transport.id));
  return transport;
}

/** Once for each producer and place, whoever comes first. */
async function bring(producerId: string, from: Place, to: Place): Promise<void> {
  if (from === to) return;
  const coming = to.present.get(producerId) ?? from.router.pipeToRouter({ producerId, router: to.router });
  to.present.set(producerId, coming);
  await coming;
}

function find(transportId: string): { transport: mediasoup.WebRtcTransport; place: Place } {
  const found = transports.get(transportId);
  if (!found) throw new Error('There is no such transport.');
  return found;
}

function offer({ id, iceParameters, iceCandidates, dtlsParameters }: mediasoup.WebRtcTransport): OfferedTransport {
  return { id, iceParameters, iceCandidates, dtlsParameters };
}
