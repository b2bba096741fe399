/** kill -9 of the server while people write: nothing that was acknowledged is lost, doubled or out of order. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmbeddedServer } from '../../../src/platform/database/embedded-server.js';
import type { Database } from '../../../src/platform/database/index.js';
import { PoolDatabase } from '../../../src/platform/database/pool-database.js';
import { attendanceSchema, type Meeting } from '../../../src/signaling/schema.js';
import type { SignedIn } from '../../support/api.js';
import { SocketCallError, type TemporaryFolder, temporaryFolder, testLog, waitFor } from '../../support/index.js';
import { childrenOf, isAlive, ServerProcess } from '../../support/server-process.js';
import { Attendee, refused } from './attendee.js';

let folder: TemporaryFolder;
let server: ServerProcess;
let olivia: SignedIn;
let ana: SignedIn;
let ben: SignedIn;
/** The server's embedded PostgreSQL, to look into. */
let engine: EmbeddedServer;
let database: Database;

beforeAll(async () => {
  folder = await temporaryFolder();
  const dataDir = path.join(folder.path, 'data');
  server = new ServerProcess(folder.path, { CAUSEWAY_DATA_DIR: dataDir });
  await server.start();
  engine = await EmbeddedServer.start({ dataDir, connections: 2, applicationName: 'test', log: testLog() });
  database = new PoolDatabase({ url: engine.url(), connections: 2, applicationName: 'test', log: testLog() });
  olivia = await server.setUpOwner();
  [ana, ben] = [await server.invite(olivia, 'Ana'), await server.invite(olivia, 'Ben')];
});

afterAll(async () => {
  await server?.end('SIGTERM');
  await database?.close();
  await engine?.stop({ evenIfUsed: true });
  await folder?.remove();
});

interface Line {
  readonly number: number;
  readonly clientId: string;
  readonly body: string;
}

/** Writes like a page: what was not acknowledged when the socket was lost goes out again, under the same client id. */
class Writer {
  readonly acknowledged: Line[] = [];
  /** What this client has on its screen, by number. */
  readonly view = new Map<number, Line>();
  readonly #who: SignedIn;
  readonly #meeting: Meeting;
  #attendee: Attendee;
  #coming: Promise<void> | null = null;
  #resent = 0;

  private constructor(attendee: Attendee, meeting: Meeting, who: SignedIn) {
    this.#attendee = attendee;
    this.#meeting = meeting;
    this.#who = who;
  }

  static async enter(meeting: Meeting, who: SignedIn): Promise<Writer> {
    return new Writer(await Attendee.enter(server, meeting.id, who), meeting, who);
  }

  get resent(): number {
    return this.#resent;
  }

  /** Resolves when the message is acknowledged, over as many sockets as that takes. */
  async write(body: string): Promise<void> {
    const clientId = crypto.randomUUID();
    for (;;) {
      try {
        const { number } = await this.#attendee.write(body, clientId);
        this.acknowledged.push({ number, clientId, body });
        return;
      } catch (error) {
        if (error instanceof SocketCallError && !error.retryable) throw error;
        this.#resent += 1;
        this.#coming ??= this.#comeBack().finally(() => {
          this.#coming = null;
        });
        await this.#coming;
      }
    }
  }

  /** Writes one message after the other until it is told to stop. */
  async writeUntil(stop: AbortSignal, name: string): Promise<void> {
    for (let i = 1; !stop.aborted; i += 1) await this.write(`${name} ${i}`);
  }

  /** Takes what the socket brought, and fetches what is missing, as a page does. */
  async catchUp(): Promise<void> {
    for (const { chat } of this.#attendee.client.events) if (chat?.message) this.#show(chat.message);
    for (;;) {
      const after = this.#dense();
      const { messages, latest } = await this.#attendee.client.chat.fetch({ conversationId: this.#attendee.conversationId, after });
      for (const message of messages) this.#show(message);
      if (this.#dense() >= latest) return;
    }
  }

  async #comeBack(): Promise<void> {
    await this.#attendee.client.closed;
    for (const { chat } of this.#attendee.client.events) if (chat?.message) this.#show(chat.message);
    for (let back: Attendee | null = null; !back; ) {
      await server.ready;
      // The server may be killed again on the way in.
      back = await Attendee.enter(server, this.#meeting.id, this.#who).catch(() => null);
      if (back) this.#attendee = back;
    }
  }

  #show(message: { number?: number | null; clientId?: string | null; body?: string | null }): void {
    const line = { number: message.number ?? 0, clientId: message.clientId ?? '', body: message.body ?? '' };
    const known = this.view.get(line.number);
    // A number that was shown never means another message later.
    if (known) expect(line).toEqual(known);
    this.view.set(line.number, line);
  }

  /** The number up to which nothing is missing. */
  #dense(): number {
    let number = 0;
    while (this.view.has(number + 1)) number += 1;
    return number;
  }
}

describe('kill -9 of the server', () => {
  it('loses, doubles and reorders nothing of what two people write meanwhile', async () => {
    const meeting = await server.createMeeting(olivia);
    const writers = [await Writer.enter(meeting, olivia), await Writer.enter(meeting, ana)];
    const stop = new AbortController();
    // Three at a time each, as fast as the answers come: many more than five a second.
    const writing = Promise.all(writers.flatMap((writer, w) => [1, 2, 3].map((line) => writer.writeUntil(stop.signal, `${w}.${line}`))));
    const failed = writing.then(() => Promise.reject(new Error('Nobody writes any more.')));
    failed.catch(() => undefined);
    const acknowledged = () => writers.reduce((sum, writer) => sum + writer.acknowledged.length, 0);

    for (const enough of [40, 90, 150]) {
      await Promise.race([waitFor(() => acknowledged() >= enough, `${enough} acknowledged messages`, { deadlineMs: 40_000 }), failed]);
      // Clients find the old server dead and wait for the promise of the next.
      const killed = server.end('SIGKILL');
      server.ready = killed.then(() => server.start());
      await server.ready;
    }
    const before = acknowledged();
    await Promise.race([waitFor(() => acknowledged() >= before + 40, 'messages after the last kill', { deadlineMs: 40_000 }), failed]);
    stop.abort();
    await writing;

    const stored = await database.query<Line>(
      `select number, client_id as "clientId", body from messages where conversation_id = (select conversation_id from meetings where id = $1) order by number`,
      [meeting.id],
    );
    const said = writers.flatMap((writer) => writer.acknowledged).sort((a, b) => a.number - b.number);
    // In the end everything was acknowledged: each message is there once, under the number that was told.
    expect(stored).toEqual(said);
    expect(stored.map(({ number }) => number)).toEqual(stored.map((_, i) => i + 1));
    // Each line of each writer is in the order in which it was written.
    for (const line of new Set(stored.map(({ body }) => body.split(' ')[0]))) {
      const order = stored.filter(({ body }) => body.split(' ')[0] === line).map(({ body }) => Number(body.split(' ')[1]));
      expect(order).toEqual(order.map((_, i) => i + 1));
    }
    for (const writer of writers) {
      await writer.catchUp();
      expect([...writer.view.values()].sort((a, b) => a.number - b.number)).toEqual(stored);
      expect(writer.resent).toBeGreaterThan(0);
    }
  }, 240_000);

  it('is taken up from: meetings go on, stays end when the server was last seen, who was removed stays out, no worker is left', async () => {
    const meeting = await server.createMeeting(olivia);
    const host = await Attendee.enter(server, meeting.id, olivia);
    const removed = await Attendee.enter(server, meeting.id, ben);
    await host.client.meeting.remove({ meetingId: meeting.id, participantId: removed.id });
    await removed.told('removed');
    await host.client.meeting.setLock({ meetingId: meeting.id, locked: true });
    await host.write('before the crash');
    const workers = (await childrenOf(server.pid)).filter(({ name }) => name.startsWith('mediasoup-worke'));
    expect(workers).toHaveLength(1);
    const postmaster = await readFile(path.join(folder.path, 'data', 'postgres', 'postmaster.pid'), 'utf8');
    const [seen] = await database.query<{ seen_at: Date }>('select seen_at from meetings where id = $1', [meeting.id]);

    await server.end('SIGKILL');
    expect(await database.query('select 1 from meeting_stays where meeting_id = $1 and left_at is null', [meeting.id])).toHaveLength(1);
    for (const { pid } of workers) await waitFor(() => !isAlive(pid), 'the media worker to notice');
    await server.start();

    expect(await readFile(path.join(folder.path, 'data', 'postgres', 'postmaster.pid'), 'utf8')).toBe(postmaster);
    expect(await server.meeting(olivia, meeting.id)).toMatchObject({ status: 'live', participants: 0 });
    const stays = await database.query<{ joined_at: Date; left_at: Date | null }>(
      'select joined_at, left_at from meeting_stays where meeting_id = $1 and person_id = $2',
      [meeting.id, olivia.person.id],
    );
    expect(stays).toHaveLength(1);
    // Nobody can know when she was lost; the server was seen last at this time, or never since she came.
    expect(stays[0]?.left_at?.getTime()).toBe(Math.max(stays[0]?.joined_at.getTime() ?? 0, seen?.seen_at.getTime() ?? 0));

    await refused((await Attendee.arrive(server, meeting.id, ben)).join(), 'MEETING_REMOVED');
    await refused((await Attendee.arrive(server, meeting.id, ana)).join(), 'MEETING_LOCKED');
    const again = await Attendee.enter(server, meeting.id, olivia);
    expect(again.state).toMatchObject({ locked: true, startedAt: host.state.startedAt });
    expect(again.joined.chatLast).toBe(1);
    const { people } = await server.get(attendanceSchema, 'GET', `/api/meetings/${meeting.id}/attendance`, undefined, olivia.accessToken);
    expect(people.map(({ name, stays: times }) => [name, times.map(({ leftAt }) => leftAt === null)])).toEqual([
      ['Olivia', [false, true]],
      ['Ben', [false]],
    ]);
  });
});
