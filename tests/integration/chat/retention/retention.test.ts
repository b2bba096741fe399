import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConversationFace } from '../../../../src/chat/ports.js';
import { Deletion } from '../../../../src/chat/retention/deletion.js';
import { Holds } from '../../../../src/chat/retention/holds.js';
import { Policies } from '../../../../src/chat/retention/policies.js';
import { newId } from '../../../../src/platform/ids.js';
import type { Principal } from '../../../../src/platform/principal.js';
import { Office, refusal } from '../office.js';

const day = 86_400_000;
const hold = {
  name: 'Case 7',
  matter: 'Harbour v Pier',
  reason: 'Court order',
  conversationIds: [],
  personIds: [],
  since: null,
  until: null,
};

let office: Office;
let policies: Policies;
let holds: Holds;
let deletion: Deletion;
let hidden: string[];
let olivia: Principal;
let ana: Principal;
let ben: Principal;
let weekly: ConversationFace;

beforeEach(async () => {
  office = await Office.open();
  const { database, clock, audit } = office;
  policies = new Policies({ database, clock, audit });
  holds = new Holds({ database, clock, audit });
  hidden = [];
  deletion = new Deletion({ database, clock, audit, policies, holds, hidden: async (_orgId, ids) => void hidden.push(...ids) });
  olivia = await office.person('Olivia', 'owner');
  ana = await office.person('Ana');
  ben = await office.person('Ben');
  weekly = await office.conversation([ana, ben]);
});
afterEach(() => office.close());

const night = () => deletion.run(new AbortController().signal);
const organisation = { scope: 'organisation' } as const;
const rows = async (table: string) => (await office.database.query(`select 1 from ${table} where org_id = $1`, [office.orgId])).length;

/** An old message, then a young one; gives their numbers. */
async function oldAndYoung(conversation = weekly, by = ana): Promise<[number, number]> {
  const now = office.now;
  office.now = now - 100 * day;
  const old = await office.write(conversation.id, by, 'old');
  office.now = now;
  return [old, await office.write(conversation.id, by, 'young')];
}

describe('The nightly deletion', () => {
  it('deletes nothing without a policy', async () => {
    const numbers = await oldAndYoung();
    await night();
    expect(await office.numbers(weekly.id)).toEqual(numbers);
  });

  it('deletes what is older than the policy, with all that belongs to it', async () => {
    office.now -= 100 * day;
    const old = await office.write(weekly.id, ana, 'old');
    await office.rewrite(weekly.id, old, ana, 'old, corrected');
    await office.database.query(
      `insert into attachments (org_id, id, conversation_id, uploaded_by, name, type, size, sha256, key, preview_key, message_number, created_at)
       values ($1, $2, $3, $4, 'a.txt', 'text/plain', 3, '\\x00', 'attachments/old', 'attachments/old-preview', $5, now())`,
      [office.orgId, newId(), weekly.id, ana.personId, old],
    );
    await office.database.query(
      'insert into poll_votes (org_id, conversation_id, number, person_id, options, voted_at) values ($1, $2, $3, $4, $5, now())',
      [office.orgId, weekly.id, old, ben.personId, [0]],
    );
    await office.database.query(
      `insert into message_search (org_id, conversation_id, number, sent_at, terms) values ($1, $2, $3, now(), '{1}')`,
      [office.orgId, weekly.id, old],
    );
    office.now += 100 * day;
    const young = await office.write(weekly.id, ana, 'young');
    await policies.set(olivia, organisation, 90);
    await night();
    expect(await office.numbers(weekly.id)).toEqual([young]);
    for (const table of ['message_changes', 'attachments', 'poll_votes', 'message_search']) expect(await rows(table), table).toBe(0);
    const unneeded = await office.database.query<{ key: string }>('select key from unneeded_blobs order by key');
    expect(unneeded.map(({ key }) => key)).toEqual(['attachments/old', 'attachments/old-preview']);
    expect(await office.audited('chat.retention-deleted')).toMatchObject([
      {
        actor: '',
        subject: { conversation: weekly.id },
        detail: { messages: 1, changes: 1, attachments: 1, conversations: 1, days: 90, decidedBy: 'organisation' },
      },
    ]);
  });

  it('lets the view of members begin after it, also of those who come later', async () => {
    const [old, young] = await oldAndYoung();
    await policies.set(olivia, organisation, 90);
    await night();
    const cleo = await office.person('Cleo');
    await office.join(weekly.id, cleo.personId);
    const views = await office.database.query<{ name: string; visible_after: number; version: number }>(
      `select p.name, m.visible_after, m.version from conversation_members m join people p on p.id = m.person_id
       where m.conversation_id = $1 order by p.name`,
      [weekly.id],
    );
    expect(views).toEqual([
      { name: 'Ana', visible_after: old, version: 1 },
      { name: 'Ben', visible_after: old, version: 1 },
      { name: 'Cleo', visible_after: old, version: 0 },
    ]);
    expect(hidden, 'their pages are told').toEqual([weekly.id]);
    expect(await office.numbers(weekly.id)).toEqual([young]);
  });

  it('asks the nearest policy: conversation, domain, organisation', async () => {
    const mainland = await office.domain('Mainland');
    const plant = await office.conversation([ana], { domainId: mainland });
    const board = await office.conversation([ana], { domainId: mainland });
    const all = [await oldAndYoung(weekly), await oldAndYoung(plant), await oldAndYoung(board)];
    await policies.set(olivia, organisation, null);
    await policies.set(olivia, { scope: 'domain', id: mainland }, 30);
    await policies.set(olivia, { scope: 'conversation', id: board.id }, 200);
    await night();
    expect(await office.numbers(weekly.id)).toEqual(all[0]);
    expect(await office.numbers(plant.id)).toEqual([all[1]?.[1]]);
    expect(await office.numbers(board.id)).toEqual(all[2]);
    await policies.set(olivia, { scope: 'conversation', id: board.id }, undefined);
    await night();
    expect(await office.numbers(board.id)).toEqual([all[2]?.[1]]);
    expect((await office.audited('chat.retention-deleted')).map(({ detail }) => detail.policy)).toEqual(['domain', 'domain']);
  });

  it('takes conversations without a domain for those of the default one', async () => {
    const id = newId();
    await office.database.query(`insert into domains (org_id, id, name, is_default, created_at) values ($1, $2, 'Default', true, now())`, [
      office.orgId,
      id,
    ]);
    const [, young] = await oldAndYoung();
    await policies.set(olivia, { scope: 'domain', id }, 30);
    await night();
    expect(await office.numbers(weekly.id)).toEqual([young]);
  });

  it('never goes below the minimum by law', async () => {
    const numbers = await oldAndYoung();
    await policies.set(olivia, organisation, 30);
    await policies.patch(olivia, { minimum: { days: 2_555, reason: 'Cap. 112 section 51C' } });
    await night();
    expect(await office.numbers(weekly.id)).toEqual(numbers);
    expect(await policies.ofConversation(ana, weekly.id)).toEqual({ days: 2_555, decidedBy: 'minimum', wanted: 30, held: false });
  });

  it('works through more than one batch, and through other organisations not at all', async () => {
    const other = await Office.open(office.database);
    const sven = await other.person('Sven', 'owner');
    const theirs = await other.conversation([sven]);
    await other.write(theirs.id, sven, 'ours');
    await office.database.query(
      `insert into messages (org_id, conversation_id, number, changed, sender_id, sender_name, client_id, body, sent_at)
       select $1, $2, n, n, $3, 'Ana', gen_random_uuid(), 'old', now() - interval '100 days' from generate_series(1, 1234) n`,
      [office.orgId, weekly.id, ana.personId],
    );
    await policies.set(olivia, organisation, 30);
    other.now = Date.now();
    await night();
    expect(await office.numbers(weekly.id)).toEqual([]);
    expect(await office.numbers(theirs.id)).toEqual([1]);
    const audited = await office.audited('chat.retention-deleted');
    expect(audited.reduce((sum, { detail }) => sum + Number(detail.messages), 0)).toBe(1234);
  });

  it('stops between batches when it is told to', async () => {
    const numbers = await oldAndYoung();
    await policies.set(olivia, organisation, 30);
    await deletion.run(AbortSignal.abort());
    expect(await office.numbers(weekly.id)).toEqual(numbers);
  });
});

describe('Policies', () => {
  it('are set by administrators, for what is there, and audited', async () => {
    await expect(policies.set(ana, organisation, 30)).rejects.toEqual(refusal('AUTH_FORBIDDEN'));
    await expect(policies.patch(ana, {})).rejects.toEqual(refusal('AUTH_FORBIDDEN'));
    await expect(policies.face(ana)).rejects.toEqual(refusal('AUTH_FORBIDDEN'));
    await expect(policies.set(olivia, { scope: 'conversation', id: newId() }, 30)).rejects.toEqual(refusal('CHAT_NOT_FOUND'));
    await expect(policies.set(olivia, { scope: 'domain', id: newId() }, 30)).rejects.toEqual(refusal('CHAT_DOMAIN_NOT_FOUND'));
    await policies.set(olivia, organisation, 30);
    await policies.set(olivia, organisation, 60);
    expect((await office.audited('chat.retention-changed')).map(({ detail }) => [detail.before, detail.after])).toEqual([
      ['none', '30 days'],
      ['30 days', '60 days'],
    ]);
    expect((await policies.face(olivia)).policies).toEqual([{ scope: 'organisation', id: null, name: '', days: 60 }]);
  });

  it('of a conversation are told to its members and administrators', async () => {
    const sven = await (await Office.open(office.database)).person('Sven', 'owner');
    const cleo = await office.person('Cleo');
    await policies.set(olivia, { scope: 'conversation', id: weekly.id }, 45);
    for (const somebody of [ana, olivia])
      expect(await policies.ofConversation(somebody, weekly.id)).toMatchObject({ days: 45, decidedBy: 'conversation' });
    for (const stranger of [cleo, sven])
      await expect(policies.ofConversation(stranger, weekly.id)).rejects.toEqual(refusal('CHAT_NOT_FOUND'));
  });
});

describe('A legal hold', () => {
  beforeEach(() => policies.set(olivia, organisation, 30));

  it('on a conversation beats the policy until it is released', async () => {
    const [old, young] = await oldAndYoung();
    const { id } = await holds.create(olivia, { ...hold, conversationIds: [weekly.id] });
    await night();
    expect(await office.numbers(weekly.id)).toEqual([old, young]);
    expect(await policies.ofConversation(ana, weekly.id)).toMatchObject({ days: 30, held: true });
    await holds.release(olivia, id, 'Settled');
    await night();
    expect(await office.numbers(weekly.id)).toEqual([young]);
  });

  it('on a person keeps the conversations that he is, or was, in, and no others', async () => {
    const left = await office.conversation([ana, ben], { title: 'Left' });
    const other = await office.conversation([ana], { title: 'Other' });
    const [all, kept, gone] = [await oldAndYoung(), await oldAndYoung(left), await oldAndYoung(other)];
    await office.database.query('delete from conversation_members where conversation_id = $1 and person_id = $2', [left.id, ben.personId]);
    await holds.create(olivia, { ...hold, personIds: [ben.personId] });
    await night();
    expect(await office.numbers(weekly.id)).toEqual(all);
    expect(await office.numbers(left.id)).toEqual(kept);
    expect(await office.numbers(other.id)).toEqual([gone[1]]);
  });

  it('on a time keeps what was sent in it', async () => {
    const now = office.now;
    for (const ago of [300, 200, 100]) {
      office.now = now - ago * day;
      await office.write(weekly.id, ana, `${ago} days ago`);
    }
    office.now = now;
    await holds.create(olivia, { ...hold, since: new Date(now - 250 * day), until: new Date(now - 150 * day) });
    await night();
    expect(await office.numbers(weekly.id)).toEqual([2]);
  });

  it('on nothing in particular keeps everything', async () => {
    const all = await oldAndYoung();
    expect(await holds.create(olivia, hold)).toMatchObject({
      everything: true,
      name: 'Case 7',
      created: { by: 'Olivia', reason: 'Court order' },
    });
    await night();
    expect(await office.numbers(weekly.id)).toEqual(all);
  });

  it('is there for the deletion that runs at the same time', async () => {
    await office.database.query(
      `insert into messages (org_id, conversation_id, number, changed, sender_id, sender_name, client_id, body, sent_at)
       select $1, $2, n, n, $3, 'Ana', gen_random_uuid(), 'old', now() - interval '100 days' from generate_series(1, 3000) n`,
      [office.orgId, weekly.id, ana.personId],
    );
    const [, afterHold] = await Promise.all([night(), holds.create(olivia, hold).then(() => office.numbers(weekly.id))]);
    expect(await office.numbers(weekly.id), 'what was there when the hold was is there still').toEqual(afterHold);
  });

  it('keeps the person and the conversation from being deleted, whoever tries', async () => {
    const empty = await office.conversation([ben]);
    const { id } = await holds.create(olivia, { ...hold, conversationIds: [empty.id], personIds: [ana.personId] });
    await expect(holds.assertMayRemovePerson(office.orgId, ana.personId)).rejects.toEqual(refusal('CHAT_HELD', { hold: 'Case 7' }));
    await holds.assertMayRemovePerson(office.orgId, ben.personId);
    const removals = [
      ['delete from people where id = $1', ana.personId],
      ['delete from conversations where id = $1', empty.id],
    ] as const;
    for (const [sql, named] of removals) await expect(office.database.query(sql, [named])).rejects.toThrow('under a legal hold');
    await holds.release(olivia, id, 'Settled');
    for (const [sql, named] of removals) await office.database.query(sql, [named]);
    expect(await holds.list(olivia), 'names stay with the hold').toMatchObject([
      { conversations: [{ id: empty.id, title: 'Weekly' }], people: [{ id: ana.personId, name: 'Ana' }], released: { reason: 'Settled' } },
    ]);
  });

  it('on everything keeps nothing of where nothing was written', async () => {
    await office.write(weekly.id, ana, 'hello');
    const empty = await office.conversation([ben]);
    await holds.create(olivia, hold);
    await office.database.query('delete from conversations where id = $1', [empty.id]);
    await office.database.query('delete from people where id = $1', [ben.personId]);
    for (const [sql, named] of [
      ['delete from conversations where id = $1', weekly.id],
      ['delete from people where id = $1', ana.personId],
    ] as const)
      await expect(office.database.query(sql, [named])).rejects.toThrow('under a legal hold');
  });

  it('covers what is recalled in its conversations', async () => {
    const free = await office.conversation([olivia]);
    const covers = (conversationId: string) =>
      office.database.transaction((tx) => holds.covers(tx, { orgId: office.orgId, conversationId }));
    expect(await covers(weekly.id)).toBe(false);
    await holds.create(olivia, { ...hold, personIds: [ben.personId] });
    expect([await covers(weekly.id), await covers(free.id)]).toEqual([true, false]);
  });

  it('is made and released by administrators, once, with a reason, and audited', async () => {
    await expect(holds.create(ana, hold)).rejects.toEqual(refusal('AUTH_FORBIDDEN'));
    await expect(holds.list(ana)).rejects.toEqual(refusal('AUTH_FORBIDDEN'));
    const { id } = await holds.create(olivia, hold);
    await expect(holds.release(ana, id, 'x')).rejects.toEqual(refusal('AUTH_FORBIDDEN'));
    expect(await holds.release(olivia, id, 'Settled')).toMatchObject({ released: { by: 'Olivia', reason: 'Settled' } });
    await expect(holds.release(olivia, id, 'again')).rejects.toEqual(refusal('CHAT_HOLD_RELEASED'));
    await expect(holds.release(olivia, newId(), 'x')).rejects.toEqual(refusal('CHAT_HOLD_NOT_FOUND'));
    expect(await office.audited('chat.hold-made')).toMatchObject([{ detail: { matter: 'Harbour v Pier' } }]);
    expect(await office.audited('chat.hold-released')).toMatchObject([{ detail: { reason: 'Settled' } }]);
  });

  it('is not made on what is not there, or of another organisation, and leaves nothing behind', async () => {
    const other = await Office.open(office.database);
    const sven = await other.person('Sven', 'owner');
    const tries: [object, string][] = [
      [{ conversationIds: [newId()] }, 'CHAT_NOT_FOUND'],
      [{ personIds: [newId()] }, 'PERSON_NOT_FOUND'],
      [{ personIds: [sven.personId] }, 'PERSON_NOT_FOUND'],
      [{ since: new Date(2), until: new Date(1) }, 'REQUEST_INVALID'],
    ];
    for (const [over, code] of tries) await expect(holds.create(olivia, { ...hold, ...over })).rejects.toEqual(refusal(code));
    await expect(holds.create(sven, { ...hold, conversationIds: [weekly.id] })).rejects.toEqual(refusal('CHAT_NOT_FOUND'));
    expect(await holds.list(olivia)).toEqual([]);
  });
});

describe('Stays in conversations', () => {
  it('tell who could have read what, also of those who left or are no more', async () => {
    const cleo = await office.person('Cleo');
    await office.write(weekly.id, ana, 'one');
    await office.database.query(
      'insert into conversation_members (org_id, conversation_id, person_id, visible_after) values ($1, $2, $3, 1)',
      [office.orgId, weekly.id, cleo.personId],
    );
    await office.database.query('delete from people where id = $1', [cleo.personId]);
    const stays = await office.database.query<{ name: string; visible_after: number; left: boolean }>(
      'select name, visible_after, left_at is not null as left from conversation_stays where conversation_id = $1 order by id',
      [weekly.id],
    );
    expect(stays).toEqual([
      { name: 'Ana', visible_after: 0, left: false },
      { name: 'Ben', visible_after: 0, left: false },
      { name: 'Cleo', visible_after: 1, left: true },
    ]);
  });
});
