import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ConversationFace } from '../../../../src/chat/ports.js';
import type { Config } from '../../../../src/config.js';
import { newId } from '../../../../src/platform/ids.js';
import type { Principal } from '../../../../src/platform/principal.js';
import { waitFor } from '../../../support/index.js';
import type { Device } from '../../../support/push-service.js';
import { messageOf, NotifyWorld } from './notify-world.js';

let world: NotifyWorld;
let ana: Principal;
let ben: Principal;
let carl: Principal;
let conversation: ConversationFace;
let ofBen: Device;
let ofCarl: Device;

const open = async (over: Partial<Config> = {}) => {
  world = await NotifyWorld.open(over);
  [ana, ben, carl] = [await world.office.person('Ana'), await world.office.person('Ben'), await world.office.person('Carl')];
  conversation = await world.office.conversation([ana, ben, carl], { title: 'Board' });
  ofBen = await world.device(ben, 'zh-Hant');
  ofCarl = await world.device(carl);
};
beforeEach(() => open());
afterEach(async () => {
  expect(world.push.complaints).toEqual([]);
  await world.close();
});

const payloads = (device: Device) => device.received.map(({ payload }) => payload);
const set = (person: Principal, columns: string, ...values: unknown[]) =>
  world.office.database.query(`update conversation_members set ${columns} where conversation_id = $1 and person_id = $2`, [
    conversation.id,
    person.personId,
    ...values,
  ]);

describe('A push', () => {
  it('carries nothing but ids, encrypted for the device and signed by the installation', async () => {
    const { number } = await world.write(ana, conversation, 'The offer is 40 million.');
    await world.settle();
    expect(ofBen.received).toEqual([
      {
        payload: { kind: 'message', conversation: conversation.id, number, language: 'zh-Hant' },
        urgency: 'normal',
        topic: expect.stringMatching(/^[\w-]{32}$/),
        ttl: 86_400,
        contact: 'mailto:causeway@harbour.example',
        key: (await world.notify.keys.get()).publicKey,
      },
    ]);
  });

  it('shows names, or also the text, where the organisation allows it and the person wants it', async () => {
    const owner = { ...ana, role: 'owner' as const };
    await world.notify.settings.changePolicy(owner, { privacy: 'names' });
    const first = await world.write(ana, conversation, 'one');
    await waitFor(() => ofBen.received.length === 1 && ofCarl.received.length === 1, 'the first push');
    expect(payloads(ofBen)[0]).toEqual({
      kind: 'message',
      conversation: conversation.id,
      number: first.number,
      language: 'zh-Hant',
      sender: 'Ana',
      title: 'Board',
    });
    await world.notify.settings.changePolicy(owner, { privacy: 'text' });
    await world.notify.settings.change(carl, { previews: false });
    await world.write(ana, conversation, `@all <b>two</b>\n\n${'長'.repeat(5_000)}`, { mentionsAll: true });
    await waitFor(() => ofBen.received.length === 2 && ofCarl.received.length === 2, 'the second push');
    expect(payloads(ofBen)[1]).toMatchObject({ kind: 'mention', sender: 'Ana', text: expect.stringMatching(/^@all <b>two<\/b> 長+…$/) });
    expect(payloads(ofCarl)[1]).not.toHaveProperty('sender');
    expect(payloads(ofCarl)[1]).not.toHaveProperty('text');
  });

  it('is not sent to the sender, nor to who uses a device, has read it, or sees only what is later', async () => {
    const ofAna = await world.device(ana);
    world.active.add(ben.personId);
    await set(carl, 'read_number = 1');
    const [dora, eva] = [await world.office.person('Dora'), await world.office.person('Eva')];
    for (const person of [dora, eva]) await world.office.join(conversation.id, person.personId);
    await set(dora, 'visible_after = 1');
    const [ofDora, ofEva] = [await world.device(dora), await world.device(eva)];
    await world.write(ana, conversation, 'hello');
    await world.settle();
    expect([ofAna, ofBen, ofCarl, ofDora, ofEva].map(({ received }) => received.length)).toEqual([0, 0, 0, 0, 1]);
  });

  it('is not sent for what was recalled before anybody was told', async () => {
    world.stopClock();
    const message = await world.write(ana, conversation, 'oops');
    await world.office.rewrite(conversation.id, message.number, ana, null);
    await world.settle();
    expect(payloads(ofBen)).toEqual([]);
  });

  it('goes to devices that are signed in, and to no other', async () => {
    const again = { ...ben, signInId: carl.signInId.replace(/^.{8}/, '0a0b0c0d') };
    const second = await world.device(again);
    await world.office.database.query('update sign_ins set revoked_at = now() where id = $1', [ben.signInId]);
    await world.write(ana, conversation, 'hello');
    await world.settle();
    expect([ofBen.asked, second.asked]).toEqual([0, 1]);
    await world.notify.forgetSignIns([again.signInId]);
    expect(await world.notify.subscriptions.of(ben.orgId, [ben.personId])).toEqual([]);
  });

  it('that the push service has no device for ends the subscription', async () => {
    ofBen.answer = 410;
    ofCarl.answer = 404;
    await world.write(ana, conversation, 'hello');
    await world.settle();
    expect(await world.notify.subscriptions.of(ben.orgId, [ben.personId, carl.personId])).toEqual([]);
  });

  it('is not tried any more where the push service has taken nothing for two weeks', async () => {
    ofBen.answer = 403;
    ofCarl.answer = 403;
    await world.office.database.query(`update push_subscriptions set failing_since = now() - interval '15 days' where person_id = $1`, [
      ben.personId,
    ]);
    await world.write(ana, conversation, 'hello');
    await world.settle();
    const left = await world.notify.subscriptions.of(ben.orgId, [ben.personId, carl.personId]);
    expect(left).toEqual([expect.objectContaining({ personId: carl.personId, failing: true })]);
  });

  it('goes to who subscribed last with a browser, also when several come at once', async () => {
    const shared = world.push.device().subscription;
    const again = { ...ben, signInId: ben.signInId.replace(/^.{8}/, '0a0b0c0d') };
    await world.signIn(again);
    await Promise.all(
      Array.from({ length: 12 }, (_, i) => world.notify.subscriptions.set([ben, carl, again][i % 3] ?? ben, { ...shared, language: 'en' })),
    );
    await world.notify.subscriptions.set(carl, { ...shared, language: 'en' });
    const all = await world.notify.subscriptions.of(ben.orgId, [ben.personId, carl.personId]);
    expect(all.filter(({ endpoint }) => endpoint === shared.endpoint)).toEqual([expect.objectContaining({ personId: carl.personId })]);
  });

  it('that the push service could not take is tried again, unless the message was read meanwhile', async () => {
    ofBen.answer = 503;
    ofCarl.answer = 429;
    await world.write(ana, conversation, 'hello');
    const waiting = () => world.office.database.query(`select 1 from pgboss.job where name = 'notify.push-again' and state < 'active'`);
    await waitFor(async () => (await waiting()).length === 2, 'the first try');
    await set(carl, 'read_number = 1');
    ofBen.answer = 201;
    ofCarl.answer = 201;
    await world.office.database.query(`update pgboss.job set start_after = now() where name = 'notify.push-again'`);
    await waitFor(async () => {
      const open = await world.office.database.query(`select 1 from pgboss.job where name = 'notify.push-again' and state < 'completed'`);
      return ofBen.received.length === 1 && open.length === 0;
    }, 'the second try');
    expect(ofCarl.asked).toBe(1);
  });
});

describe('Who is told', () => {
  it('is chosen by the level of each member', async () => {
    await set(ben, `notify = 'mentions'`);
    await set(carl, `notify = 'nothing'`);
    await world.write(ana, conversation, 'for everybody');
    await world.write(ana, conversation, 'for you two', { mentions: [ben.personId, carl.personId] });
    await world.settle();
    expect(payloads(ofBen)).toEqual([expect.objectContaining({ kind: 'mention', number: 2 })]);
    expect(payloads(ofCarl)).toEqual([]);
  });

  it('is, in a direct conversation, the other one even where he wants mentions alone; of a meeting only who is mentioned', async () => {
    const direct = await world.office.conversation([ana, ben], { kind: 'direct' });
    const meeting = await world.office.conversation([ana, ben], { kind: 'meeting' });
    await world.office.database.query(`update conversation_members set notify = 'mentions' where conversation_id = $1`, [direct.id]);
    await world.write(ana, direct, 'psst');
    await world.write(ana, meeting, 'next slide');
    await world.write(ana, meeting, 'your turn', { mentions: [ben.personId] });
    await world.settle();
    expect(payloads(ofBen)).toHaveLength(2);
    expect(payloads(ofBen)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ conversation: direct.id, number: 1, kind: 'message' }),
        expect.objectContaining({ conversation: meeting.id, number: 2, kind: 'mention' }),
      ]),
    );
  });

  it('is nobody who has muted the conversation, as long as that lasts', async () => {
    await set(ben, 'muted_until = $3', new Date(Date.now() + 60_000));
    await set(carl, 'muted_until = $3', new Date(Date.now() - 60_000));
    await world.write(ana, conversation, 'hello', { mentionsAll: true });
    await world.settle();
    expect([ofBen.received.length, ofCarl.received.length]).toEqual([0, 1]);
  });

  it('is nobody in his quiet hours', async () => {
    const quiet = { from: '00:00', to: '00:00', days: [0, 1, 2, 3, 4, 5, 6], timeZone: 'Asia/Hong_Kong' };
    await world.notify.settings.change(ben, { quiet });
    await world.notify.settings.change(carl, { quiet: { ...quiet, days: [] } });
    await world.write(ana, conversation, 'hello');
    await world.settle();
    expect([ofBen.received.length, ofCarl.received.length]).toEqual([0, 1]);
  });

  it('is of a thread only who takes part in it', async () => {
    await world.write(ben, conversation, 'a question');
    await waitFor(() => ofCarl.received.length === 1, 'the question');
    world.stopClock();
    await world.write(ana, conversation, 'an answer', { thread: 1 });
    await world.write(ana, conversation, 'another', { thread: 1 });
    await world.settle();
    expect(payloads(ofBen)).toEqual([expect.objectContaining({ number: 3 })]);
    expect(ofCarl.received).toHaveLength(1);
  });

  it('is told of a burst once, and at once when he is mentioned', async () => {
    for (let i = 0; i < 20; i += 1) await world.write(ana, conversation, `${i}`);
    await waitFor(() => ofBen.received.length > 0 && ofCarl.received.length > 0, 'the first push');
    const before = [ofBen.received.length, ofCarl.received.length];
    await world.write(ana, conversation, 'and');
    const { number } = await world.write(ana, conversation, 'you?', { mentions: [ben.personId] });
    await waitFor(() => ofBen.received.length === 2, 'the mention');
    await world.settle();
    expect(before).toEqual([1, 1]);
    expect(payloads(ofBen)[1]).toMatchObject({ kind: 'mention', number });
    expect(ofCarl.received).toHaveLength(1);
  });

  it('is told again when the time between two pushes is over and he has still not read', async () => {
    await world.write(ana, conversation, 'one');
    await waitFor(() => ofBen.received.length === 1, 'the first push');
    world.later = 600_001;
    await world.write(ana, conversation, 'two');
    await waitFor(() => ofBen.received.length === 2, 'the second push');
    expect(payloads(ofBen)[1]).toMatchObject({ kind: 'message', number: 2 });
  });

  it('is told once, though two nodes want to at the same time', async () => {
    const other = world.node();
    const message = (body: string) => messageOf(ana, { conversationId: conversation.id, clientId: newId(), body });
    await Promise.all([world.log.append(message('here')), other.log.append(message('there'))]);
    await Promise.all([world.settle(), other.notify.close()]);
    expect([ofBen.received.length, ofCarl.received.length]).toEqual([1, 1]);
  });

  it('is not told again after a restart within that time', async () => {
    await world.write(ana, conversation, 'hello');
    await world.restart();
    await world.write(ana, conversation, 'again');
    await world.settle();
    expect(ofBen.received).toHaveLength(1);
  });
});

describe('What waits to be told', () => {
  const waiting = () => world.office.database.query<{ from_number: number }>('select from_number from waiting_notices');
  const lookForLate = () => world.jobs.enqueue({ name: 'notify.notices-late', schema: z.object({}) }, {});

  it('is told by another node when the one that knew of it was killed, unless it was read meanwhile', async () => {
    await world.close();
    await open({ PUSH_DELAY_MS: 600_000 });
    await world.write(ana, conversation, 'one');
    await waitFor(async () => (await waiting()).length === 1, 'it to be written down');
    const { number } = await world.write(ana, conversation, 'two');
    await world.kill();
    await set(carl, 'read_number = 2');
    world.later = 700_000;
    await lookForLate();
    await waitFor(async () => ofBen.received.length > 0 && (await waiting()).length === 0, 'Ben to be told');
    expect(payloads(ofBen)).toEqual([expect.objectContaining({ kind: 'message', number })]);
    expect(ofCarl.asked).toBe(0);
  });

  it('is not told twice when the node was only slow', async () => {
    await world.close();
    await open({ PUSH_DELAY_MS: 600_000 });
    await world.write(ana, conversation, 'one');
    await waitFor(async () => (await waiting()).length === 1, 'it to be written down');
    const slow = world.notify;
    await world.kill();
    world.later = 700_000;
    await lookForLate();
    await Promise.all([slow.close(), waitFor(() => ofBen.received.length > 0, 'Ben to be told')]);
    await world.settle();
    expect([ofBen.received.length, ofCarl.received.length, await waiting()]).toEqual([1, 1, []]);
  });

  it('leaves nothing behind when it was told, nor where nobody has a device', async () => {
    await world.write(ana, conversation, 'one');
    await waitFor(() => ofBen.received.length === 1, 'Ben to be told');
    await world.write(ana, conversation, 'two');
    await world.settle();
    expect(await waiting()).toEqual([]);
  });
});

describe('A push about a recording', () => {
  const newsId = '0192f0c0-0000-7000-8000-00000000000a';
  const recording = { id: '0192f0c0-0000-7000-8000-00000000000b', title: 'Budget' };
  const push = () => world.notify.recordings.push({ orgId: ben.orgId, personId: ben.personId, newsId, kind: 'shared' });
  beforeEach(() => void world.recordingNews.set(newsId, { recording, by: { name: 'Ana' } }));

  it('goes to who uses no device, with names where they may leave the server', async () => {
    world.active.add(ben.personId);
    await push();
    world.active.clear();
    await push();
    await world.notify.settings.changePolicy({ ...ana, role: 'owner' }, { privacy: 'text' });
    await push();
    const bare = { kind: 'recording-shared', recording: recording.id, language: 'zh-Hant' };
    expect(payloads(ofBen)).toEqual([bare, { ...bare, sender: 'Ana', title: 'Budget' }]);
    expect(payloads(ofCarl)).toEqual([]);
  });

  it('that the push service could not take is tried again, as long as there is something to tell', async () => {
    const open = () => world.office.database.query(`select 1 from pgboss.job where name = 'notify.push-again' and state < 'completed'`);
    const tryAgain = async () => {
      await world.office.database.query(`update pgboss.job set start_after = now() where name = 'notify.push-again'`);
      await waitFor(async () => (await open()).length === 0, 'the job');
    };
    ofBen.answer = 503;
    await push();
    ofBen.answer = 201;
    await tryAgain();
    expect(payloads(ofBen)).toHaveLength(1);
    ofBen.answer = 503;
    await push();
    ofBen.answer = 201;
    world.recordingNews.clear();
    await tryAgain();
    expect(payloads(ofBen)).toHaveLength(1);
  });

  it('waits for the end of quiet hours, and says what may be written', async () => {
    const { orgId, personId } = ben;
    expect(await world.notify.recordings.wishes(orgId, personId)).toEqual({ email: true, language: null, named: false, silentUntil: null });
    await world.notify.settings.changePolicy({ ...ana, role: 'owner' }, { privacy: 'names' });
    const quiet = { from: '00:00', to: '00:00', days: [0, 1, 2, 3, 4, 5, 6], timeZone: 'Asia/Hong_Kong' };
    await world.notify.settings.change(ben, { quiet, email: false, language: 'zh-Hans' });
    const wishes = await world.notify.recordings.wishes(orgId, personId);
    expect(wishes).toEqual({ email: false, language: 'zh-Hans', named: true, silentUntil: expect.any(Number) });
    expect(wishes.silentUntil).toBeGreaterThan(world.clock.now());
  });
});
