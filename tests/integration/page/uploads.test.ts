/** The page's side of uploads against a real server, over a network that breaks. */
import { createHash, randomBytes } from 'node:crypto';
import { createServer as createHttpServer, request } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ConversationFace } from '../../../src/chat/ports.js';
import { CausewayError } from '../../../src/platform/errors.js';
import type { Principal } from '../../../src/platform/principal.js';
import { RpcError } from '../../../web/src/core/rpc-error';
import { startUpload, type UploadOptions } from '../../../web/src/core/uploads';
import { waitFor } from '../../support/index.js';
import { FilesWorld } from '../chat/attachments/files-world.js';

/** Between page and server: cuts the connection after so many bytes, or lets nobody through. */
class Network {
  /** Bytes to the server until the next cut. */
  cutAfter = Number.POSITIVE_INFINITY;
  cuts = 0;
  refused = 0;
  online = true;
  readonly page = new EventTarget();
  readonly #sockets = new Set<Socket>();
  readonly #server;

  constructor(port: number) {
    this.#server = createServer((near) => {
      if (!this.online) {
        this.refused += 1;
        near.destroy();
        return;
      }
      const far = connect(port, '127.0.0.1');
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(one);
        one.on('error', () => other.destroy());
        one.on('close', () => {
          this.#sockets.delete(one);
          other.destroy();
        });
      }
      far.pipe(near);
      near.on('data', (bytes) => {
        far.write(bytes);
        this.cutAfter -= bytes.length;
        if (this.cutAfter > 0) return;
        this.cutAfter = Number.POSITIVE_INFINITY;
        this.cuts += 1;
        // What is on its way still arrives.
        far.end();
        near.destroy();
      });
    });
  }

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address: AddressInfo | string | null = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return `http://127.0.0.1:${address.port}`;
  }

  set(online: boolean): void {
    this.online = online;
    if (!online) for (const socket of this.#sockets) socket.destroy();
    this.page.dispatchEvent(new Event(online ? 'online' : 'offline'));
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

let world: FilesWorld;
let ada: Principal;
let team: ConversationFace;
let network: Network;
let base: string;
beforeAll(async () => {
  world = await FilesWorld.open({ config: { CHAT_ATTACHMENT_BYTES: 30_000_000 } });
  ada = await world.person('Ada');
  team = await world.office.conversation([ada]);
});
afterAll(() => world?.close());
beforeEach(async () => {
  network = new Network(Number(new URL(world.node.url).port));
  base = await network.open();
});
afterEach(() => {
  network.close();
  world.refuse = () => undefined;
});

const start = (bytes: Uint8Array, over: Partial<UploadOptions> = {}) =>
  startUpload(
    {
      conversationId: team.id,
      file: new Blob([Buffer.from(bytes)]),
      name: '報告 final.bin',
      language: 'en',
      token: async () => ada.personId,
      ...over,
    },
    { base, page: network.page, online: () => network.online, now: Date.now },
  );
const hex = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const codeOf = async (work: Promise<unknown>): Promise<string> => {
  const thrown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof RpcError) return thrown.code;
  throw thrown;
};

describe('An upload of the page', () => {
  it.each([0, 5, 512 * 1_024, 512 * 1_024 + 1, 5_000_000])('of %i bytes arrives whole', async (size) => {
    const bytes = randomBytes(size);
    const seen: number[] = [];
    const upload = await start(bytes, { onProgress: (part) => seen.push(part) }).done;
    expect(upload).toMatchObject({ name: '報告 final.bin', size, complete: true, sha256: hex(bytes) });
    expect(seen.at(-1)).toBe(1);
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
  });

  it('goes on where it stood when the connection is cut, again and again', async () => {
    const bytes = randomBytes(6_000_000);
    network.cutAfter = 700_000;
    const upload = await start(bytes, {
      onProgress: (part) => {
        if (part < 0.8 && network.cuts < 4 && network.cutAfter === Number.POSITIVE_INFINITY) network.cutAfter = 400_000;
      },
    }).done;
    expect(upload.sha256).toBe(hex(bytes));
    expect(network.cuts).toBeGreaterThanOrEqual(2);
  });

  it('rests while there is no network, and goes on when it is back', async () => {
    const bytes = randomBytes(4_000_000);
    let gone = false;
    const { done } = start(bytes, {
      onProgress: (part) => {
        if (part <= 0.2 || gone) return;
        gone = true;
        network.set(false);
      },
    });
    await waitFor(() => gone, 'the network to go');
    expect(network.refused).toBe(0);
    network.set(true);
    expect((await done).sha256).toBe(hex(bytes));
  });

  it('sends smaller pieces where a proxy on the way takes no large ones', async () => {
    const proxy = createHttpServer((incoming, outgoing) => {
      if (Number(incoming.headers['content-length'] ?? 0) > 100_000) {
        incoming.resume();
        outgoing.writeHead(413, { 'content-type': 'text/html' }).end('<h1>413 Request Entity Too Large</h1>');
        return;
      }
      const { method, headers, url } = incoming;
      const onward = request(`${world.node.url}${url}`, { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 0, answer.headers);
        answer.pipe(outgoing);
      });
      onward.on('error', () => outgoing.destroy());
      incoming.pipe(onward);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    try {
      const address = proxy.address();
      if (address === null || typeof address === 'string') throw new Error('no port');
      base = `http://127.0.0.1:${address.port}`;
      const bytes = randomBytes(300_000);
      expect((await start(bytes).done).sha256).toBe(hex(bytes));
    } finally {
      proxy.close();
      proxy.closeAllConnections();
    }
  });

  it('that was cancelled is taken back', async () => {
    const begun = await new Promise<ReturnType<typeof start>>((resolve) => {
      const upload: ReturnType<typeof start> = start(randomBytes(5_000_000), {
        onProgress: (part) => {
          if (part > 0) resolve(upload);
        },
      });
      upload.done.catch(() => undefined);
    });
    begun.cancel();
    begun.cancel();
    await expect(begun.done).rejects.toMatchObject({ name: 'AbortError' });
    await waitFor(async () => {
      const rows = await world.office.database.query('select 1 from attachments where sha256 is null');
      return rows.length === 0;
    }, 'nothing to be left');
  });

  it('says why it was refused, in the language that was asked for', async () => {
    expect(await codeOf(start(new Uint8Array(30_000_001)).done)).toBe('UPLOAD_TOO_LARGE');
    expect(await codeOf(start(Buffer.from('abc'), { conversationId: crypto.randomUUID() }).done)).toBe('CHAT_NOT_FOUND');
    await expect(start(new Uint8Array(30_000_001), { language: 'zh-Hant' }).done).rejects.toMatchObject({
      message: expect.stringContaining('檔案太大'),
    });
    world.refuse = ({ acknowledged }) => {
      if (!acknowledged) throw new CausewayError('CHAT_DLP_WARNED', { fill: { rule: 'files', what: 'a file' } });
    };
    expect(await codeOf(start(Buffer.from('abc')).done)).toBe('CHAT_DLP_WARNED');
    expect((await start(Buffer.from('abc'), { acknowledged: true, reason: 'the client asked' }).done).complete).toBe(true);
  });

  it('takes a new token when the old one has ended', async () => {
    const tokens = ['ended', ada.personId];
    const upload = await start(Buffer.from('abc'), { token: async () => tokens.shift() ?? ada.personId }).done;
    expect(upload.complete).toBe(true);
  });

  it('is not begun again when nobody is signed in', async () => {
    const token = async () => {
      throw new RpcError('AUTH_REQUIRED', 'Sign in first.', false);
    };
    expect(await codeOf(start(Buffer.from('abc'), { token }).done)).toBe('AUTH_REQUIRED');
  });
});
