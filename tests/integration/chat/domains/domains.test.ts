import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Domains } from '../../../../src/chat/domains/domains.js';
import { openDomains } from '../../../../src/chat/domains/open-domains.js';
import type { ConversationFace } from '../../../../src/chat/ports.js';
import { newId } from '../../../../src/platform/ids.js';
import type { Principal } from '../../../../src/platform/principal.js';
import { intended, Office, refusal } from '../office.js';

let office: Office;
let domains: Domains;
let moved: string[];
let olivia: Principal;
let ana: Principal;
let ben: Principal;
let mainland: string;

beforeEach(async () => {
  office = await Office.open();
  moved = [];
  domains = openDomains({
    ...office,
    clock: office.clock,
    guestJoined: async () => undefined,
    guestRemoved: async () => undefined,
    moved: async (_by, { conversationId }, name) => void moved.push(`${conversationId} ${name}`),
  });
  olivia = await office.person('Olivia', 'owner');
  ana = await office.person('Ana');
  ben = await office.person('Ben');
  mainland = (await domains.create(olivia, { name: 'Mainland', guests: true })).id;
  await domains.setOfPerson(olivia, ben.personId, [mainland]);
});
afterEach(() => office.close());

const inMainland = (members: Principal[]): Promise<ConversationFace> =>
  office.conversation(members, { domainId: mainland, title: 'Plant' });
const closed = { rule: 'Domains are closed by default' };

describe('Domains', () => {
  it('are one by default, made once when it is first needed, also when many need it at once', async () => {
    const other = await Office.open(office.database);
    const sven = await other.person('Sven', 'owner');
    const lists = await Promise.all(Array.from({ length: 8 }, () => domains.list(sven)));
    expect(new Set(lists.map((list) => JSON.stringify(list))).size).toBe(1);
    expect(lists[0]).toMatchObject([{ name: 'Default', isDefault: true }]);
  });

  it('are kept by administrators', async () => {
    for (const act of [
      () => domains.create(ana, { name: 'Mine', guests: true }),
      () => domains.change(ana, mainland, { name: 'Mine' }),
      () => domains.remove(ana, mainland),
      () => domains.rules(ana),
      () => domains.addRule(ana, { name: 'Open', from: '*', to: '*', what: '*', allow: true }),
      () => domains.setOfPerson(ana, ana.personId, [mainland]),
      () => domains.ofPerson(ana, ana.personId),
      () => domains.move(ana, newId(), mainland),
    ])
      await expect(act()).rejects.toEqual(refusal('AUTH_FORBIDDEN'));
  });

  it('have names of their own, whatever the letters are like', async () => {
    await expect(domains.create(olivia, { name: 'MAINLAND', guests: true })).rejects.toEqual(refusal('CHAT_DOMAIN_NAME_TAKEN'));
    const { id } = await domains.create(olivia, { name: 'Macau', guests: true });
    await expect(domains.change(olivia, id, { name: 'mainland' })).rejects.toEqual(refusal('CHAT_DOMAIN_NAME_TAKEN'));
    expect(await domains.change(olivia, id, { guests: false })).toMatchObject({ name: 'Macau', guests: false });
  });

  it('are deleted with their rules, but not while something is in them', async () => {
    const { id } = await domains.create(olivia, { name: 'Macau', guests: true });
    await domains.addRule(olivia, { name: 'In', from: '*', to: id, what: '*', allow: true });
    await domains.remove(olivia, id);
    expect(await domains.rules(olivia)).toEqual([]);
    await expect(domains.remove(olivia, mainland), 'Ben is in it').rejects.toEqual(refusal('CHAT_DOMAIN_IN_USE'));
    await domains.setOfPerson(olivia, ben.personId, []);
    await inMainland([ben]);
    await expect(domains.remove(olivia, mainland), 'a conversation is in it').rejects.toEqual(refusal('CHAT_DOMAIN_IN_USE'));
    const [first] = await domains.list(olivia);
    await expect(domains.remove(olivia, first?.id ?? ''), 'the default').rejects.toEqual(refusal('CHAT_DOMAIN_IN_USE'));
    await expect(domains.remove(olivia, newId())).rejects.toEqual(refusal('CHAT_DOMAIN_NOT_FOUND'));
  });

  it('and rules of another organisation do not exist', async () => {
    const other = await Office.open(office.database);
    const sven = await other.person('Sven', 'owner');
    const rule = await domains.addRule(olivia, { name: 'In', from: '*', to: mainland, what: '*', allow: true });
    await expect(domains.change(sven, mainland, { name: 'Mine' })).rejects.toEqual(refusal('CHAT_DOMAIN_NOT_FOUND'));
    await expect(domains.remove(sven, mainland)).rejects.toEqual(refusal('CHAT_DOMAIN_NOT_FOUND'));
    await expect(domains.addRule(sven, { ...rule, name: 'Mine' })).rejects.toEqual(refusal('CHAT_DOMAIN_NOT_FOUND'));
    await expect(domains.changeRule(sven, rule.id, { allow: false })).rejects.toEqual(refusal('CHAT_DOMAIN_RULE_NOT_FOUND'));
    await expect(domains.removeRule(sven, rule.id)).rejects.toEqual(refusal('CHAT_DOMAIN_RULE_NOT_FOUND'));
    await expect(domains.setOfPerson(sven, ben.personId, [])).rejects.toEqual(refusal('PERSON_NOT_FOUND'));
    await expect(domains.setOfPerson(sven, sven.personId, [mainland])).rejects.toEqual(refusal('CHAT_DOMAIN_NOT_FOUND'));
    await expect(domains.move(sven, (await inMainland([ben])).id, null)).rejects.toEqual(refusal('CHAT_NOT_FOUND'));
    expect(await domains.rules(olivia)).toHaveLength(1);
  });

  it('of a new conversation are those that all its people share', async () => {
    expect(await domains.shared(office.orgId, [ana.personId, olivia.personId]), 'the default one').toBeNull();
    expect(await domains.shared(office.orgId, [ben.personId])).toBe(mainland);
    expect(await domains.shared(office.orgId, [ana.personId, ben.personId])).toBeNull();
    await domains.setOfPerson(olivia, ana.personId, [mainland]);
    expect(await domains.shared(office.orgId, [ana.personId, ben.personId])).toBe(mainland);
  });

  it('that do not exist are no place for a new conversation', async () => {
    await domains.addRule(olivia, { name: 'Open', from: '*', to: '*', what: '*', allow: true });
    const nowhere = { ...(await office.conversation([ana])), domainId: newId() };
    await expect(domains.guard.checkMembers(ana, nowhere, [ben.personId])).rejects.toEqual(refusal('CHAT_DOMAIN_NOT_FOUND'));
  });
});

describe('Rules between domains', () => {
  it('are one for each pair and matter, and are changed', async () => {
    const rule = await domains.addRule(olivia, { name: 'Files in', from: '*', to: mainland, what: 'files', allow: true });
    await expect(domains.addRule(olivia, { ...rule, name: 'Again' })).rejects.toEqual(refusal('CHAT_DOMAIN_NAME_TAKEN'));
    await expect(domains.addRule(olivia, { ...rule, what: '*' })).rejects.toEqual(refusal('CHAT_DOMAIN_NAME_TAKEN'));
    expect(await domains.changeRule(olivia, rule.id, { allow: false, what: '*' })).toEqual({ ...rule, allow: false, what: '*' });
    expect((await office.audited('chat.domain-rule-changed'))[0]?.detail).toMatchObject({ name: 'Files in', allow: false });
    await domains.removeRule(olivia, rule.id);
    expect(await domains.rules(olivia)).toEqual([]);
  });
});

describe('Somebody of another domain', () => {
  it('is not made a member, and the refusal names the rule and is audited', async () => {
    const plant = await inMainland([ben]);
    await expect(domains.guard.checkMembers(ben, plant, [ben.personId, ana.personId])).rejects.toEqual(
      refusal('CHAT_DOMAIN_REFUSED', { ...closed, from: 'Default', to: 'Mainland' }),
    );
    expect(await office.audited('chat.domain-refused')).toEqual([
      {
        action: 'chat.domain-refused',
        actor: 'Ben',
        subject: { conversation: plant.id, person: ana.personId },
        detail: { ...closed, what: 'people', from: 'Default', to: 'Mainland' },
      },
    ]);
  });

  it('is made a member once a rule lets him, or when he is in that domain, too', async () => {
    const plant = await inMainland([ben]);
    await domains.addRule(olivia, { name: 'Visitors', from: '*', to: mainland, what: 'people', allow: true });
    await domains.guard.checkMembers(ben, plant, [ana.personId]);
    const weekly = await office.conversation([ana]);
    await expect(domains.guard.checkMembers(ana, weekly, [ben.personId])).rejects.toEqual(refusal('CHAT_DOMAIN_REFUSED'));
    const [first] = await domains.list(olivia);
    await domains.setOfPerson(olivia, ben.personId, [mainland, first?.id ?? '']);
    await domains.guard.checkMembers(ana, weekly, [ben.personId]);
  });

  it('uploads no file to a conversation there', async () => {
    const weekly = await office.conversation([ana, ben]);
    await domains.guard.check(intended(ana, weekly, { purpose: 'upload' }));
    await domains.guard.check(intended(ben, weekly));
    await expect(domains.guard.check(intended(ben, weekly, { purpose: 'upload' }))).rejects.toEqual(refusal('CHAT_DOMAIN_REFUSED', closed));
    expect((await office.audited('chat.domain-refused'))[0]?.detail).toMatchObject({ what: 'files', from: 'Mainland', to: 'Default' });
  });

  it('exports nothing from there', async () => {
    const plant = await inMainland([ben]);
    await expect(domains.guard.checkExport(olivia, plant)).rejects.toEqual(
      refusal('CHAT_DOMAIN_REFUSED', { from: 'Mainland', to: 'Default' }),
    );
    await domains.addRule(olivia, { name: 'Audits', from: mainland, to: '*', what: 'export', allow: true });
    await domains.guard.checkExport(olivia, plant);
  });
});

describe('A message that is forwarded', () => {
  const photo = { id: newId(), name: 'photo.jpg', type: 'image/jpeg', size: 1 };

  it('stays within its domain unless a rule lets it cross, its files apart', async () => {
    const plant = await inMainland([ben]);
    const weekly = await office.conversation([ana, ben]);
    const forwarded = (over = {}) => domains.guard.check(intended(ben, weekly, { forwardedFrom: plant, ...over }));
    await expect(forwarded()).rejects.toEqual(refusal('CHAT_DOMAIN_REFUSED', { ...closed, from: 'Mainland', to: 'Default' }));
    await domains.addRule(olivia, { name: 'Words out', from: mainland, to: '*', what: 'forward', allow: true });
    await forwarded();
    await expect(forwarded({ attachments: [photo] })).rejects.toEqual(refusal('CHAT_DOMAIN_REFUSED', closed));
    expect((await office.audited('chat.domain-refused')).map(({ detail }) => detail.what)).toEqual(['forward', 'files']);
    await domains.addRule(olivia, { name: 'Files out', from: mainland, to: '*', what: 'files', allow: true });
    await forwarded({ attachments: [photo] });
  });

  it('is nobody’s matter between conversations of one domain', async () => {
    await domains.addRule(olivia, { name: 'Nothing', from: '*', to: '*', what: '*', allow: false });
    const [one, two] = [await inMainland([ben]), await inMainland([ben])];
    await domains.guard.check(intended(ben, two, { forwardedFrom: one, attachments: [photo] }));
  });
});

describe('A conversation', () => {
  it('is put into another domain by an administrator, which is audited and told', async () => {
    const group = await office.conversation([ben]);
    expect(await domains.move(olivia, group.id, mainland)).toMatchObject({ name: 'Mainland' });
    expect(await office.audited('chat.conversation-moved')).toMatchObject([
      { actor: 'Olivia', subject: { conversation: group.id }, detail: { from: 'Default', to: 'Mainland' } },
    ]);
    expect(moved).toEqual([`${group.id} Mainland`]);
    await domains.move(olivia, group.id, mainland);
    expect(moved, 'it is there already').toHaveLength(1);
  });

  it('stays where it is when a member must not be there', async () => {
    const group = await office.conversation([ben, ana]);
    await expect(domains.move(olivia, group.id, mainland)).rejects.toEqual(refusal('CHAT_DOMAIN_REFUSED', closed));
    const [row] = await office.database.query<{ domain_id: string | null }>('select domain_id from conversations where id = $1', [
      group.id,
    ]);
    expect(row?.domain_id).toBeNull();
    expect(await office.audited('chat.domain-refused')).toMatchObject([{ subject: { conversation: group.id, person: ana.personId } }]);
    expect(moved).toEqual([]);
  });

  it('is not put where there is no domain', async () => {
    const group = await office.conversation([ben]);
    await expect(domains.move(olivia, group.id, newId())).rejects.toEqual(refusal('CHAT_DOMAIN_NOT_FOUND'));
    await expect(domains.move(olivia, newId(), mainland)).rejects.toEqual(refusal('CHAT_NOT_FOUND'));
  });
});
