import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { causeway } from '#proto';
import { ChatOutbox } from '@/core/chat-outbox';
import { ChatStore } from '@/core/chat-store';
import type { Pending } from '@/core/conversation-log';
import { RpcError } from '@/core/rpc-error';

/** Stores each client id once, as the server does; what becomes of the answer is the test's to say. */
class Server {
  readonly stored: string[] = [];
  readonly #ids = new Map<string, number>();
  /** Of the next calls: lost before the server, lost after it, refused with a code. */
  fates: ('lost' | 'unanswered' | `CHAT_${string}`)[] = [];
  readonly requests: causeway.SendRequest[] = [];

  readonly rpc = new causeway.ChatService((_method, payload, done) => {
    const request = causeway.SendRequest.decode(payload);
    this.requests.push(new causeway.SendRequest(request));
    const fate = this.fates.shift();
    if (fate === 'lost') return done(RpcError.local('SOCKET_LOST'));
    if (fate?.startsWith('CHAT_')) return done(new RpcError(fate, 'No.', false));
    const { clientId, body } = new causeway.SendRequest(request);
    if (!this.#ids.has(clientId)) {
      this.stored.push(body);
      this.#ids.set(clientId, this.stored.length);
    }
    if (fate === 'unanswered') return done(RpcError.local('SOCKET_LOST'));
    done(null, causeway.SendReply.encode({ number: this.#ids.get(clientId) ?? 0, sentAtMs: 1 }).finish());
  });
}

let server: Server;
let store: ChatStore;
let open: boolean;
let bounced: Pending[];
let outbox: ChatOutbox;

beforeEach(() => {
  vi.useFakeTimers();
  server = new Server();
  store = new ChatStore();
  open = true;
  bounced = [];
  outbox = new ChatOutbox({
    rpc: server.rpc,
    store,
    isOpen: () => open,
    now: () => 1,
    acknowledged: () => undefined,
    bounced: (pending) => bounced.push(pending),
  });
});
afterEach(() => {
  outbox.close();
  vi.useRealTimers();
});

const waiting = (): readonly Pending[] => store.get().pending.get('x') ?? [];
const write = (body: string): string => outbox.add({ conversationId: 'x', body });

describe('what was written and is not acknowledged', () => {
  it('is there once and in order, whichever calls and answers are lost', async () => {
    server.fates = ['unanswered', 'lost', 'unanswered', 'lost', 'unanswered'];
    for (const body of ['one', 'two', 'three']) write(body);
    await vi.runAllTimersAsync();
    expect(server.stored).toEqual(['one', 'two', 'three']);
    expect(waiting()).toEqual([]);
  });

  it('waits for the network, and keeps its id', async () => {
    open = false;
    const id = write('in the tunnel');
    await vi.runAllTimersAsync();
    expect(server.requests).toEqual([]);
    open = true;
    outbox.flush();
    await vi.runAllTimersAsync();
    expect(server.requests.map(({ clientId }) => clientId)).toEqual([id]);
  });

  it('is sent from before a reload too, once', async () => {
    open = false;
    write('before the reload');
    const kept = waiting();
    store.update({ pending: new Map() });
    open = true;
    outbox.restore(kept);
    outbox.restore(kept);
    await vi.runAllTimersAsync();
    expect(server.stored).toEqual(['before the reload']);
  });

  it('asks for an answer where a rule warns, and does not keep others waiting', async () => {
    server.fates = ['CHAT_DLP_WARNED'];
    const id = write('my HKID');
    write('and this');
    await vi.runAllTimersAsync();
    expect(server.stored).toEqual(['and this']);
    expect(waiting()).toMatchObject([{ refusal: { code: 'CHAT_DLP_WARNED' } }]);
    outbox.retry('x', id, { dlpAcknowledged: true });
    await vi.runAllTimersAsync();
    expect(server.requests.at(-1)).toMatchObject({ clientId: id, dlpAcknowledged: true });
    expect(server.stored).toEqual(['and this', 'my HKID']);
  });

  it('gives a blocked text back', async () => {
    server.fates = ['CHAT_DLP_BLOCKED'];
    write('a secret');
    await vi.runAllTimersAsync();
    expect(bounced.map(({ body }) => body)).toEqual(['a secret']);
    expect(server.stored).toEqual([]);
  });
});
