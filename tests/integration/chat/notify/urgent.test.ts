import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConversationFace } from '../../../../src/chat/ports.js';
import type { Principal } from '../../../../src/platform/principal.js';
import { freePort, waitFor } from '../../../support/index.js';
import type { Device } from '../../../support/push-service.js';
import { NotifyWorld } from './notify-world.js';

const refusal = (code: string) => expect.objectContaining({ code });

let world: NotifyWorld;
let ana: Principal;
let ben: Principal;
let carl: Principal;
let conversation: ConversationFace;
let ofBen: Device;
let hookPort: number;

beforeEach(async () => {
  hookPort = await freePort();
  world = await NotifyWorld.open({ URGENT_PER_HOUR: 3, URGENT_MEMBERS: 3, OUTBOUND_ALLOW: `127.0.0.1:${hookPort}` });
  [ana, ben, carl] = [await world.office.person('Ana'), await world.office.person('Ben'), await world.office.person('Carl')];
  conversation = await world.office.conversation([ana, ben, carl], { title: 'Plant' });
  ofBen = await world.device(ben);
});
afterEach(async () => {
  expect(world.push.complaints).toEqual([]);
  await world.close();
});

const ding = (more: object = {}) => world.write(ana, conversation, 'Leave the building.', { urgent: true, ...more });
const confirmers = async (number: number) =>
  (await world.notify.urgent.confirmedBy({ orgId: ana.orgId, conversationId: conversation.id, number })).map(({ name }) => name);
const receipts = () =>
  world.office.database.query<{ person_id: string; reminders: number; due: boolean }>(
    'select person_id, reminders, due_at is not null as due from urgent_receipts order by person_id',
  );
/** Its next reminder is due now. */
const makeDue = () =>
  world.office.database.query(
    `with r as (update urgent_receipts set due_at = now() where due_at is not null)
     update pgboss.job set start_after = now() where name = 'notify.urgent' and state = 'created'`,
  );

describe('An urgent message', () => {
  it('waits for everybody else, is shown on their pages and pushed at once, and is over with the confirmation', async () => {
    const { number } = await ding();
    await waitFor(() => ofBen.received.length === 1, 'the push');
    expect(ofBen.received[0]).toMatchObject({ payload: { kind: 'urgent', conversation: conversation.id, number }, urgency: 'high' });
    expect(world.told).toContainEqual({
      people: expect.arrayContaining([ben.personId, carl.personId]),
      notice: { urgent: { conversationId: conversation.id, number, confirmed: false } },
    });
    expect(await world.notify.urgent.waitingFor(ben)).toEqual([{ conversationId: conversation.id, number }]);
    expect(await world.notify.urgent.waitingFor(ana)).toEqual([]);

    await world.notify.urgent.confirm(ben, conversation.id.toUpperCase(), number);
    await world.notify.urgent.confirm(ben, conversation.id, number);
    expect(await world.notify.urgent.waitingFor(ben)).toEqual([]);
    expect(await confirmers(number)).toEqual(['Ben']);
    const over = { people: [ben.personId], notice: { urgent: { conversationId: conversation.id, number, confirmed: true } } };
    expect(world.told.filter((told) => told.notice.urgent?.confirmed)).toEqual([over]);
  });

  it('concerns the mentioned alone where it mentions somebody; the others are told as of any message', async () => {
    const ofCarl = await world.device(carl);
    const { number } = await ding({ mentions: [ben.personId] });
    await world.settle();
    expect(await receipts()).toEqual([expect.objectContaining({ person_id: ben.personId })]);
    expect(ofBen.received.map(({ payload }) => payload)).toEqual([expect.objectContaining({ kind: 'urgent', number })]);
    expect(ofCarl.received.map(({ payload }) => payload)).toEqual([expect.objectContaining({ kind: 'message', number })]);
  });

  it('can not be confirmed by who need not, nor one that is none', async () => {
    const { number } = await ding({ mentions: [ben.personId] });
    for (const [person, of, at] of [
      [carl, conversation.id, number],
      [ana, conversation.id, number],
      [ben, conversation.id, number + 1],
      [ben, ana.orgId, number],
      [{ ...ben, orgId: carl.personId }, conversation.id, number],
    ] as const)
      await expect(world.notify.urgent.confirm(person, of, at)).rejects.toThrow(refusal('CHAT_MESSAGE_NOT_FOUND'));
    expect(await confirmers(number)).toEqual([]);
  });

  it('is limited per person and hour, and one too many is not stored', async () => {
    for (let i = 0; i < 3; i += 1) await ding();
    await expect(ding()).rejects.toThrow(refusal('CHAT_URGENT_LIMIT'));
    await world.write(ben, conversation, 'Understood.', { urgent: true });
    world.later = 3_600_001;
    await ding();
    expect(await world.office.numbers(conversation.id)).toEqual([1, 2, 3, 4, 5]);
  });

  it('is refused before it is written when there were too many, but not when it is one of them sent again', async () => {
    const clientIds = await Promise.all(Array.from({ length: 3 }, async () => (await ding()).clientId));
    const check = (clientId: string) => world.notify.urgent.check(ana, { kind: 'group', memberCount: 3 }, 'admin', clientId);
    for (const clientId of clientIds) await check(clientId);
    await expect(check(randomUUID())).rejects.toThrow(refusal('CHAT_URGENT_LIMIT'));
  });

  it('keeps to the limit when all are sent at once', async () => {
    const sent = await Promise.allSettled(Array.from({ length: 12 }, () => ding()));
    expect(sent.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    expect(await world.office.numbers(conversation.id)).toEqual([1, 2, 3]);
  });

  it('is for admins alone where there are many, and in announcements', async () => {
    const { urgent } = world.notify;
    const check = (kind: ConversationFace['kind'], memberCount: number, role: 'member' | 'admin') =>
      urgent.check(ben, { kind, memberCount }, role, randomUUID());
    await check('group', 3, 'member');
    await check('announcement', 5_000, 'admin');
    await expect(check('group', 4, 'member')).rejects.toThrow(refusal('CHAT_FORBIDDEN'));
    await expect(check('announcement', 2, 'member')).rejects.toThrow(refusal('CHAT_FORBIDDEN'));
  });

  it('asks nobody any more once it is recalled, nor who has left', async () => {
    const { number } = await ding();
    await ding();
    await world.log.change({ orgId: ana.orgId, conversationId: conversation.id, number }, (_, __, now) => ({
      kind: 'recall',
      actorId: ana.personId,
      actorName: 'Ana',
      patch: { body: '', recalledAt: now },
    }));
    await waitFor(
      () => world.told.some(({ notice }) => notice.urgent?.number === number && notice.urgent.confirmed),
      'the end of the first',
    );
    await world.office.database.query('delete from conversation_members where person_id = $1', [carl.personId]);
    expect(await world.notify.urgent.waitingFor(ben)).toEqual([{ conversationId: conversation.id, number: number + 1 }]);
    expect(await world.notify.urgent.waitingFor(carl)).toEqual([]);
  });
});

describe('A reminder', () => {
  it('comes by push, then also by e-mail, then also by webhook, and stops with the confirmation', async () => {
    const calls: { body: string; signature: string }[] = [];
    const hook = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        calls.push({ body: Buffer.concat(chunks).toString(), signature: String(request.headers['causeway-signature']) });
        response.end();
      });
    }).listen(hookPort, '127.0.0.1');
    await once(hook, 'listening');
    const owner = { ...ana, role: 'owner' as const };
    const { newSecret } = await world.notify.settings.changePolicy(owner, {
      webhookUrl: `http://127.0.0.1:${hookPort}/pager/secret`,
      privacy: 'names',
    });
    await world.notify.settings.change(carl, { email: false });

    const { number } = await ding();
    await waitFor(async () => (await receipts()).every((row) => !row.due && row.reminders === 3), 'the last reminder');
    // At once, and three reminders.
    expect(ofBen.received).toHaveLength(4);
    const { received } = world.mailServer;
    expect(received.map(({ to }) => to)).toEqual([[`${ben.personId}@harbour.example`], [`${ben.personId}@harbour.example`]]);
    expect(received[0]).toMatchObject({ from: 'causeway@harbour.example', subject: expect.stringContaining('Ana') });
    expect(received[0]?.subject).toContain('請確認');
    expect(received[0]?.text).toContain('Plant');
    expect(received[0]?.text).not.toContain('building');
    expect(received[0]?.head).toContain('Auto-Submitted: auto-generated');
    expect(calls).toHaveLength(1);
    const [call] = calls;
    expect(JSON.parse(call?.body ?? '')).toEqual({
      type: 'urgent.unconfirmed',
      conversationId: conversation.id,
      number,
      personIds: expect.arrayContaining([ben.personId, carl.personId]),
      reminder: 3,
    });
    const [, time, mac] = /^t=(\d+),v1=([\da-f]{64})$/.exec(call?.signature ?? '') ?? [];
    expect(mac).toBe(
      createHmac('sha256', newSecret ?? '')
        .update(`${time}.${call?.body}`)
        .digest('hex'),
    );
    hook.close();
  });

  it('is not lost by a restart, nor by a mail server that refuses, and comes to nobody who confirmed', async () => {
    world.mailServer.refuse();
    const { number } = await ding();
    await world.notify.urgent.confirm(carl, conversation.id, number);
    await world.notify.close();
    await world.jobs.close();
    // Whatever was planned is gone, as after a restore of an older database.
    await world.office.database.query(`delete from pgboss.job where name = 'notify.urgent'`);
    await world.office.database.query('update urgent_receipts set due_at = now() where due_at is not null');
    await world.restart();
    await waitFor(async () => (await receipts()).some((row) => row.reminders === 3), 'the last reminder');
    expect((await receipts()).find((row) => row.person_id === carl.personId)).toMatchObject({ reminders: 0, due: false });
  });

  it('ends for who has left, and with a message that is deleted', async () => {
    await ding();
    await world.office.database.query('delete from conversation_members where person_id = $1', [carl.personId]);
    await makeDue();
    await waitFor(async () => (await receipts()).some(({ reminders }) => reminders > 0), 'a reminder');
    expect((await receipts()).find(({ person_id }) => person_id === carl.personId)).toMatchObject({ reminders: 0, due: false });
    await world.office.database.query('delete from messages where conversation_id = $1', [conversation.id]);
    await makeDue();
    await waitFor(async () => (await receipts()).every(({ due }) => !due), 'the end');
  });

  it('waits for the end of quiet hours where the person, or the organisation, says so', async () => {
    const quiet = { from: '00:00', to: '00:00', days: [0, 1, 2, 3, 4, 5, 6], timeZone: 'UTC' };
    await world.notify.settings.change(ben, { quiet, urgentInQuiet: false });
    await world.notify.settings.change(carl, { quiet });
    await ding();
    await waitFor(
      async () => (await receipts()).some(({ person_id, reminders }) => person_id === carl.personId && reminders > 0),
      'a reminder',
    );
    expect((await receipts()).find(({ person_id }) => person_id === ben.personId)).toMatchObject({ reminders: 0, due: true });
    expect(ofBen.received).toEqual([]);
    // The organisation says no: nobody is reminded before midnight.
    await world.notify.settings.changePolicy({ ...ana, role: 'admin' }, { urgentOverQuiet: false });
    await world.office.database.query('update urgent_receipts set reminders = 0');
    await makeDue();
    const untilMidnight = async () =>
      (
        await world.office.database.query(
          `select 1 from urgent_receipts where due_at >= date_trunc('day', now() at time zone 'UTC' + interval '1 day') at time zone 'UTC'`,
        )
      ).length;
    await waitFor(async () => (await untilMidnight()) === 2, 'both to be left alone');
    expect(ofBen.received).toEqual([]);
  });
});

describe('The policy of notifications', () => {
  it('is for admins to change, audited, and its webhook may not lead into the own network', async () => {
    const { settings } = world.notify;
    await expect(settings.changePolicy(ben, { privacy: 'text' })).rejects.toThrow(refusal('AUTH_FORBIDDEN'));
    const admin = { ...ana, role: 'admin' as const };
    for (const url of [
      'http://169.254.169.254/latest/meta-data',
      'http://localhost:5432/',
      'http://[::1]/',
      'http://10.0.0.1/',
      'http://user:pw@example.com/',
    ])
      await expect(settings.changePolicy(admin, { webhookUrl: url })).rejects.toThrow(refusal('NOTIFY_ADDRESS'));
    await settings.changePolicy(admin, { privacy: 'names', webhookUrl: `http://127.0.0.1:${hookPort}/secret-path` });
    const [act] = await world.office.database.query<{ action: string; detail: unknown }>('select action, detail from audit_log');
    expect(act).toEqual({
      action: 'notify.policy-changed',
      detail: { privacy: 'names', urgentOverQuiet: true, webhookHost: `127.0.0.1:${hookPort}` },
    });
  });
});
