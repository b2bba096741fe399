/** People at their sockets, and the book of what each has received: nothing may be missing, nothing may come twice. */
import { randomUUID } from 'node:crypto';
import { ChatSocket, type Resume } from './chat-socket.js';
import type { ChatServer, Somebody } from './stage.js';

/** When a message arrived at one person, milliseconds of `Date.now()` with fractions. */
export type Arrival = (conversationId: string, number: number, at: number) => void;

interface Seat {
  readonly somebody: Somebody;
  socket: ChatSocket | null;
  resume: Omit<Resume, 'seen'> | null;
  /** The newest number of each conversation, without a hole before it. */
  readonly seen: Map<string, number>;
}

export interface Book {
  /** Numbers that were skipped and never came. */
  readonly lost: number;
  readonly duplicated: number;
}

const prefix = 'conversation/'.length;

export class Crowd {
  readonly #server: ChatServer;
  readonly #arrived: Arrival;
  readonly #seats: Seat[] = [];
  readonly troubles: string[] = [];
  deliveries = 0;
  #lost = 0;
  #duplicated = 0;

  constructor(server: ChatServer, arrived: Arrival = () => undefined) {
    this.#server = server;
    this.#arrived = arrived;
  }

  get size(): number {
    return this.#seats.length;
  }

  get book(): Book {
    return { lost: this.#lost, duplicated: this.#duplicated };
  }

  /** Connects and asks for everything, as a page does. So many at the same time. */
  async seat(somebodies: readonly Somebody[], atOnce = 50): Promise<void> {
    const waiting = [...somebodies];
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const seat: Seat = { somebody: next, socket: null, resume: null, seen: new Map() };
        this.#seats.push(seat);
        await this.#connect(seat);
        await this.#sync(seat);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  }

  /** Sends as one of them; resolves with the number when it is durable. */
  async send(at: number, conversationId: string, body: string): Promise<number> {
    const socket = this.#seats[at]?.socket;
    if (!socket) throw new Error('nobody sits there');
    return (await socket.chat.send({ conversationId, clientId: randomUUID(), body })).number;
  }

  drop(at: number): void {
    const seat = this.#seats[at];
    seat?.socket?.drop();
    if (seat) seat.socket = null;
  }

  /** Comes back to its session and asks for what it missed, as a page does; gives how long that took, milliseconds. */
  async comeBack(at: number): Promise<{ ms: number; resumed: boolean }> {
    const seat = this.#seats[at];
    if (!seat) throw new Error('nobody sits there');
    const begin = performance.now();
    const resumed = await this.#connect(seat);
    await this.#sync(seat);
    return { ms: performance.now() - begin, resumed };
  }

  /** What each has seen, to compare with what there is: how many messages somebody did not get. */
  missing(latest: ReadonlyMap<string, number>): number {
    let missing = 0;
    for (const { seen } of this.#seats)
      for (const [conversationId, number] of seen) missing += Math.max(0, (latest.get(conversationId) ?? 0) - number);
    return missing;
  }

  close(): void {
    for (let at = 0; at < this.#seats.length; at += 1) this.drop(at);
  }

  async #connect(seat: Seat): Promise<boolean> {
    const seen = [...seat.seen].map(([id, number]) => ({ topic: `conversation/${id}`, number }));
    const { socket, welcome } = await ChatSocket.connect(
      this.#server.gatewayUrl,
      { accessToken: seat.somebody.accessToken, ...(seat.resume && { resume: { ...seat.resume, seen } }) },
      {
        numbered: (topic, number) => this.#take(seat, topic.slice(prefix), number),
        lost: (reason) => this.troubles.push(reason),
      },
    );
    seat.socket = socket;
    seat.resume = { sessionId: welcome.sessionId, secret: welcome.resumeSecret };
    return welcome.resumed;
  }

  async #sync(seat: Seat): Promise<void> {
    const cursors = [...seat.seen].map(([conversationId, number]) => ({ conversationId, number }));
    const { conversations = [] } = (await seat.socket?.chat.sync({ cursors })) ?? {};
    for (const { conversation, cursor = 0, messages = [] } of conversations) {
      const id = conversation?.id ?? '';
      const before = seat.seen.get(id);
      seat.seen.set(id, Math.max(before ?? 0, cursor ?? 0));
      if (before !== undefined) this.deliveries += messages?.length ?? 0;
    }
  }

  #take(seat: Seat, conversationId: string, number: number): void {
    const at = performance.timeOrigin + performance.now();
    const before = seat.seen.get(conversationId);
    // Before the first answer to Sync an event says only that something is there.
    if (before !== undefined && number <= before) {
      this.#duplicated += 1;
      return;
    }
    if (before !== undefined && number > before + 1) this.#lost += number - before - 1;
    seat.seen.set(conversationId, number);
    this.deliveries += 1;
    this.#arrived(conversationId, number, at);
  }
}
