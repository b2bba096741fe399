import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { causeway } from '#proto';
import { Socket } from '../../../../web/src/core/socket';
import { tokenLifeLeft } from '../../../../web/src/core/token-life';
import type { WireHandlers } from '../../../../web/src/core/wire';

/** A gateway that says what the test tells it to say, over real sockets. */
class Gateway {
  readonly hellos: causeway.Hello[] = [];
  readonly requests: string[] = [];
  answer: (request: causeway.Request, peer: Peer) => void = () => undefined;
  welcome: (hello: causeway.Hello) => causeway.Welcome.$Properties | null = () => ({
    sessionId: 's1',
    resumeSecret: 'secret',
    resumed: false,
  });
  readonly #server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  readonly listening: Promise<void>;
  #peer: Peer | null = null;

  constructor() {
    this.listening = new Promise((resolve) => this.#server.once('listening', resolve));
    this.#server.on('connection', (socket) => {
      const peer = new Peer(socket);
      this.#peer = peer;
      socket.on('message', (data: Buffer) => {
        const frame = causeway.ClientFrame.decode(data);
        if (frame.hello) {
          const hello = new causeway.Hello(frame.hello);
          this.hellos.push(hello);
          const welcome = this.welcome(hello);
          if (welcome) peer.say({ welcome });
        }
        if (frame.request) {
          const request = new causeway.Request(frame.request);
          this.requests.push(request.method);
          this.answer(request, peer);
        }
      });
    });
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return `ws://127.0.0.1:${address.port}`;
  }

  get peer(): Peer {
    if (!this.#peer) throw new Error('nobody is there');
    return this.#peer;
  }

  async close(): Promise<void> {
    for (const client of this.#server.clients) client.terminate();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

class Peer {
  constructor(readonly socket: WebSocket) {}
  say(frame: causeway.ServerFrame.$Properties): void {
    this.socket.send(causeway.ServerFrame.encode(frame).finish());
  }
  reply(id: number, payload: Uint8Array = new Uint8Array()): void {
    this.say({ reply: { id, payload } });
  }
  locked(number: number): void {
    this.say({ event: { topic: 'meeting/m', number, meeting: { lockChanged: { locked: number % 2 === 1 } } } });
  }
}

function connect(url: string, handlers: WireHandlers) {
  const client = new WebSocket(url);
  client.on('open', handlers.open);
  client.on('message', (data: Buffer) => handlers.message(new Uint8Array(data)));
  client.on('close', handlers.close);
  client.on('error', () => undefined);
  return { send: (bytes: Uint8Array) => client.send(bytes), close: (code?: number) => client.close(code) };
}

function until<Value>(listen: (done: (value: Value) => void) => void): Promise<Value> {
  return new Promise((resolve) => listen(resolve));
}

let gateway: Gateway;
let socket: Socket;

beforeEach(async () => {
  gateway = new Gateway();
  await gateway.listening;
  socket = new Socket({ urls: [gateway.url], language: 'en', client: 'test', accessToken: async () => 'token', connect });
});
afterEach(async () => {
  socket.close();
  await gateway.close();
});

const opened = () => until<void>((done) => socket.on('state', (state) => state === 'open' && done()));

describe('the socket of the page', () => {
  it('says hello with the token and the language first', async () => {
    const open = opened();
    socket.open();
    await open;
    expect(gateway.hellos[0]).toMatchObject({ accessToken: 'token', language: 'en', client: 'test' });
  });

  it('calls a method by its wire name and gives the decoded answer', async () => {
    gateway.answer = (request, peer) => peer.reply(request.id, causeway.SendReply.encode({ number: 7, sentAtMs: 5 }).finish());
    socket.open();
    expect(await socket.chat.send({ conversationId: 'c', clientId: 'x', body: 'hello' })).toMatchObject({ number: 7, sentAtMs: 5 });
    expect(gateway.requests).toEqual(['ChatService.Send']);
  });

  it('rejects a call with the code and sentence of the server', async () => {
    gateway.answer = (request, peer) =>
      peer.say({ reply: { id: request.id, error: { code: 'MEETING_LOCKED', message: 'It is locked.', retryable: false } } });
    socket.open();
    await expect(socket.meeting.join({ meetingId: 'm' })).rejects.toMatchObject({
      code: 'MEETING_LOCKED',
      message: 'It is locked.',
      retryable: false,
    });
  });

  it('matches answers to calls whatever their order', async () => {
    const seen: causeway.Request[] = [];
    gateway.answer = (request, peer) => {
      seen.push(request);
      if (seen.length < 2) return;
      for (const { id, payload } of [...seen].reverse()) {
        const { after } = causeway.FetchRequest.decode(payload);
        peer.reply(id, causeway.FetchReply.encode({ latest: (after ?? 0) + 100 }).finish());
      }
    };
    socket.open();
    const [one, two] = await Promise.all([socket.chat.fetch({ after: 1 }), socket.chat.fetch({ after: 2 })]);
    expect([one.latest, two.latest]).toEqual([101, 102]);
  });

  it('comes back with the session and the numbers that it has seen', async () => {
    const open = opened();
    socket.open();
    await open;
    socket.startTopic('meeting/m', 4);
    const event = until<causeway.Event>((done) => socket.on('event', done));
    gateway.peer.locked(5);
    await event;
    gateway.welcome = () => ({ sessionId: 's1', resumeSecret: 'secret', resumed: true });
    const back = opened();
    gateway.peer.socket.terminate();
    await back;
    expect(gateway.hellos[1]?.resume).toMatchObject({ sessionId: 's1', secret: 'secret' });
    expect(gateway.hellos[1]?.resume?.seen).toContainEqual(expect.objectContaining({ topic: 'meeting/m', number: 5 }));
  });

  it('says reset when the server has forgotten the session', async () => {
    const open = opened();
    socket.open();
    await open;
    const reset = until<void>((done) => socket.on('reset', done));
    gateway.peer.socket.terminate();
    await reset;
  });

  it('fails calls that were under way when the socket was lost, as something to try again', async () => {
    const open = opened();
    socket.open();
    await open;
    gateway.answer = (_, peer) => peer.socket.terminate();
    await expect(socket.meeting.raiseHand({ raised: true })).rejects.toMatchObject({ code: 'SOCKET_LOST', retryable: true });
  });

  it('sends a call that was made while it was away when it is back', async () => {
    const open = opened();
    socket.open();
    await open;
    gateway.welcome = () => ({ sessionId: 's1', resumeSecret: 'secret', resumed: true });
    gateway.answer = (request, peer) => peer.reply(request.id);
    const away = until<void>((done) => socket.on('state', (state) => state === 'waiting' && done()));
    gateway.peer.socket.terminate();
    await away;
    await socket.meeting.raiseHand({ raised: true });
    expect(gateway.requests).toEqual(['MeetingService.RaiseHand']);
  });

  it('asks for what is missing between two numbers and delivers in order', async () => {
    gateway.answer = (request, peer) => {
      const { after } = causeway.ReplayRequest.decode(request.payload);
      for (const number of [after + 1, after + 2]) peer.locked(number);
      peer.reply(request.id, causeway.ReplayReply.encode({ latest: after + 2 }).finish());
    };
    const numbers: number[] = [];
    const third = until<void>((done) => socket.on('event', ({ number }) => numbers.push(number) === 3 && done()));
    const open = opened();
    socket.open();
    await open;
    socket.startTopic('meeting/m', 10);
    gateway.peer.locked(13);
    await third;
    expect(numbers).toEqual([11, 12, 13]);
    expect(gateway.requests).toEqual(['SessionService.Replay']);
  });

  it('says that a topic is stale when the missed events are gone', async () => {
    gateway.answer = (request, peer) => peer.say({ reply: { id: request.id, error: { code: 'TOPIC_RESET' } } });
    const stale = until<string>((done) => socket.on('stale', done));
    const open = opened();
    socket.open();
    await open;
    socket.startTopic('meeting/m', 10);
    gateway.peer.locked(13);
    expect(await stale).toBe('meeting/m');
  });

  it('stays away when another page took the session up', async () => {
    const open = opened();
    socket.open();
    await open;
    const closed = until<{ code: string }>((done) => socket.on('closed', done));
    gateway.peer.say({ goodbye: { code: 'SOCKET_REPLACED', message: 'Taken up.' } });
    gateway.peer.socket.close(4010);
    expect((await closed).code).toBe('SOCKET_REPLACED');
    expect(socket.state).toBe('closed');
  });

  it('says that it does not come back when it is closed', async () => {
    const open = opened();
    socket.open();
    await open;
    const closed = new Promise<number>((resolve) => gateway.peer.socket.once('close', resolve));
    socket.close();
    expect(await closed).toBe(1000);
  });

  it('stays away when nobody is signed in', async () => {
    const nobody = new Socket({ urls: [gateway.url], language: 'en', client: 'test', accessToken: async () => null, connect });
    const closed = until<{ code: string }>((done) => nobody.on('closed', done));
    nobody.open();
    expect((await closed).code).toBe('AUTH_REQUIRED');
  });

  it('comes back with a newer token when the old one has ended', async () => {
    const tokens = ['old', 'new'];
    const renewing = new Socket({
      urls: [gateway.url],
      language: 'en',
      client: 'test',
      accessToken: async () => tokens.shift() ?? 'new',
      connect,
    });
    const open = until<void>((done) => renewing.on('state', (state) => state === 'open' && done()));
    renewing.open();
    await open;
    const back = until<void>((done) => renewing.on('state', (state) => state === 'open' && done()));
    gateway.peer.socket.close(4004);
    await back;
    expect(gateway.hellos.map((hello) => hello.accessToken)).toEqual(['old', 'new']);
    renewing.close();
  });

  it('knows at once that a connection is dead when it is asked to check', async () => {
    const open = opened();
    socket.open();
    await open;
    // It never answers.
    const away = until<void>((done) => socket.on('state', (state) => state === 'waiting' && done()));
    socket.check();
    await away;
  });

  it('rejects every call once it is closed', async () => {
    socket.open();
    const call = socket.meeting.raiseHand({ raised: true });
    socket.close();
    await expect(call).rejects.toMatchObject({ code: 'SOCKET_CLOSED', retryable: false });
    await expect(socket.meeting.raiseHand({ raised: true })).rejects.toMatchObject({ code: 'SOCKET_CLOSED' });
  });
});

describe('the socket of a page with several gateways', () => {
  let other: Gateway;
  let moving: Socket;
  const open = () => until<void>((done) => moving.on('state', (state) => state === 'open' && done()));

  beforeEach(async () => {
    other = new Gateway();
    await other.listening;
    moving = new Socket({ urls: [gateway.url, other.url], language: 'en', client: 'test', accessToken: async () => 'token', connect });
  });
  afterEach(async () => {
    moving.close();
    await other.close();
  });

  it('goes to the next one when the first can not be reached', async () => {
    await gateway.close();
    const there = open();
    moving.open();
    await there;
    expect(other.hellos).toHaveLength(1);
  });

  it('begins a new session at another one when its own is dead, and says so', async () => {
    const there = open();
    moving.open();
    await there;
    const reset = until<void>((done) => moving.on('reset', done));
    const again = open();
    await gateway.close();
    await Promise.all([reset, again]);
    expect(other.hellos[0]?.resume).toMatchObject({ sessionId: 's1', secret: 'secret' });
  });

  it('comes back to the one that has its session', async () => {
    gateway.welcome = ({ resume }) => ({ sessionId: 's1', resumeSecret: 'secret', resumed: resume !== null && resume !== undefined });
    const there = open();
    moving.open();
    await there;
    const again = open();
    gateway.peer.socket.terminate();
    await again;
    expect(gateway.hellos).toHaveLength(2);
    expect(other.hellos).toHaveLength(0);
  });

  it('leaves one that is being shut down at once', async () => {
    const there = open();
    moving.open();
    await there;
    const again = open();
    gateway.peer.say({ goodbye: { code: 'SERVER_DRAINING', message: 'Restarting.', retryable: true } });
    gateway.peer.socket.close(4012);
    await again;
    expect(other.hellos).toHaveLength(1);
  });

  it('says hello elsewhere with the token in hand when nobody gives it a new one', async () => {
    const token = `h.${Buffer.from(JSON.stringify({ exp: Date.now() / 1_000 + 60 })).toString('base64url')}.s`;
    const tokens = [token];
    const stranded = new Socket({
      urls: [gateway.url, other.url],
      language: 'en',
      client: 'test',
      accessToken: async () => tokens.shift() ?? Promise.reject(new Error('unreachable')),
      connect,
    });
    const there = until<void>((done) => stranded.on('state', (state) => state === 'open' && done()));
    stranded.open();
    await there;
    const again = until<void>((done) => stranded.on('state', (state) => state === 'open' && done()));
    await gateway.close();
    await again;
    expect(other.hellos[0]?.accessToken).toBe(token);
    stranded.close();
  });
});

describe('the life of a token', () => {
  const token = (claims: object) => `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;

  it('is read from its claims', () => {
    expect(tokenLifeLeft(token({ exp: 100, name: '陳大文 ÿþ' }), 40_000)).toBe(60_000);
  });

  it('is unknown for anything else', () => {
    for (const odd of ['', 'a.b.c', token({}), token({ exp: 'soon' })]) expect(tokenLifeLeft(odd, 0)).toBeNull();
  });
});
