/** A group goes to the database in one trip or, where not all of it is plain, by a longer way: both let in the same. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewMessage } from '../../../src/chat/message.js';
import { MessageLog } from '../../../src/chat/message-log.js';
import type { ConversationFace, WithMessage } from '../../../src/chat/ports.js';
import { newId } from '../../../src/platform/ids.js';
import type { Principal } from '../../../src/platform/principal.js';
import { testLog, waitFor } from '../../support/index.js';
import { Office } from './office.js';

let office: Office;
let ana: Principal;
let ben: Principal;
let open: ConversationFace;
let archive: ConversationFace;
let foreign: ConversationFace;
let stranger: Principal;

beforeAll(async () => {
  office = await Office.open();
  // However busy the machine is, nothing gives up by itself.
  for (const what of ['append_messages(json, timestamptz)', 'lock_conversations(uuid[])'])
    await office.database.query(`alter function ${what} set lock_timeout = '60s'`);
  [ana, ben] = [await office.person('Ana'), await office.person('Ben')];
  open = await office.conversation([ana]);
  archive = await office.conversation([ana]);
  await office.database.query('update conversations set archived_at = now() where id = $1', [archive.id]);
  const abroad = await Office.open(office.database);
  stranger = await abroad.person('Zoe');
  foreign = await abroad.conversation([stranger]);
});
afterAll(() => office.close());

const log = () =>
  new MessageLog({
    database: office.database,
    clock: { now: () => Date.now() },
    log: testLog(),
    groupCommitMs: 5,
    committed: () => undefined,
    changed: () => undefined,
  });

const by = (person: Principal, conversation: { id: string }, over: Partial<NewMessage> = {}): NewMessage => ({
  orgId: person.orgId,
  conversationId: conversation.id,
  senderId: person.personId,
  senderName: person.name,
  clientId: randomUUID(),
  body: 'hello',
  ...over,
});

const ways: readonly [string, WithMessage | undefined][] = [
  ['in one trip', undefined],
  ['by the longer way', async () => undefined],
];

describe.each(ways)('Written %s', (_name, act) => {
  const outcome = (message: NewMessage, asMember = true) =>
    log()
      .append(message, act, { asMember })
      .then(
        ({ conversationId, clientId }) =>
          conversationId === message.conversationId && clientId === message.clientId ? 'written' : 'another',
        (error: { code: string }) => error.code,
      );

  it('a message of a member is', async () => {
    expect(await outcome(by(ana, open))).toBe('written');
  });

  it('one of somebody else is not, unless another part says so', async () => {
    expect(await outcome(by(ben, open))).toBe('CHAT_NOT_FOUND');
    expect(await outcome(by(ben, open), false)).toBe('written');
  });

  it('one in an archive is not, but a system line is', async () => {
    expect(await outcome(by(ana, archive))).toBe('CHAT_ARCHIVED');
    expect(await outcome(by(ana, archive, { kind: 'poll' }))).toBe('CHAT_ARCHIVED');
    expect(await outcome(by(ana, archive, { kind: 'system' }))).toBe('written');
    expect(await outcome(by(ben, archive, { kind: 'system' }))).toBe('CHAT_NOT_FOUND');
    expect(await outcome(by(ana, archive), false)).toBe('written');
  });

  it('an announcement of who is no admin any more is not, but a system line is', async () => {
    const news = await office.conversation([ana, ben], { kind: 'announcement' });
    expect(await outcome(by(ana, news))).toBe('written');
    expect(await outcome(by(ben, news))).toBe('CHAT_FORBIDDEN');
    expect(await outcome(by(ben, news, { kind: 'poll' }))).toBe('CHAT_FORBIDDEN');
    expect(await outcome(by(ben, news, { kind: 'system' }))).toBe('written');
    expect(await outcome(by(ben, news), false)).toBe('written');
    await office.database.query('update conversations set archived_at = now() where id = $1', [news.id]);
    expect(await outcome(by(ben, news))).toBe('CHAT_ARCHIVED');
  });

  it('nothing crosses into another organisation', async () => {
    for (const asMember of [true, false]) {
      expect(await outcome(by(ana, foreign), asMember)).toBe('CHAT_NOT_FOUND');
      expect(await outcome(by(stranger, foreign, { orgId: ana.orgId }), asMember)).toBe('CHAT_NOT_FOUND');
      expect(await outcome(by(ana, { id: newId() }), asMember)).toBe('CHAT_NOT_FOUND');
    }
  });

  it('a resend is answered as the first time, whoever is a member now and wherever it is sent', async () => {
    const cleo = await office.person('Cleo');
    const [here, there] = [await office.conversation([ana, cleo]), await office.conversation([ana, cleo])];
    const message = by(cleo, here);
    expect(await outcome(message)).toBe('written');
    expect(await outcome({ ...message, conversationId: there.id })).toBe('another');
    await office.database.query('delete from conversation_members where person_id = $1', [cleo.personId]);
    expect(await outcome(message)).toBe('written');
    expect(await office.numbers(here.id)).toEqual([1]);
    expect(await office.numbers(there.id)).toEqual([]);
  });

  it('one that waited for a lock sees what happened under it', async () => {
    const dora = await office.person('Dora');
    const [left, closed] = [await office.conversation([ana, dora]), await office.conversation([ana, dora])];
    const holder = new pg.Client({ connectionString: office.database.url });
    await holder.connect();
    await holder.query('begin');
    await holder.query('select 1 from conversations where id = any($1) for update', [[left.id, closed.id]]);
    await holder.query('delete from conversation_members where conversation_id = $1 and person_id = $2', [left.id, dora.personId]);
    await holder.query('update conversations set archived_at = now() where id = $1', [closed.id]);
    const sent = Promise.all([outcome(by(dora, left)), outcome(by(dora, closed))]);
    await waitFor(async () => {
      const waiting = await office.database.query(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return waiting.length === 2;
    }, 'both to wait for the lock');
    await holder.query('commit');
    await holder.end();
    expect(await sent).toEqual(['CHAT_NOT_FOUND', 'CHAT_ARCHIVED']);
  });
});

describe('The plans of append_messages', () => {
  it('go by indexes, though they were made when the tables were small', async () => {
    const eva = await office.person('Eva');
    const conversations = await Promise.all(Array.from({ length: 3 }, () => office.conversation([eva])));
    const connection = new pg.Client({ connectionString: office.database.url });
    await connection.connect();
    const append = () =>
      connection.query('select number from append_messages($1, now())', [
        JSON.stringify(
          conversations.flatMap((conversation) =>
            Array.from({ length: 5 }, () => ({
              org_id: eva.orgId,
              conversation_id: conversation.id,
              sender_id: eva.personId,
              sender_name: 'Eva',
              client_id: randomUUID(),
              body: 'hello',
              kind: 'text',
              mentions: [],
              mentions_all: false,
              urgent: false,
              by_app: false,
              as_member: true,
            })),
          ),
        ),
      ]);
    /** What was read of each table. */
    const reads = async () => {
      await connection.query('select pg_stat_force_next_flush()');
      const { rows } = await connection.query<{ relname: string; rows: number }>(
        `select relname, (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as rows from pg_stat_user_tables
         where relname in ('messages', 'conversations', 'conversation_members')`,
      );
      expect(rows).toHaveLength(3);
      return new Map(rows.map(({ relname, rows }) => [relname, rows]));
    };
    try {
      // The first five may be planned each for itself.
      for (let i = 0; i < 10; i += 1) expect((await append()).rows).toHaveLength(15);
      await connection.query(
        `with c as (
           insert into conversations (org_id, id, kind, created_at) select $1, gen_random_uuid(), 'group', now() from generate_series(1, 2000) returning id
         ), m as (
           insert into conversation_members (org_id, conversation_id, person_id) select $1, id, $2 from c
         )
         insert into messages (org_id, conversation_id, number, changed, sender_id, sender_name, client_id, body, sent_at)
         select $1, id, n, n, $2, 'Eva', gen_random_uuid(), '', now() from c, generate_series(1, 10) n`,
        [eva.orgId, eva.personId],
      );
      for (const isKnown of [false, true]) {
        if (isKnown) await connection.query('analyze');
        const before = await reads();
        await append();
        const after = await reads();
        for (const [table, rows] of after) expect(rows - (before.get(table) ?? 0), table).toBeLessThan(300);
      }
    } finally {
      await connection.end();
    }
  });
});
