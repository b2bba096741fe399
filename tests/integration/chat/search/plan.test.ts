/** With 200,000 messages the inverted index answers, and never a walk over the whole table. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { indexedQuery, type Scope } from '../../../../src/chat/search/candidates.js';
import { messageTerms } from '../../../../src/chat/search/message-terms.js';
import { readQuery } from '../../../../src/chat/search/query.js';
import { searchQuery } from '../../../../src/chat/search/schema.js';
import { Search } from '../../../../src/chat/search/search.js';
import type { Principal } from '../../../../src/platform/principal.js';
import { Office } from '../office.js';

const rare = 'zanzibar 預算';
const common = 'harbour';
const messages = 200_000;
const conversations = 200;
const portion = 20_000;

let office: Office;
/** In all conversations, and in one. */
let everywhere: Principal;
let somewhere: Principal;
let ids: string[];

beforeAll(async () => {
  office = await Office.open();
  [everywhere, somewhere] = [await office.person('Eve'), await office.person('Sam')];
  const { database, orgId } = office;
  const rows = await database.query<{ id: string }>(
    `insert into conversations (org_id, id, kind, title, last_number, created_at)
     select $1, gen_random_uuid(), 'group', 'G' || n, $3, now() from generate_series(1, $2::int) n returning id`,
    [orgId, conversations, messages / conversations],
  );
  ids = rows.map((row) => row.id);
  for (const id of ids) await office.join(id, everywhere.personId);
  await office.join(ids[7] ?? '', somewhere.personId);
  const termsOf = (body: string) => messageTerms({ ...blank, body, senderId: everywhere.personId });
  // One of 2,000 has the rare words, one of 3 the common one; other terms are numbers of their own. In
  // portions, because a statement has a time limit.
  for (let from = 0; from < messages; from += portion) {
    await database.query(
      `insert into messages (org_id, conversation_id, number, changed, sender_id, sender_name, client_id, body, sent_at)
       select $1, ($2::uuid[])[1 + n % $3], 1 + n / $3, 1 + n / $3, $4, 'Eve', gen_random_uuid(),
              case when n % 2000 = 7 then $5 when n % 3 = 0 then $6 else 'message ' || n end, now() - ($7::int - n) * interval '1 minute'
       from generate_series($8::int, $9::int) n`,
      [orgId, ids, conversations, everywhere.personId, rare, common, messages, from, from + portion - 1],
    );
    await database.query(
      `insert into message_search (org_id, conversation_id, number, sent_at, terms)
       select org_id, conversation_id, number, sent_at,
              (case body when $2 then $3::int[] when $4 then $5::int[] else '{}' end) || array[hashtext(body), hashtext(body || 'x'), hashtext(number::text)]
       from messages where org_id = $1 and number > $6 and number <= $7`,
      [orgId, rare, termsOf(rare), common, termsOf(common), from / conversations, (from + portion) / conversations],
    );
  }
  await database.query('analyze message_search, messages');
});
afterAll(() => office?.database.close());

const blank = { mentions: [], mentionsAll: false, extra: null };

async function planOf(query: string, conversationIds: readonly string[]): Promise<string> {
  const terms = readQuery(query).flatMap((needle) => needle.terms);
  const scope: Scope = { orgId: office.orgId, conversationIds, hidden: new Map(), terms, anyTerms: [], since: null, until: null };
  const { sql, values } = await indexedQuery(office.database, scope, null, 100);
  const rows = await office.database.query<{ 'QUERY PLAN': string }>(`explain ${sql}`, values);
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

const find = (by: Principal, q: string) => new Search(office.database).find(by, searchQuery.parse({ q, limit: 50 }));

describe('With 200,000 messages', () => {
  it('rare words are answered by the inverted index, for somebody who is in all conversations', async () => {
    const plan = await planOf(rare, ids);
    expect(plan).toContain('Bitmap Index Scan on message_search_terms');
    expect(plan).not.toContain('Seq Scan on message_search');
    expect((await find(everywhere, rare)).messages).toHaveLength(50);
  });

  it('a common word in one conversation out of many is answered from that conversation', async () => {
    const plan = await planOf(common, [ids[7] ?? '']);
    expect(plan).toContain('message_search_pkey');
    expect(plan).not.toContain('Seq Scan on message_search');
  });

  it('a common word is found among the newest, without the inverted index', async () => {
    const { messages, cursor } = await find(everywhere, common);
    expect(messages).toHaveLength(50);
    expect(cursor).not.toBeNull();
  });

  it('somebody in one conversation gets all of his, in the order of time, and nothing else', async () => {
    const seen: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await new Search(office.database).find(
        somewhere,
        searchQuery.parse({ q: common, limit: 50, ...(cursor && { cursor }) }),
      );
      seen.push(...page.messages.map((message) => message.sentAt));
      expect(page.messages.every(({ conversation }) => conversation.id === ids[7])).toBe(true);
      cursor = page.cursor;
    } while (cursor);
    expect(seen).toEqual([...seen].sort().reverse());
    const [row] = await office.database.query<{ count: number }>(
      'select count(*)::int from messages where conversation_id = $1 and body = $2',
      [ids[7], common],
    );
    expect(seen).toHaveLength(row?.count ?? 0);
  });

  it('a word of other people’s conversations is not found, however many messages have it', async () => {
    expect(await find(await office.person('Nemo'), common)).toEqual({ messages: [], cursor: null });
    expect((await find(somewhere, 'zanzibar')).messages.every(({ conversation }) => conversation.id === ids[7])).toBe(true);
  });
});
