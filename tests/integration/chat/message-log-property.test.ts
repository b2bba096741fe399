/**
 * Two nodes write to the same conversations, while members come and go, conversations are archived and connections
 * are ended: what was acknowledged is there once with its number, what was refused is not, and no number is missing.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Message } from '../../../src/chat/message.js';
import { MessageLog } from '../../../src/chat/message-log.js';
import type { WithMessage } from '../../../src/chat/ports.js';
import { type Database, openDatabase } from '../../../src/platform/database/index.js';
import { CausewayError } from '../../../src/platform/errors.js';
import type { Principal } from '../../../src/platform/principal.js';
import { testConfig, testLog } from '../../support/index.js';
import { Office } from './office.js';

let office: Office;
let databases: readonly Database[];
beforeAll(async () => {
  office = await Office.open();
  databases = [office.database, await openDatabase({ config: testConfig({ DATABASE_URL: office.database.url }), log: testLog() })];
});
afterAll(() => Promise.all(databases.map((database) => database.close())));

interface Attempt {
  readonly senderId: string;
  readonly clientId: string;
  readonly conversationId: string;
  readonly body: string;
  /** A code: it was refused for good. */
  readonly outcome: Message | string;
}

const acts: readonly WithMessage[] = [
  async () => undefined,
  async () => {
    throw new CausewayError('CHAT_ATTACHMENT');
  },
  async () => {
    throw new Error('its file is gone');
  },
  async (tx) => {
    await tx.query('select 1 / 0');
  },
];

it.each([1, 2, 3])('Everything at once leaves a log without holes, and every message in it once (%i)', async (seed) => {
  const random = randomOf(seed);
  const pick = <One>(list: readonly One[]): One => list[Math.floor(random() * list.length)] as One;
  const people: Principal[] = [];
  for (const name of ['Ana', 'Ben', 'Cleo', 'Dora', 'Eva']) people.push(await office.person(name));
  const conversations = await Promise.all(Array.from({ length: 4 }, () => office.conversation(people)));
  const published: Message[][] = [[], []];
  const logs = databases.map(
    (database, node) =>
      new MessageLog({
        database,
        // Clocks differ, and go back.
        clock: { now: () => Date.now() - Math.floor(random() * 90_000) },
        log: testLog(),
        groupCommitMs: 2,
        committed: (message) => published[node]?.push(message),
        changed: () => undefined,
      }),
  );

  /** As a client does: what got no answer is sent again with the same id, to the other node. */
  const send = async (
    node: number,
    by: Principal,
    conversationId: string,
    clientId: string,
    body: string,
    act?: WithMessage,
  ): Promise<Attempt> => {
    const attempt = { senderId: by.personId, clientId, conversationId, body };
    const message = { orgId: by.orgId, senderName: by.name, ...attempt };
    for (let turn = node; ; turn += 1) {
      try {
        const outcome = await logs[turn % 2]?.append(message, act, { asMember: true });
        return { ...attempt, outcome: outcome ?? '' };
      } catch (error) {
        if (error instanceof CausewayError) return { ...attempt, outcome: error.code };
        if (body.includes('\0') || act) return { ...attempt, outcome: 'failed' };
        if (turn > node + 20) throw error;
      }
    }
  };

  const sending: Promise<Attempt>[] = [];
  const others: Promise<unknown>[] = [];
  const sql = (text: string, values: readonly unknown[] = []): Promise<unknown> => {
    const done = office.database.query(text, values).catch(() => undefined);
    others.push(done);
    return done;
  };
  for (let i = 0; i < 300; i += 1) {
    const [by, conversation, node, clientId] = [pick(people), pick(conversations).id, pick([0, 1]), randomUUID()];
    const dice = random() * 100;
    if (dice < 55) sending.push(send(node, by, conversation, clientId, `${i}`));
    else if (dice < 65) for (const to of [0, 1, 0]) sending.push(send(to, by, conversation, clientId, `${i}`));
    else if (dice < 67) for (const to of [0, 1]) sending.push(send(to, by, pick(conversations).id, clientId, `${i}`));
    else if (dice < 70) sending.push(send(node, by, conversation, clientId, `${i}\0`));
    else if (dice < 74) sending.push(send(node, by, conversation, clientId, `${i}`, pick(acts)));
    else if (dice < 88)
      others.push(
        (logs[node] as MessageLog)
          .change({ orgId: by.orgId, conversationId: conversation, number: 1 + Math.floor(random() * 40) }, (message, _tx, now) => ({
            kind: 'edit',
            actorId: by.personId,
            actorName: by.name,
            keepsText: true,
            patch: { body: `${message.body}!`, editedAt: now },
          }))
          .catch(() => undefined),
      );
    // Put out, or shut, for as long as it takes to say so.
    else if (dice < 94)
      sql('delete from conversation_members where conversation_id = $1 and person_id = $2', [conversation, by.personId]).then(() =>
        sql('insert into conversation_members (org_id, conversation_id, person_id) values ($1, $2, $3) on conflict do nothing', [
          by.orgId,
          conversation,
          by.personId,
        ]),
      );
    else if (dice < 98)
      sql('update conversations set archived_at = now() where id = $1', [conversation]).then(() =>
        sql('update conversations set archived_at = null where id = $1', [conversation]),
      );
    else
      sql(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle' and query like '%append_messages%' limit 1`,
      );
    // What was begun goes on.
    if (i % 20 === 0) await sending.at(-1);
  }
  const attempts = await Promise.all(sending);
  await Promise.all(others);
  await Promise.all(logs.map((log) => log.close()));

  const ids = conversations.map(({ id }) => id);
  const rows = await office.database.query<{
    id: string;
    number: number;
    sender_id: string;
    client_id: string;
    body: string;
    sent_at: Date;
  }>(
    `select conversation_id as id, number, sender_id, client_id, split_part(body, '!', 1) as body, sent_at from messages
     where conversation_id = any($1) order by conversation_id, number`,
    [ids],
  );
  const told = attempts.flatMap(({ outcome, ...attempt }) => (typeof outcome === 'string' ? [] : [{ ...attempt, stored: outcome }]));
  // A client id that was used for two conversations is answered with the message of the first.
  const twice = ({ conversationId, stored }: (typeof told)[number]) => stored.conversationId !== conversationId;
  expect(told.filter((one) => !twice(one) && one.stored.body.split('!')[0] !== one.body)).toEqual([]);
  const acknowledged = new Map(told.map(({ senderId, clientId, stored }) => [`${senderId}/${clientId}`, stored]));
  expect(rows.map((row) => [row.id, row.number, row.sender_id, row.client_id, row.sent_at.getTime()])).toEqual(
    [...acknowledged.values()]
      .sort((a, b) => (a.conversationId < b.conversationId ? -1 : a.conversationId > b.conversationId ? 1 : a.number - b.number))
      .map((one) => [one.conversationId, one.number, one.senderId, one.clientId, one.sentAt.getTime()]),
  );
  // Whoever asked for the same message was told of the same.
  for (const { senderId, clientId, stored } of told) expect(stored.number).toBe(acknowledged.get(`${senderId}/${clientId}`)?.number);

  for (const id of ids) {
    const entries = await office.database.query<{ number: number; last: number }>(
      `select e.number, c.last_number as last from conversations c join (
         select conversation_id, number from messages union all select conversation_id, number from message_changes) e on e.conversation_id = c.id
       where c.id = $1 order by e.number`,
      [id],
    );
    expect(entries.map(({ number }) => number)).toEqual(Array.from({ length: entries[0]?.last ?? 0 }, (_, at) => at + 1));
    for (const node of published) {
      const numbers = node.filter(({ conversationId }) => conversationId === id).map(({ number }) => number);
      expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    }
  }
  const all = published.flat().map(({ conversationId, number }) => `${conversationId}/${number}`);
  expect([...new Set(all)].sort()).toEqual(rows.map(({ id, number }) => `${id}/${number}`).sort());
  expect(all).toHaveLength(rows.length);
  expect(rows.length).toBeGreaterThan(0);
});

/** Numbers from 0 to 1, the same for each seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
