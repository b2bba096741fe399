/**
 * Forty-nine cameras without forty-nine encoders: one page encodes a few pictures, and pipes between
 * two routers make many producers of each, with all their layers and their own key-frame requests.
 */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { createWorker, type types as mediasoup } from 'mediasoup';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import { mediaCodecs } from '../../../src/media/codecs.js';
import type { RoomProducer } from '../../../src/media/producer.js';
import type { TestBrowser, Visitor } from '../../support/browser.js';
import { freePort } from '../../support/free-port.js';
import { UdpRelay } from '../../support/udp-relay.js';
import type { OfferJson } from './gallery-page.js';

export interface Sent {
  readonly pictures: number;
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
  readonly sound: boolean;
}

export interface Receiver {
  readonly visitor: Visitor;
  readonly page: Page;
  readonly transport: mediasoup.WebRtcTransport;
  readonly relay: UdpRelay;
  readonly rtpCapabilities: mediasoup.RtpCapabilities;
}

const origin = 'http://localhost:9';

export class GalleryWorld {
  readonly worker: mediasoup.Worker;
  readonly #browser: TestBrowser;
  readonly #server: mediasoup.WebRtcServer;
  readonly #port: number;
  readonly #script: string;
  /** Where the page sends to. */
  readonly #source: mediasoup.Router;
  /** Where the pictures are shown from. */
  readonly #room: mediasoup.Router;
  readonly #sent: mediasoup.Producer[] = [];
  readonly #receivers: Receiver[] = [];
  #microphone: mediasoup.Producer | undefined;

  private constructor(parts: {
    worker: mediasoup.Worker;
    browser: TestBrowser;
    server: mediasoup.WebRtcServer;
    port: number;
    script: string;
    routers: readonly [mediasoup.Router, mediasoup.Router];
  }) {
    this.worker = parts.worker;
    this.#browser = parts.browser;
    this.#server = parts.server;
    this.#port = parts.port;
    this.#script = parts.script;
    [this.#source, this.#room] = parts.routers;
  }

  static async open(browser: TestBrowser): Promise<GalleryWorld> {
    const script = await bundle(path.join(import.meta.dirname, 'gallery-page.ts'));
    const workerBin = process.env.MEDIASOUP_WORKER_BIN;
    const worker = await createWorker({ logLevel: 'error', ...(workerBin !== undefined && { workerBin }) });
    const port = await freePort();
    const server = await worker.createWebRtcServer({
      listenInfos: [{ protocol: 'udp', ip: '127.0.0.1', port, recvBufferSize: 4_194_304, sendBufferSize: 4_194_304 }],
    });
    const routers = [await worker.createRouter({ mediaCodecs }), await worker.createRouter({ mediaCodecs })] as const;
    return new GalleryWorld({ worker, browser, server, port, script, routers });
  }

  get microphone(): mediasoup.Producer {
    if (!this.#microphone) throw new Error('no sound is sent');
    return this.#microphone;
  }

  /** Begins to send, and waits until the worker receives every layer of every picture. */
  async publish(sent: Sent): Promise<void> {
    const transport = await this.#source.createWebRtcTransport({
      webRtcServer: this.#server,
      initialAvailableOutgoingBitrate: 1_000_000,
    });
    const { page } = await this.#page('publisher', async (method, json) => {
      if (method === 'connect') return connect(transport, json);
      const producer = await transport.produce({ ...JSON.parse(json), keyFrameRequestDelay: 400 });
      if (producer.kind === 'video') this.#sent.push(producer);
      else [this.#microphone] = await this.#copy([producer]);
      return producer.id;
    });
    await page.evaluate((options) => window.gallery.publish(options), { ...sent, offer: this.#offer(this.#source, transport, this.#port) });
  }

  get arriving(): boolean {
    return this.#sent.every(({ score }) => score.length > 0 && score.every((one) => one.score > 0));
  }

  /** As many producers as asked for, each with all the layers that the page sends. */
  async cameras(count: number): Promise<RoomProducer[]> {
    const cameras: RoomProducer[] = [];
    while (cameras.length < count) {
      for (const producer of await this.#copy(this.#sent.slice(0, count - cameras.length))) {
        const layered = { type: producer.type, encodings: producer.rtpParameters.encodings ?? [] };
        cameras.push({ id: producer.id, peerId: `peer ${cameras.length}`, source: 'camera', kind: 'video', producer, layered, slot: 0 });
      }
    }
    return cameras;
  }

  /** A page with a receive transport whose packets go through a relay of its own. */
  async receiver(name: string, { initialOutgoingBitrate }: { initialOutgoingBitrate: number }): Promise<Receiver> {
    const transport = await this.#room.createWebRtcTransport({
      webRtcServer: this.#server,
      initialAvailableOutgoingBitrate: initialOutgoingBitrate,
    });
    const relay = await UdpRelay.open({ port: this.#port });
    const visitor = await this.#page(name, (_method, json) => connect(transport, json));
    const { page } = visitor;
    const rtpCapabilities = await page.evaluate((offer) => window.gallery.prepare(offer), this.#offer(this.#room, transport, relay.port));
    const receiver = { visitor, page, transport, relay, rtpCapabilities };
    this.#receivers.push(receiver);
    return receiver;
  }

  async close(): Promise<void> {
    for (const { relay } of this.#receivers) relay.close();
    this.worker.close();
  }

  /** In the room, through a pipe of their own. */
  async #copy(originals: readonly mediasoup.Producer[]): Promise<mediasoup.Producer[]> {
    const [here, there] = await Promise.all([pipe(this.#source), pipe(this.#room)]);
    await Promise.all([
      here.connect({ ip: '127.0.0.1', port: there.tuple.localPort }),
      there.connect({ ip: '127.0.0.1', port: here.tuple.localPort }),
    ]);
    return Promise.all(
      originals.map(async (original) => {
        const { kind, rtpParameters } = await here.consume({ producerId: original.id });
        // Two routers of one worker can't both have a producer of the same id.
        return there.produce({ id: randomUUID(), kind, rtpParameters, keyFrameRequestDelay: 400 });
      }),
    );
  }

  #offer(router: mediasoup.Router, transport: mediasoup.WebRtcTransport, port: number): OfferJson {
    const { id, iceParameters, iceCandidates, dtlsParameters } = transport;
    const transportOptions = {
      id,
      iceParameters,
      iceCandidates: iceCandidates.map((candidate) => ({ ...candidate, port })),
      dtlsParameters,
    };
    return JSON.stringify({ rtpCapabilities: router.rtpCapabilities, transport: transportOptions });
  }

  async #page(name: string, answer: (method: string, json: string) => Promise<string>): Promise<Visitor> {
    const visitor = await this.#browser.visit(name);
    const { page } = visitor;
    // Devices are given to secure contexts, and localhost is one; nothing listens there.
    await page.route(`${origin}/**`, (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>gallery</title><body style="margin:0"></body>' }),
    );
    await page.exposeFunction('causewayTestCall', answer);
    await page.goto(`${origin}/`);
    await page.addScriptTag({ content: this.#script });
    return visitor;
  }
}

/** JSON of what the page consumes. */
export function consumersJson(consumers: readonly mediasoup.Consumer[]): string {
  return JSON.stringify(consumers.map(({ id, producerId, kind, rtpParameters }) => ({ id, producerId, kind, rtpParameters })));
}

async function connect(transport: mediasoup.WebRtcTransport, json: string): Promise<string> {
  await transport.connect(JSON.parse(json));
  return '';
}

function pipe(router: mediasoup.Router): Promise<mediasoup.PipeTransport> {
  return router.createPipeTransport({ listenInfo: { protocol: 'udp', ip: '127.0.0.1' }, enableSrtp: false, enableRtx: false });
}

/** One script that a page can run. */
async function bundle(entry: string): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    build: { write: false, minify: false, lib: { entry, formats: ['iife'], name: 'page' } },
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const [result] = Array.isArray(built) ? built : [built];
  if (!result || !('output' in result)) throw new Error('nothing was built');
  const [chunk] = result.output;
  return chunk.code;
}
