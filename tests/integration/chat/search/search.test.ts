/** Search over the real tables: who finds what, and that the index answers. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { ConversationFace } from '../../../../src/chat/ports.js';
import { Indexer } from '../../../../src/chat/search/indexer.js';
import { searchQuery } from '../../../../src/chat/search/schema.js';
import { Search } from '../../../../src/chat/search/search.js';
import type { Principal } from '../../../../src/platform/principal.js';
import { testLog, waitFor } from '../../../support/index.js';
import { Office } from '../office.js';

type Asked = z.input<typeof searchQuery>;

let office: Office;
let search: Search;
let indexer: Indexer;
let ana: Principal;
let ben: Principal;
let group: ConversationFace;

beforeAll(async () => {
  office = await Office.open();
  search = new Search(office.database);
  indexer = new Indexer({ database: office.database, log: testLog(), gatherMs: 1 });
  [ana, ben] = [await office.person('Ana'), await office.person('Ben')];
});
afterAll(async () => {
  await indexer?.close();
  await office?.database.close();
});
beforeEach(async () => {
  group = await office.conversation([ana, ben]);
});

/** Until the index has all that was written to the conversation. */
async function indexed({ id }: { readonly id: string } = group): Promise<void> {
  indexer.wake(id);
  await waitFor(async () => {
    const [row] = await office.database.query(
      `select 1 from conversations c left join search_cursors s on s.conversation_id = c.id
       where c.id = $1 and c.last_number = coalesce(s.indexed_number, 0)`,
      [id],
    );
    return row;
  }, 'the index has followed');
}

const find = (by: Principal, asked: Asked) => search.find(by, searchQuery.parse(asked));
/** Numbers of what is found in the conversation of the test. */
const numbers = async (by: Principal, asked: Asked) => (await find(by, { conversation: group.id, ...asked })).messages.map((m) => m.number);
const refusal = (code: string, field?: string) => expect.objectContaining({ code, ...(field !== undefined && { field }) });

describe('A search', () => {
  it('finds words and parts of words, Chinese in both ways of writing, newest first', async () => {
    await office.write(group.id, ana, 'The Budgets of the harbour');
    await office.write(group.id, ben, '請看預算報告');
    await office.write(group.id, ana, '预算 is a budget');
    await indexed();
    expect(await numbers(ana, { q: 'budget' })).toEqual([3, 1]);
    expect(await numbers(ana, { q: 'udg' })).toEqual([3, 1]);
    expect(await numbers(ana, { q: '预算' })).toEqual([3, 2]);
    expect(await numbers(ana, { q: '預算' })).toEqual([3, 2]);
    expect(await numbers(ana, { q: '算' })).toEqual([3, 2]);
    expect(await numbers(ana, { q: '預算 budget' })).toEqual([3]);
    expect(await numbers(ana, { q: '"the harbour"' })).toEqual([1]);
    expect(await numbers(ana, { q: '算預' })).toEqual([]);
  });

  it('says where: conversation, sender, time, the part around the find, and ranges in UTF-16 units', async () => {
    office.now = Date.UTC(2026, 4, 1, 9);
    const body = `${'👍 lorem ipsum '.repeat(40)}the 預算 of ＡＢＣ${' dolor sit amet'.repeat(40)}`;
    await office.write(group.id, ben, body);
    await indexed();
    const { messages } = await find(ana, { q: 'abc 预算', conversation: group.id });
    const [found] = messages;
    expect(found).toMatchObject({
      conversation: { id: group.id, kind: 'group', title: 'Weekly' },
      number: 1,
      kind: 'text',
      sender: { id: ben.personId, name: 'Ben', app: false },
      sentAt: '2026-05-01T09:00:00.000Z',
      edited: false,
      attachments: [],
    });
    expect(found?.highlights.map(([start, end]) => body.slice(start, end))).toEqual(['預算', 'ＡＢＣ']);
    const { text = '', start = 0, highlights = [] } = found?.snippet ?? {};
    expect(body.slice(start, start + text.length)).toBe(text);
    expect(highlights.map(([from, to]) => text.slice(from, to))).toEqual(['預算', 'ＡＢＣ']);
    // Throws for half a surrogate pair.
    expect(() => encodeURIComponent(text)).not.toThrow();
    expect(text.length).toBeLessThanOrEqual(240);
  });

  it('names a direct conversation after the other person', async () => {
    const direct = await office.conversation([ana, ben], { kind: 'direct', title: '' });
    await office.write(direct.id, ana, 'between us');
    await indexed(direct);
    const titles = [ana, ben].map(
      async (by) => (await find(by, { q: 'between', conversation: direct.id })).messages[0]?.conversation.title,
    );
    expect(await Promise.all(titles)).toEqual(['Ben', 'Ana']);
  });

  it('finds names of files and options of polls', async () => {
    const file = {
      id: randomUUID(),
      name: '第三季預算.xlsx',
      type: 'text/plain',
      size: 3,
      sha256: '',
      width: 0,
      height: 0,
      preview: false,
    };
    await office.write(group.id, ana, 'see below', { attachments: [file] });
    await office.write(group.id, ana, 'When?', { poll: { options: ['Monday', 'Tuesday'], votes: [0, 0] } });
    await indexed();
    const { messages } = await find(ben, { q: '预算.xls below', conversation: group.id });
    expect(messages.map((m) => m.number)).toEqual([1]);
    expect(messages[0]?.attachments).toEqual([{ id: file.id, name: file.name, type: 'text/plain', size: 3, highlights: [[3, 9]] }]);
    expect(await numbers(ben, { q: 'tuesday' })).toEqual([2]);
  });

  it('filters by person, conversation, time, files and mentions, with or without words', async () => {
    const other = await office.conversation([ana, ben]);
    const at = (hour: number) => {
      office.now = Date.UTC(2026, 5, 1, hour);
      return new Date(office.now).toISOString();
    };
    at(9);
    await office.write(group.id, ana, 'lunch plans');
    const ten = at(10);
    await office.write(group.id, ben, 'lunch plans too', { attachments: [{ id: randomUUID(), name: 'menu.pdf', type: 'x/y', size: 1 }] });
    const eleven = at(11);
    await office.write(group.id, ana, 'nothing');
    await office.database.query('update messages set mentions = $2 where conversation_id = $1 and number = 3', [group.id, [ben.personId]]);
    await office.write(other.id, ana, 'lunch plans elsewhere');
    await office.database.query('update messages set mentions_all = true where conversation_id = $1', [other.id]);
    await indexed();
    await indexed(other);
    const asked = async (by: Principal, query: Asked) => {
      const { messages } = await find(by, query);
      return messages
        .filter(({ conversation }) => [group.id, other.id].includes(conversation.id))
        .map(({ conversation, number }) => (conversation.id === other.id ? 'other' : number));
    };
    expect(await asked(ana, { q: 'lunch', since: ten })).toEqual(['other', 2]);
    expect(await asked(ana, { q: 'lunch', from: ana.personId, since: '2026-06-01T00:00:00Z' })).toEqual(['other', 1]);
    expect(await asked(ana, { q: 'lunch', conversation: other.id })).toEqual(['other']);
    expect(await asked(ana, { q: 'lunch', conversation: group.id, since: ten, until: eleven })).toEqual([2]);
    expect(await asked(ana, { conversation: group.id, until: ten })).toEqual([1]);
    expect(await asked(ana, { q: 'lunch', has: 'file' })).toEqual([2]);
    expect(await asked(ana, { has: 'file' })).toEqual([2]);
    expect(await asked(ben, { mentions: 'me' })).toEqual(expect.arrayContaining([3, 'other']));
    expect(await asked(ana, { mentions: 'me' })).toEqual(['other']);
    expect(await asked(ben, { mentions: 'me', q: 'plans' })).toEqual(['other']);
  });

  it('pages through everything once, also where all were sent at one moment', async () => {
    for (let i = 0; i < 25; i += 1) await office.write(group.id, ana, `page number ${i}`);
    const other = await office.conversation([ana]);
    for (let i = 0; i < 25; i += 1) await office.write(other.id, ana, `page number ${i}`);
    await indexed();
    await indexed(other);
    for (const conversation of [undefined, group.id]) {
      const seen: string[] = [];
      let cursor: string | null | undefined;
      do {
        const page = await find(ana, { q: 'page number', limit: 7, ...(conversation && { conversation }), ...(cursor && { cursor }) });
        seen.push(...page.messages.map((m) => `${m.conversation.id} ${m.number}`));
        cursor = page.cursor;
      } while (cursor);
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen).toHaveLength(conversation === undefined ? 50 : 25);
    }
  });

  it('shows nothing to those who are no members, or no longer', async () => {
    const cleo = await office.person('Cleo');
    await office.join(group.id, cleo.personId);
    await office.write(group.id, ana, 'zanzibar');
    await indexed();
    expect(await numbers(cleo, { q: 'zanzibar' })).toEqual([1]);
    await office.database.query('delete from conversation_members where conversation_id = $1 and person_id = $2', [
      group.id,
      cleo.personId,
    ]);
    expect((await find(cleo, { q: 'zanzibar' })).messages).toEqual([]);
    await expect(find(cleo, { q: 'zanzibar', conversation: group.id })).rejects.toEqual(refusal('CHAT_NOT_FOUND', 'conversation'));
    await expect(find(cleo, { q: 'zanzibar', conversation: randomUUID() })).rejects.toEqual(refusal('CHAT_NOT_FOUND', 'conversation'));
  });

  it('shows nothing of before somebody came, where the history is hidden from him', async () => {
    const dora = await office.person('Dora');
    await office.write(group.id, ana, 'kowloon before');
    await office.join(group.id, dora.personId);
    await office.database.query('update conversation_members set visible_after = 1 where conversation_id = $1 and person_id = $2', [
      group.id,
      dora.personId,
    ]);
    const second = await office.conversation([dora]);
    await office.write(group.id, ana, 'kowloon after');
    await office.write(second.id, dora, 'kowloon elsewhere');
    await indexed();
    await indexed(second);
    expect(await numbers(dora, { q: 'kowloon' })).toEqual([2]);
    expect((await find(dora, { q: 'kowloon' })).messages.map((m) => m.snippet.text).sort()).toEqual(['kowloon after', 'kowloon elsewhere']);
  });

  it('shows nothing of another organisation, even to a person whose id is known there', async () => {
    const elsewhere = await Office.open(office.database);
    await office.write(group.id, ana, 'macau');
    await indexed();
    expect((await find({ ...ana, orgId: elsewhere.orgId }, { q: 'macau' })).messages).toEqual([]);
  });

  it('does not find a text that was recalled or edited away, though the index still has it', async () => {
    await office.write(group.id, ana, 'lantau one');
    await office.write(group.id, ana, 'lantau two');
    await indexed();
    await office.rewrite(group.id, 1, ana, null);
    await office.rewrite(group.id, 2, ana, 'peng chau');
    expect(await numbers(ben, { q: 'lantau' })).toEqual([]);
  });

  it('follows edits and recalls, and forgets what was recalled or deleted', async () => {
    await office.write(group.id, ana, 'stanley');
    await office.write(group.id, ana, 'repulse bay');
    await office.write(group.id, ana, 'shek o beach');
    await indexed();
    await office.rewrite(group.id, 1, ana, 'sai kung');
    await office.rewrite(group.id, 2, ana, null);
    await office.database.query('delete from messages where conversation_id = $1 and number = 3', [group.id]);
    await indexed();
    expect(await numbers(ben, { q: 'sai kung' })).toEqual([1]);
    const rows = await office.database.query<{ number: number }>('select number from message_search where conversation_id = $1', [
      group.id,
    ]);
    expect(rows.map((row) => row.number)).toEqual([1]);
  });

  it('refuses signs alone, for they are in no index, but looks through one conversation for them', async () => {
    await office.write(group.id, ana, 'a -> b');
    await office.write(group.id, ana, 'a and b');
    await indexed();
    await expect(find(ana, { q: '->' })).rejects.toEqual(refusal('CHAT_SEARCH_EMPTY', 'q'));
    expect(await numbers(ana, { q: '->' })).toEqual([1]);
  });

  it('refuses what no page hands back as a cursor', async () => {
    for (const cursor of ['', 'x', 'W10', Buffer.from('[1e99,"x",-1]').toString('base64url'), 'A'.repeat(400)])
      await expect(find(ana, { q: 'a', cursor })).rejects.toEqual(refusal('REQUEST_INVALID', 'cursor'));
  });

  it('takes wildcards, quotes, NUL and code for text', async () => {
    await office.write(group.id, ana, `100% sure; drop table messages; -- <script>alert(1)</script> 'x' (a+)+$`);
    await indexed();
    for (const q of ['100%', 'drop table messages; --', '<script>alert(1)</script>', "'x'", '(a+)+$'])
      expect(await numbers(ana, { q }), q).toEqual([1]);
    for (const q of ['1%0', '%', '_', '\0', '"'.repeat(150), '\ud800']) expect(await numbers(ana, { q: `${q} nowhere` }), q).toEqual([]);
  });
});
