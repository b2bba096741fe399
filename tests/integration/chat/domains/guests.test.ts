import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Domains } from '../../../../src/chat/domains/domains.js';
import { openDomains } from '../../../../src/chat/domains/open-domains.js';
import type { ConversationFace } from '../../../../src/chat/ports.js';
import { CausewayError } from '../../../../src/platform/errors.js';
import { newId } from '../../../../src/platform/ids.js';
import type { Principal } from '../../../../src/platform/principal.js';
import { Accounts, GuestAccounts } from '../../../../src/services/accounts/index.js';
import { Office, refusal } from '../office.js';

const password = 'a long enough password';
const day = 86_400_000;

let office: Office;
let domains: Domains;
let accounts: Accounts;
let guests: GuestAccounts;
let told: { conversation: string; added: string[]; removed: string[] }[];
let revoked: string[];
let held: Set<string>;
let olivia: Principal;
let ana: Principal;
let ben: Principal;
let project: ConversationFace;

beforeEach(async () => {
  office = await Office.open();
  told = [];
  revoked = [];
  held = new Set();
  const { database, clock, audit } = office;
  domains = openDomains({
    database,
    clock,
    audit,
    guestJoined: async ({ conversationId, name }) => void told.push({ conversation: conversationId, added: [name], removed: [] }),
    guestRemoved: async (_by, { conversationId, name }) => void told.push({ conversation: conversationId, added: [], removed: [name] }),
    moved: async () => undefined,
  });
  accounts = new Accounts({
    database,
    clock,
    accessTokenMs: 600_000,
    refreshTokenMs: 30 * day,
    signingKeyMs: 7 * day,
    invitationMs: 7 * day,
    revoked: async (ids) => void revoked.push(...ids),
  });
  guests = new GuestAccounts({
    database,
    clock,
    audit,
    signIns: accounts.signIns,
    invitations: accounts.invitations,
    lifeMs: 7 * day,
    door: {
      title: (orgId, id) => domains.guests.title(orgId, id),
      admit: (tx, guest) => domains.guests.admit(tx, guest),
      admitted: (guest) => domains.guests.admitted(guest),
      conversationsOf: (orgId, ids) => domains.guests.conversationsOf(orgId, ids),
      leaveAll: (by, guest) => domains.guests.leaveAll(by, guest),
      assertMayRemove: async (_orgId, personId) => {
        if (held.has(personId)) throw new CausewayError('CHAT_HELD', { fill: { hold: 'Case 7' } });
      },
    },
  });
  olivia = await office.person('Olivia', 'owner');
  ana = await office.person('Ana');
  ben = await office.person('Ben');
  project = await office.conversation([ana, ben], { kind: 'project', title: 'Pier 4' });
});
afterEach(() => office.close());

async function invite(email = 'gia@outside.example', to = project, by = ana): Promise<string> {
  await domains.guests.assertMayInvite(by, to.id);
  return (await guests.invite(by, email, to.id)).token;
}
const memberships = (personId: string) =>
  office.database.query<{ conversation_id: string; visible_after: number; role: string }>(
    'select conversation_id, visible_after, role from conversation_members where person_id = $1 order by conversation_id',
    [personId],
  );

describe('An invitation of a guest', () => {
  it('is made by an admin of the conversation alone', async () => {
    await domains.guests.assertMayInvite(ana, project.id);
    await expect(domains.guests.assertMayInvite(ben, project.id)).rejects.toEqual(refusal('CHAT_FORBIDDEN'));
    await expect(domains.guests.assertMayInvite(olivia, project.id)).rejects.toEqual(refusal('CHAT_NOT_FOUND'));
    await expect(domains.guests.assertMayInvite(ana, newId())).rejects.toEqual(refusal('CHAT_NOT_FOUND'));
    const sven = await (await Office.open(office.database)).person('Sven', 'owner');
    await expect(domains.guests.assertMayInvite(sven, project.id)).rejects.toEqual(refusal('CHAT_NOT_FOUND'));
  });

  it.each(['direct', 'department', 'announcement', 'meeting'] as const)('is not made to a conversation of kind %s', async (kind) => {
    const conversation = await office.conversation([ana], { kind });
    await expect(domains.guests.assertMayInvite(ana, conversation.id)).rejects.toEqual(refusal('CHAT_NO_GUESTS'));
  });

  it('is not made to an archived conversation, nor to one in a domain without guests', async () => {
    const mainland = await domains.create(olivia, { name: 'Mainland', guests: false });
    const plant = await office.conversation([ana], { domainId: mainland.id });
    await expect(domains.guests.assertMayInvite(ana, plant.id)).rejects.toEqual(
      refusal('CHAT_DOMAIN_REFUSED', { rule: 'No guests in this domain', from: 'outside', to: 'Mainland' }),
    );
    expect(await office.audited('chat.domain-refused')).toHaveLength(1);
    await office.database.query('update conversations set archived_at = now() where id = $1', [project.id]);
    await expect(domains.guests.assertMayInvite(ana, project.id)).rejects.toEqual(refusal('CHAT_NO_GUESTS'));
  });

  it('is not made to a colleague', async () => {
    const [row] = await office.database.query<{ email: string }>('select email from people where id = $1', [ben.personId]);
    await expect(guests.invite(ana, row?.email ?? '', project.id)).rejects.toEqual(refusal('ACCOUNT_EMAIL_TAKEN'));
  });

  it('says where it leads, is listed, audited, and taken back by who made it', async () => {
    const token = await invite();
    expect(await accounts.invitations.face(token)).toMatchObject({ role: 'guest', email: 'gia@outside.example', invitedBy: 'Ana' });
    expect(await guests.face(token)).toEqual({ conversation: 'Pier 4', known: false });
    const [listed] = await guests.ofConversation(ana, project.id);
    expect(listed).toMatchObject({ email: 'gia@outside.example', invitedBy: 'Ana' });
    expect(await accounts.invitations.list(olivia)).toMatchObject([{ role: 'guest' }]);
    expect(await office.audited('chat.guest-invited')).toMatchObject([{ actor: 'Ana', subject: { conversation: project.id } }]);
    await expect(accounts.invitations.withdraw(ben, listed?.id ?? '')).rejects.toEqual(refusal('AUTH_FORBIDDEN'));
    await accounts.invitations.withdraw(ana, listed?.id ?? '');
    expect(await guests.ofConversation(ana, project.id)).toEqual([]);
    await expect(guests.accept(token, 'Gia', password, 'test')).rejects.toEqual(refusal('INVITATION_INVALID'));
  });
});

describe('A guest who accepts', () => {
  it('is a member of that one conversation from then on, with nothing else, and signs in', async () => {
    const other = await office.conversation([ana], { title: 'Other' });
    await office.write(project.id, ana, 'before the guest');
    const grant = await guests.accept(await invite(), 'Gia', password, 'test');
    expect(grant.person).toMatchObject({ name: 'Gia', role: 'guest', email: 'gia@outside.example' });
    expect(await memberships(grant.person.id)).toEqual([{ conversation_id: project.id, visible_after: 1, role: 'member' }]);
    const [row] = await office.database.query<{ hidden_up_to: number }>('select hidden_up_to from conversations where id = $1', [
      project.id,
    ]);
    expect(row?.hidden_up_to, 'events about what was before carry no content').toBe(1);
    expect(told).toEqual([{ conversation: project.id, added: ['Gia'], removed: [] }]);
    const again = await accounts.signIns.withPassword('gia@outside.example', password, 'test');
    const principal = await accounts.signIns.authenticate(again.accessToken);
    expect(principal).toMatchObject({ role: 'guest', personId: grant.person.id });
    expect(principal.guestOf).toBeUndefined();
    await expect(domains.guests.assertMayInvite(principal, project.id)).rejects.toEqual(refusal('CHAT_FORBIDDEN'));
    expect(await memberships(principal.personId)).not.toContainEqual(expect.objectContaining({ conversation_id: other.id }));
    expect(await office.audited('chat.guest-joined')).toMatchObject([{ actor: 'Gia', subject: { conversation: project.id } }]);
  });

  it('uses the invitation up, also when two browsers accept at once', async () => {
    const token = await invite();
    const results = await Promise.allSettled([guests.accept(token, 'Gia', password, 'a'), guests.accept(token, 'Gia', password, 'b')]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const [row] = await office.database.query<{ n: number }>(`select count(*)::int as n from people where role = 'guest'`);
    expect(row?.n).toBe(1);
  });

  it('keeps his account for a second conversation, with its password', async () => {
    const { person } = await guests.accept(await invite(), 'Gia', password, 'test');
    const second = await office.conversation([ana], { title: 'Second' });
    const token = await invite('gia@outside.example', second);
    expect(await guests.face(token)).toEqual({ conversation: 'Second', known: true });
    await expect(guests.accept(token, 'Gia', 'another long password', 'test')).rejects.toEqual(refusal('AUTH_WRONG'));
    expect((await memberships(person.id)).length).toBe(1);
    await guests.accept(token, 'whatever', password, 'test');
    expect((await memberships(person.id)).map((row) => row.conversation_id).sort()).toEqual([project.id, second.id].sort());
  });

  it('is not let in where guests may not be any more', async () => {
    const token = await invite();
    await office.database.query('update conversations set archived_at = now() where id = $1', [project.id]);
    await expect(guests.accept(token, 'Gia', password, 'test')).rejects.toEqual(refusal('INVITATION_INVALID'));
    expect(await office.database.query(`select 1 from people where role = 'guest'`)).toEqual([]);
    await office.database.query('update conversations set archived_at = null where id = $1', [project.id]);
    expect((await guests.accept(token, 'Gia', password, 'test')).person.name).toBe('Gia');
  });

  it('never comes in by the way of members, nor members by his', async () => {
    const token = await invite();
    await expect(accounts.invitations.accept(token, 'Gia', password, 'test')).rejects.toEqual(refusal('INVITATION_INVALID'));
    const { person } = await guests.accept(token, 'Gia', password, 'test');
    const other = await office.conversation([ana], { title: 'Other' });
    await expect(domains.guard.checkMembers(ana, other, [person.id])).rejects.toEqual(refusal('CHAT_MEMBERS', { detail: 'Gia' }));
    const asMember = await accounts.invitations.create(olivia, 'mia@harbour.example', 'member');
    await expect(guests.accept(asMember.token, 'Mia', password, 'test')).rejects.toEqual(refusal('INVITATION_INVALID'));
  });

  it('belongs to the domain of the conversation, and brings files to it', async () => {
    const mainland = await domains.create(olivia, { name: 'Mainland', guests: true });
    const plant = await office.conversation([ana], { domainId: mainland.id });
    const { person } = await guests.accept(await invite('gia@outside.example', plant), 'Gia', password, 'test');
    expect(await domains.ofPerson(olivia, person.id)).toEqual([mainland.id]);
  });
});

describe('Guest accounts', () => {
  it('are listed for administrators with their conversations', async () => {
    await guests.accept(await invite(), 'Gia', password, 'test');
    expect(await guests.list(olivia)).toMatchObject([
      { name: 'Gia', email: 'gia@outside.example', conversations: [{ id: project.id, title: 'Pier 4' }] },
    ]);
    await expect(guests.list(ana)).rejects.toEqual(refusal('AUTH_FORBIDDEN'));
    expect((await domains.guests.ofConversation(ana, project.id)).map(({ name }) => name)).toEqual(['Gia']);
  });

  it('are removed with their sign-ins; what the guest wrote stays', async () => {
    const grant = await guests.accept(await invite(), 'Gia', password, 'test');
    const gia = await accounts.signIns.authenticate(grant.accessToken);
    const number = await office.write(project.id, gia, 'a question');
    await expect(guests.remove(ana, gia.personId)).rejects.toEqual(refusal('AUTH_FORBIDDEN'));
    await expect(guests.remove(olivia, ben.personId)).rejects.toEqual(refusal('PERSON_NOT_FOUND'));
    await guests.remove(olivia, gia.personId);
    expect(revoked).toEqual([gia.signInId]);
    await expect(accounts.signIns.authenticate(grant.accessToken)).rejects.toEqual(refusal('AUTH_SIGNED_OUT'));
    await expect(accounts.signIns.withPassword('gia@outside.example', password, 'test')).rejects.toEqual(refusal('AUTH_WRONG'));
    expect(told.at(-1)).toEqual({ conversation: project.id, added: [], removed: ['Gia'] });
    expect(await office.numbers(project.id)).toEqual([number]);
    expect(await guests.list(olivia)).toEqual([]);
    expect(await office.audited('accounts.guest-removed')).toMatchObject([{ actor: 'Olivia', detail: { name: 'Gia' } }]);
    await expect(guests.remove(olivia, gia.personId)).rejects.toEqual(refusal('PERSON_NOT_FOUND'));
  });

  it('under a legal hold are not removed', async () => {
    const { person } = await guests.accept(await invite(), 'Gia', password, 'test');
    held.add(person.id);
    await expect(guests.remove(olivia, person.id)).rejects.toEqual(refusal('CHAT_HELD', { hold: 'Case 7' }));
    expect((await accounts.signIns.withPassword('gia@outside.example', password, 'test')).person.id).toBe(person.id);
  });
});
