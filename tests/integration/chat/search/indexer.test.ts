/** How the index follows the log: after crashes, on several nodes, with what fails. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ConversationFace } from '../../../../src/chat/ports.js';
import { Indexer } from '../../../../src/chat/search/indexer.js';
import type { Principal } from '../../../../src/platform/principal.js';
import { testLog, waitFor } from '../../../support/index.js';
import { Office } from '../office.js';

let office: Office;
let ana: Principal;
let group: ConversationFace;
const nodes: Indexer[] = [];
/** For thousands of messages on a busy machine. */
const patient = { deadlineMs: 50_000 };

beforeAll(async () => {
  office = await Office.open();
  ana = await office.person('Ana');
});
afterAll(() => office?.database.close());
beforeEach(async () => {
  group = await office.conversation([ana]);
});
afterEach(() => Promise.all(nodes.splice(0).map((node) => node.close())));

function startNode(): Indexer {
  const node = new Indexer({ database: office.database, log: testLog(), gatherMs: 1 });
  nodes.push(node);
  return node;
}

/** Fills the conversation with so many messages at once. */
async function fill(conversationId: string, count: number): Promise<void> {
  await office.database.query(
    `insert into messages (org_id, conversation_id, number, changed, sender_id, sender_name, client_id, body, sent_at)
     select $1, $2, n, n, $3, 'Ana', gen_random_uuid(), 'message ' || n, now() from generate_series(1, $4::int) n`,
    [office.orgId, conversationId, ana.personId, count],
  );
  await office.database.query('update conversations set last_number = $2 where id = $1', [conversationId, count]);
}

async function indexedNumbers(conversationId: string): Promise<number[]> {
  const rows = await office.database.query<{ number: number }>(
    'select number from message_search where conversation_id = $1 order by number',
    [conversationId],
  );
  return rows.map((row) => row.number);
}

async function cursor(conversationId: string): Promise<number> {
  const [row] = await office.database.query<{ indexed_number: number }>(
    'select indexed_number from search_cursors where conversation_id = $1',
    [conversationId],
  );
  return row?.indexed_number ?? 0;
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

describe('The indexer', () => {
  it('finds at its start what was written while nobody indexed', async () => {
    await office.write(group.id, ana, 'one');
    await office.write(group.id, ana, 'two');
    startNode();
    await waitFor(async () => (await cursor(group.id)) === 2, 'the conversation is indexed');
    expect(await indexedNumbers(group.id)).toEqual([1, 2]);
  });

  it('goes through more than one transaction takes, of several conversations', async () => {
    const second = await office.conversation([ana]);
    await fill(group.id, 2_500);
    await fill(second.id, 1_700);
    const node = startNode();
    node.wake(group.id);
    node.wake(second.id);
    await waitFor(async () => (await cursor(group.id)) === 2_500 && (await cursor(second.id)) === 1_700, 'both are indexed', patient);
    expect(await indexedNumbers(group.id)).toEqual(upTo(2_500));
    expect(await indexedNumbers(second.id)).toEqual(upTo(1_700));
  });

  it('shares the work with other nodes, and nothing is left out when all are woken at once', async () => {
    const conversations = await Promise.all(upTo(8).map(() => office.conversation([ana])));
    const [a, b, c] = [startNode(), startNode(), startNode()];
    for (let round = 1; round <= 10; round += 1) {
      await Promise.all(conversations.map(({ id }) => office.write(id, ana, `round ${round}`)));
      for (const { id } of conversations) for (const node of [a, b, c]) node.wake(id);
    }
    await waitFor(async () => (await Promise.all(conversations.map(({ id }) => cursor(id)))).every((n) => n === 10), 'all are indexed');
    for (const { id } of conversations) expect(await indexedNumbers(id)).toEqual(upTo(10));
  });

  it('goes on after a conversation that is locked by a node which hangs, and comes back to it', async () => {
    const second = await office.conversation([ana]);
    const node = startNode();
    await office.write(group.id, ana, 'first');
    node.wake(group.id);
    await waitFor(async () => (await cursor(group.id)) === 1, 'the first is indexed');
    await office.write(group.id, ana, 'held');
    await office.write(second.id, ana, 'free');
    await office.database.transaction(async (tx) => {
      await tx.query('select 1 from search_cursors where conversation_id = $1 for update', [group.id]);
      node.wake(group.id);
      node.wake(second.id);
      await waitFor(async () => (await cursor(second.id)) === 1, 'the other is indexed meanwhile');
      expect(await cursor(group.id)).toBe(1);
    });
    await waitFor(async () => (await cursor(group.id)) === 2, 'the one that was locked is indexed');
  });

  it('writes nothing for what changes no word', async () => {
    await office.write(group.id, ana, 'same');
    const node = startNode();
    await waitFor(async () => (await cursor(group.id)) === 1, 'it is indexed');
    const version = () => office.database.query('select xmin::text from message_search where conversation_id = $1', [group.id]);
    const before = await version();
    await office.rewrite(group.id, 1, ana, 'same');
    node.wake(group.id);
    await waitFor(async () => (await cursor(group.id)) === 2, 'the change is seen');
    expect(await version()).toEqual(before);
  });

  it('moves its cursor over what was deleted', async () => {
    await fill(group.id, 3);
    await office.database.query('delete from messages where conversation_id = $1', [group.id]);
    startNode();
    await waitFor(async () => (await cursor(group.id)) === 3, 'it is at the end');
  });

  it('is not held up by a conversation that fails', async () => {
    const second = await office.conversation([ana]);
    await office.write(group.id, ana, 'bad');
    await office.write(second.id, ana, 'good');
    await office.database.query(`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'refused'; end $$`);
    await office.database.query(
      `create trigger refuse before insert on message_search for each row when (new.conversation_id = '${group.id}') execute function refuse()`,
    );
    try {
      const node = startNode();
      node.wake(group.id);
      node.wake(second.id);
      await waitFor(async () => (await cursor(second.id)) === 1, 'the other is indexed');
      expect(await cursor(group.id)).toBe(0);
      await office.database.query('drop trigger refuse on message_search');
      node.sweep();
      await waitFor(async () => (await cursor(group.id)) === 1, 'the sweep comes back to it');
    } finally {
      await office.database.query('drop function refuse cascade');
    }
  });

  it('forgets a conversation that is gone', async () => {
    await office.write(group.id, ana, 'gone');
    const node = startNode();
    await waitFor(async () => (await cursor(group.id)) === 1, 'it is indexed');
    await office.database.query('delete from conversations where id = $1', [group.id]);
    node.wake(group.id);
    const next = await office.conversation([ana]);
    await office.write(next.id, ana, 'next');
    node.wake(next.id);
    await waitFor(async () => (await cursor(next.id)) === 1, 'the next is indexed');
    expect(await indexedNumbers(group.id)).toEqual([]);
    expect(await cursor(group.id)).toBe(0);
  });

  it('closes in the middle of its work, twice, and another goes on', async () => {
    await fill(group.id, 3_000);
    const node = startNode();
    node.wake(group.id);
    await waitFor(async () => (await cursor(group.id)) > 0, 'it has begun');
    await Promise.all([node.close(), node.close()]);
    startNode();
    await waitFor(async () => (await cursor(group.id)) === 3_000, 'the rest is indexed', patient);
    expect(await indexedNumbers(group.id)).toEqual(upTo(3_000));
  });
});
