/**
 * People write, edit, recall and react at random while their connections, both nodes and Redis are
 * killed again and again. At the end every page shows what the database has, and every message that
 * somebody wrote is there once.
 */
import { expect } from 'vitest';
import type { Database } from '../../../src/platform/database/index.js';
import { PoolDatabase } from '../../../src/platform/database/pool-database.js';
import type { SignedIn } from '../../support/api.js';
import { makeConversation } from '../../support/chat.js';
import { TestCluster } from '../../support/cluster.js';
import { testLog } from '../../support/config.js';
import { freePort } from '../../support/free-port.js';
import type { ServerProcess } from '../../support/server-process.js';
import { waitFor } from '../../support/wait-for.js';
import { ChatPerson } from './chat-person.js';

export interface Plan {
  readonly seed: number;
  readonly people: number;
  /** Acts of all people together. */
  readonly acts: number;
  /** So many acts between two things that are killed. */
  readonly actsPerKill: number;
}

interface Scene {
  readonly cluster: TestCluster;
  readonly nodes: readonly ServerProcess[];
  readonly database: Database;
  readonly people: readonly ChatPerson[];
  readonly conversationIds: readonly string[];
  close(): Promise<void>;
}

interface Written {
  readonly clientId: string;
  readonly senderId: string;
  readonly conversationId: string;
  readonly body: string;
}

const names = ['Olivia', 'Ming', 'Pui', 'Wing', 'Kit', 'Fong', 'Sze', 'Yan'];
const emoji = ['👍', '❤️', '🎉', '😂'];
const patienceMs = 120_000;
const pauseMs = 15;

export async function everythingBreaks(plan: Plan): Promise<void> {
  const random = numbersFrom(plan.seed);
  const scene = await open(plan.people);
  try {
    const written: Written[] = [];
    const killing: Promise<void>[] = [];
    for (let act = 0; act < plan.acts; act += 1) {
      if (act % plan.actsPerKill === plan.actsPerKill - 1) {
        // One at a time: the next waits until the last is back.
        await Promise.all(killing.splice(0));
        killing.push(breakSomething(scene, Math.floor(act / plan.actsPerKill)));
      }
      await actOf(scene, random, written, act);
      await pause(pauseMs);
    }
    await Promise.all(killing);
    await expectNothingLost(scene, written);
  } catch (error) {
    throw new Error(`It was with the seed ${plan.seed}.`, { cause: error });
  } finally {
    await scene.close();
  }
}

async function open(count: number): Promise<Scene> {
  const cluster = await TestCluster.start({
    CAUSEWAY_ACCESS_TOKEN_MS: '3600000',
    CAUSEWAY_SOCKET_REQUESTS_PER_SECOND: '1000',
    CAUSEWAY_SOCKET_REQUEST_BURST: '5000',
    // A killed node leaves sockets behind that are new at the other.
    CAUSEWAY_SOCKET_SESSIONS_PER_PERSON: '100',
  });
  const database = new PoolDatabase({ url: cluster.databaseUrl, connections: 2, applicationName: 'test', log: testLog() });
  const people: ChatPerson[] = [];
  const close = async (): Promise<void> => {
    for (const person of people) person.close();
    await database.close();
    await cluster.stop();
  };
  try {
    // The same ports again after each start, as an operator gives them.
    const one = await cluster.node('one', { CAUSEWAY_GATEWAY_PORT: String(await freePort()) });
    const olivia = await one.setUpOwner('Olivia');
    const others: SignedIn[] = [];
    for (const name of names.slice(1, count)) others.push(await one.invite(olivia, name));
    const two = await cluster.node('two', { CAUSEWAY_GATEWAY_PORT: String(await freePort()) });
    const conversations = [
      await makeConversation(one, olivia, others),
      await makeConversation(two, olivia, others, { kind: 'project' }),
      await makeConversation(one, olivia, others.slice(0, 1), { kind: 'direct' }),
    ];
    const urls = [await one.gatewayUrl(), await two.gatewayUrl()];
    for (const [at, signedIn] of [olivia, ...others].entries()) {
      const person = new ChatPerson(signedIn, at % 2 === 0 ? urls : [...urls].reverse());
      people.push(person);
      await person.start();
    }
    const conversationIds = conversations.map(({ id }) => id);
    for (const person of people) {
      await waitFor(() => person.client.store.get().synced, `${person.name} is there`, { deadlineMs: patienceMs });
      for (const id of idsOf(person, conversationIds)) await person.client.open(id);
    }
    return { cluster, nodes: [one, two], database, people, conversationIds, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function actOf({ people, conversationIds }: Scene, random: () => number, written: Written[], act: number): Promise<void> {
  const pick = <Value>(list: readonly Value[]): Value | undefined => list[Math.floor(random() * list.length)];
  const person = pick(people);
  const conversationId = person && pick(idsOf(person, conversationIds));
  if (!person || !conversationId) return;
  const { client } = person;
  const dice = random();
  if (dice < 0.6) {
    const body = `${person.name} writes ${act}`;
    written.push({ clientId: client.send({ conversationId, body }), senderId: person.id, conversationId, body });
    return;
  }
  if (dice < 0.66) {
    person.cut();
    return;
  }
  const view = person.view(conversationId).filter(({ kind, recalledAt }) => kind === 'text' && recalledAt === 0);
  const message = dice < 0.85 ? pick(view) : pick(view.filter(({ senderId }) => senderId === person.id));
  if (!message) return;
  const { number } = message;
  // Whether an act that was cut off has happened is not known, nor is it asked for: what counts is that all see the same.
  const done =
    dice < 0.85
      ? client.react(conversationId, number, pick(emoji) ?? '👍', random() < 0.7)
      : dice < 0.96
        ? client.edit(conversationId, number, { body: `${message.body}, edited ${act}`, mentions: [] })
        : client.recall(conversationId, number);
  void Promise.resolve(done).catch(() => undefined);
}

async function breakSomething({ cluster, nodes }: Scene, turn: number): Promise<void> {
  const kind = turn % 3;
  if (kind === 2) {
    await cluster.redis.kill();
    await pause(500);
    await cluster.redis.restart();
    return;
  }
  const node = nodes[kind];
  await node?.end('SIGKILL');
  await node?.start();
}

async function expectNothingLost({ people, database, conversationIds, nodes }: Scene, written: readonly Written[]): Promise<void> {
  for (const node of nodes) await node.ready;
  for (const person of people) {
    const waits = () => [...person.client.store.get().pending.values()].flat();
    await waitFor(() => person.isOpen && waits().length === 0, `${person.name} has sent everything`, { deadlineMs: patienceMs }).catch(
      (error: unknown) => {
        throw new Error(`The socket of ${person.name} is ${person.state}. Still to send: ${JSON.stringify(waits())}`, { cause: error });
      },
    );
  }
  const stored = await database.query<{ client_id: string; sender_id: string; conversation_id: string; times: number }>(
    `select client_id, sender_id, conversation_id, count(*)::int as times from messages where kind = 'text' group by 1, 2, 3`,
  );
  expect(sorted(stored.map((row) => `${row.sender_id} ${row.client_id} ${row.conversation_id} ${row.times}`))).toEqual(
    sorted(written.map((one) => `${one.senderId} ${one.clientId} ${one.conversationId} 1`)),
  );
  for (const conversationId of conversationIds) await expectLogDense(database, conversationId);
  for (const person of people) {
    for (const id of idsOf(person, conversationIds)) {
      const there = await inDatabase(database, id, person.id);
      const seen = async () => {
        await person.readAll(id);
        return onPage(person, id);
      };
      const same = async () => JSON.stringify(await seen()) === JSON.stringify(there);
      await waitFor(same, `${person.name} sees what there is`, { deadlineMs: patienceMs }).catch(async () =>
        expect(await seen()).toEqual(there),
      );
    }
  }
}

/** Every number of the log was taken once. */
async function expectLogDense(database: Database, conversationId: string): Promise<void> {
  const rows = await database.query<{ number: number }>(
    `select number from messages where conversation_id = $1 union all select number from message_changes where conversation_id = $1 order by 1`,
    [conversationId],
  );
  expect(rows.map(({ number }) => number)).toEqual(rows.map((_, at) => at + 1));
  const [conversation] = await database.query<{ last_number: number }>('select last_number from conversations where id = $1', [
    conversationId,
  ]);
  expect(conversation?.last_number).toBe(rows.length);
}

interface Seen {
  readonly number: number;
  readonly body: string;
  readonly changed: number;
  readonly recalled: boolean;
  readonly reactions: Record<string, string>;
}

async function inDatabase(database: Database, conversationId: string, readerId: string): Promise<Seen[]> {
  const rows = await database.query<{
    number: number;
    body: string;
    changed: number;
    recalled: boolean;
    reactions: Record<string, string[]> | null;
  }>(
    `select number, body, changed, recalled_at is not null as recalled, reactions from messages
     where conversation_id = $1 and thread is null order by number`,
    [conversationId],
  );
  return rows.map(({ reactions, ...row }) => ({
    ...row,
    reactions: Object.fromEntries(
      sortedEntries(reactions ?? {}).map(([emoji, who]) => [emoji, `${who.length}${who.includes(readerId) ? ' mine' : ''}`]),
    ),
  }));
}

function onPage(person: ChatPerson, conversationId: string): Seen[] {
  return person.view(conversationId).map(({ number, body, changed, recalledAt, reactions }) => ({
    number,
    body,
    changed,
    recalled: recalledAt > 0,
    reactions: Object.fromEntries(
      sortedEntries(Object.fromEntries(reactions.map((r) => [r.emoji, r]))).map(([emoji, { count, mine }]) => [
        emoji,
        `${count}${mine ? ' mine' : ''}`,
      ]),
    ),
  }));
}

function idsOf(person: ChatPerson, ids: readonly string[]): string[] {
  const { heads } = person.client.store.get();
  return ids.filter((id) => heads.has(id));
}

function sorted(list: readonly string[]): string[] {
  return [...list].sort();
}

function sortedEntries<Value>(record: Readonly<Record<string, Value>>): [string, Value][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** People take their time; this is what makes the load, and nothing waits for it. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The same numbers for the same seed (mulberry32). */
function numbersFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
