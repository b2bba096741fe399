/** Somebody with the page's own chat client, in this process: real sockets, the real outbox, the real log. */
import { WebSocket } from 'ws';
import { ChatClient } from '../../../web/src/core/chat-client.js';
import type { ChatKeep } from '../../../web/src/core/chat-keep.js';
import type { ChatMessage } from '../../../web/src/core/chat-model.js';
import { tail } from '../../../web/src/core/conversation-log.js';
import { Socket } from '../../../web/src/core/socket.js';
import type { Wire, WireHandlers } from '../../../web/src/core/wire.js';
import type { SignedIn } from '../../support/api.js';

export class ChatPerson {
  readonly id: string;
  readonly name: string;
  readonly client: ChatClient;
  readonly #socket: Socket;
  #wire: WebSocket | null = null;

  constructor({ person, accessToken }: SignedIn, urls: readonly string[], keep?: ChatKeep) {
    this.id = person.id;
    this.name = person.name;
    this.#socket = new Socket({
      urls,
      language: 'en',
      client: 'test',
      accessToken: async () => accessToken,
      connect: (url, handlers) => this.#connect(url, handlers),
    });
    this.client = new ChatClient({ socket: this.#socket, me: { id: person.id, name: person.name }, keep });
  }

  async start(): Promise<void> {
    const started = this.client.start();
    this.#socket.open();
    await started;
  }

  get state(): string {
    return this.#socket.state;
  }

  get isOpen(): boolean {
    return this.state === 'open';
  }

  /** As a network that is gone: nothing is said to the server. */
  cut(): void {
    this.#wire?.terminate();
  }

  close(): void {
    this.client.close();
    this.#socket.close();
  }

  /** Fetches back to the first message. */
  async readAll(conversationId: string): Promise<void> {
    await this.client.open(conversationId);
    for (;;) {
      const log = this.client.log(conversationId);
      const from = (log && tail(log)?.from) ?? 0;
      if (!log || from <= log.visibleAfter) return;
      await this.client.older(conversationId, from);
      // It could not be fetched now.
      if (from === (tail(this.client.log(conversationId) ?? log)?.from ?? 0)) return;
    }
  }

  /** What stands in the conversation itself, as this page shows it. */
  view(conversationId: string): readonly ChatMessage[] {
    const log = this.client.log(conversationId);
    return (log && tail(log)?.messages) ?? [];
  }

  #connect(url: string, handlers: WireHandlers): Wire {
    const wire = new WebSocket(url);
    this.#wire = wire;
    wire.on('open', handlers.open);
    wire.on('message', (data: Buffer) => handlers.message(new Uint8Array(data)));
    wire.on('close', handlers.close);
    wire.on('error', () => undefined);
    return { send: (bytes) => wire.send(bytes), close: (code) => wire.close(code) };
  }
}
