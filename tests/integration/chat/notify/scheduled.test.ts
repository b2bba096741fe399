import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ScheduledBody } from '../../../../src/chat/notify/schema.js';
import type { ConversationFace } from '../../../../src/chat/ports.js';
import { CausewayError } from '../../../../src/platform/errors.js';
import { newId } from '../../../../src/platform/ids.js';
import type { Principal } from '../../../../src/platform/principal.js';
import { waitFor } from '../../../support/index.js';
import { messageOf, NotifyWorld } from './notify-world.js';

const refusal = (code: string) => expect.objectContaining({ code });
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();
const draft = (body: string, sendAt: string, over: Partial<ScheduledBody> = {}): ScheduledBody => ({
  body,
  sendAt,
  thread: null,
  mentions: [],
  mentionsAll: false,
  dlpAcknowledged: false,
  dlpReason: '',
  ...over,
});

let world: NotifyWorld;
let ana: Principal;
let ben: Principal;
let conversation: ConversationFace;

beforeEach(async () => {
  world = await NotifyWorld.open({ SCHEDULED_PER_PERSON: 4, CHAT_BODY_CHARACTERS: 30 });
  [ana, ben] = [await world.office.person('Ana'), await world.office.person('Ben')];
  conversation = await world.office.conversation([ana, ben]);
});
afterEach(() => world.close());

const add = (body: string, sendAt: string, over: Partial<ScheduledBody> = {}) =>
  world.notify.scheduled.add(ana, conversation.id, draft(body, sendAt, over));
const hour = 3_600_000;
/** The time of all that wait has come. */
const makeDue = async () => {
  await world.office.database.query('update scheduled_messages set send_at = now()');
  await runJobs();
};
/** Jobs that wait for their time run now. */
const runJobs = () =>
  world.office.database.query(`update pgboss.job set start_after = now() where name = 'notify.scheduled' and state < 'completed'`);
const noJobIsLeft = async () =>
  (await world.office.database.query(`select 1 from pgboss.job where name = 'notify.scheduled' and state < 'completed'`)).length === 0;
const addDue = async (body: string) => {
  const { id } = await add(body, inMs(hour));
  await makeDue();
  return id;
};
const sent = () =>
  world.office.database.query<{ body: string; sender_name: string; mentions: string[] }>(
    'select body, sender_name, mentions from messages where conversation_id = $1 order by number',
    [conversation.id],
  );
const rows = () =>
  world.office.database.query<{ state: string; body: string; refused_code: string | null }>('select * from scheduled_messages');

describe('A scheduled message', () => {
  it('is sent at its time as the person, with his name of then, and leaves no copy', async () => {
    await world.office.database.query(`update people set name = 'Ana Lee' where id = $1`, [ana.personId]);
    await add(' good morning ', inMs(2_000), { mentions: [ben.personId] });
    await waitFor(async () => (await rows()).length === 0, 'it to be sent');
    expect(await sent()).toEqual([{ body: 'good morning', sender_name: 'Ana Lee', mentions: [ben.personId] }]);
  });

  it('is sent as it was changed last, and not before the time that was chosen last', async () => {
    const { id } = await add('first', inMs(hour));
    await world.notify.scheduled.change(ana, id, { body: 'second', sendAt: inMs(2 * hour) });
    await runJobs();
    await waitFor(noJobIsLeft, 'the jobs of both times');
    expect(await sent()).toEqual([]);
    await world.notify.scheduled.change(ana, id, { sendAt: inMs(hour) });
    await makeDue();
    await waitFor(async () => (await rows()).length === 0, 'it to be sent');
    expect(await sent()).toMatchObject([{ body: 'second' }]);
  });

  it('that was deleted is not sent', async () => {
    const { id } = await add('never', inMs(hour));
    await world.notify.scheduled.remove(ana, id);
    await runJobs();
    await waitFor(noJobIsLeft, 'its job');
    expect(await sent()).toEqual([]);
    await expect(world.notify.scheduled.get(ana, id)).rejects.toThrow(refusal('CHAT_SCHEDULED_NOT_FOUND'));
  });

  it('can not be changed while it is sent', async () => {
    let go: () => void = () => undefined;
    const started = new Promise<void>((resolve) => {
      world.send = async (principal, message) => {
        resolve();
        await new Promise<void>((ready) => {
          go = ready;
        });
        return world.log.append(messageOf(principal, message));
      };
    });
    const id = await addDue('now');
    await started;
    await expect(world.notify.scheduled.change(ana, id, { body: 'late' })).rejects.toThrow(refusal('CHAT_SCHEDULED_SENDING'));
    await expect(world.notify.scheduled.remove(ana, id)).rejects.toThrow(refusal('CHAT_SCHEDULED_SENDING'));
    go();
    await waitFor(async () => (await rows()).length === 0, 'it to be sent');
    expect(await sent()).toMatchObject([{ body: 'now' }]);
  });

  it('that is refused at its time is kept with the reason, and the person is told', async () => {
    const device = await world.device(ana);
    world.send = async () => {
      throw new CausewayError('CHAT_DOMAIN_REFUSED', { fill: { rule: 'China', from: 'HK', to: 'CN' } });
    };
    const id = await addDue('crossing');
    await waitFor(() => device.received.length === 1, 'the push');
    expect(device.received[0]?.payload).toEqual({ kind: 'scheduled-refused', conversation: conversation.id, number: 0, language: 'en' });
    expect(world.told).toContainEqual({ people: [ana.personId], notice: { conversationChanged: conversation.id } });
    const kept = await world.notify.scheduled.get(ana, id);
    expect(kept).toMatchObject({ state: 'refused', body: 'crossing' });
    expect(kept.refusal?.say('en')).toContain('The rule "China"');
    // It waits again with another time.
    world.send = (principal, message) => world.log.append(messageOf(principal, message));
    await world.notify.scheduled.change(ana, id, { sendAt: inMs(hour) });
    await makeDue();
    await waitFor(async () => (await rows()).length === 0, 'it to be sent');
    expect(await sent()).toMatchObject([{ body: 'crossing' }]);
  });

  it('whose content is blocked at its time is kept nowhere', async () => {
    world.send = async () => {
      throw new CausewayError('CHAT_DLP_BLOCKED', { fill: { rule: 'Cards', what: 'a card' } });
    };
    await addDue('4111 1111 1111 1111');
    await waitFor(async () => (await rows())[0]?.state === 'refused', 'the refusal');
    expect(await rows()).toEqual([expect.objectContaining({ body: '', refused_code: 'CHAT_DLP_BLOCKED' })]);
    expect(JSON.stringify(await world.office.database.query('select * from pgboss.job'))).not.toContain('4111');
  });

  it('whose content is blocked now is not stored at all, nor a change of one', async () => {
    const { id } = await add('harmless', inMs(hour));
    world.guards.push({
      check: async ({ text, principal }) => {
        expect(principal.personId).toBe(ana.personId);
        if (text.includes('4111')) throw new CausewayError('CHAT_DLP_BLOCKED', { fill: { rule: 'Cards', what: 'a card' } });
      },
    });
    await expect(add('4111', inMs(hour))).rejects.toThrow(refusal('CHAT_DLP_BLOCKED'));
    await expect(world.notify.scheduled.change(ana, id, { body: '4111' })).rejects.toThrow(refusal('CHAT_DLP_BLOCKED'));
    expect(await rows()).toEqual([expect.objectContaining({ body: 'harmless' })]);
  });

  it('is sent once, though its process was killed between sending it and knowing it', async () => {
    await world.notify.close();
    await world.jobs.close();
    await addDue('exactly once');
    const program = path.join(import.meta.dirname, '..', '..', '..', 'support', 'scheduled-sender.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', program, world.office.database.url], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    try {
      const [, signal] = await once(child, 'exit');
      expect(signal).toBe('SIGKILL');
    } finally {
      child.kill('SIGKILL');
    }
    expect(await sent()).toMatchObject([{ body: 'exactly once' }]);
    expect(await rows()).toMatchObject([{ state: 'sending' }]);
    // What is not allowed any more does not undo it.
    world.send = async () => {
      throw new CausewayError('CHAT_ARCHIVED');
    };
    await world.restart();
    await waitFor(async () => (await rows()).length === 0, 'the next process to learn that it was sent');
    expect(await sent()).toMatchObject([{ body: 'exactly once' }]);
  });

  it('is tried again when something fails that is no refusal', async () => {
    let tries = 0;
    world.send = async (principal, message) => {
      tries += 1;
      if (tries === 1) throw new Error('the database is away');
      if (tries === 2) throw new CausewayError('REQUEST_RATE');
      return world.log.append(messageOf(principal, message));
    };
    await addDue('at last');
    await waitFor(async () => (await rows()).length === 0, 'it to be sent');
    expect(await sent()).toHaveLength(1);
  });
});

describe('Scheduling refuses', () => {
  it('what could not be sent either', async () => {
    const carl = await world.office.person('Carl');
    const later = inMs(60_000);
    const { scheduled } = world.notify;
    await expect(scheduled.add(carl, conversation.id, draft('x', later))).rejects.toThrow(refusal('CHAT_NOT_FOUND'));
    await expect(scheduled.add(ana, newId(), draft('x', later))).rejects.toThrow(refusal('CHAT_NOT_FOUND'));
    await expect(scheduled.add({ ...ana, orgId: newId() }, conversation.id, draft('x', later))).rejects.toThrow(refusal('CHAT_NOT_FOUND'));
    await expect(add(' \n\0 ', later)).rejects.toThrow(refusal('CHAT_EMPTY'));
    await expect(add('字'.repeat(31), later)).rejects.toThrow(refusal('CHAT_TOO_LONG'));
    await expect(add('x', later, { thread: 7 })).rejects.toThrow(refusal('CHAT_MESSAGE_NOT_FOUND'));
    await expect(add('x', later, { mentions: Array.from({ length: 10_000 }, () => newId()) })).rejects.toThrow(refusal('CHAT_MENTIONS'));
    await world.office.database.query('update conversations set archived_at = now() where id = $1', [conversation.id]);
    await expect(add('x', later)).rejects.toThrow(refusal('CHAT_ARCHIVED'));
    expect(await rows()).toEqual([]);
  });

  it('times that have passed, or are too far away', async () => {
    for (const sendAt of [inMs(-1_000), inMs(400 * 86_400_000), '1970-01-01T00:00:00Z'])
      await expect(add('x', sendAt)).rejects.toThrow(refusal('CHAT_SCHEDULED_TIME'));
  });

  it('more than so many of one person, also when all come at once', async () => {
    const results = await Promise.allSettled(Array.from({ length: 8 }, (_, i) => add(`${i}`, inMs(60_000))));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
    expect(await rows()).toHaveLength(4);
  });

  it("to show, change or delete another's", async () => {
    const { id } = await add('mine', inMs(60_000));
    const { scheduled } = world.notify;
    for (const stranger of [ben, { ...ana, orgId: newId() }]) {
      await expect(scheduled.get(stranger, id)).rejects.toThrow(refusal('CHAT_SCHEDULED_NOT_FOUND'));
      await expect(scheduled.change(stranger, id, { body: 'yours' })).rejects.toThrow(refusal('CHAT_SCHEDULED_NOT_FOUND'));
      await expect(scheduled.remove(stranger, id)).rejects.toThrow(refusal('CHAT_SCHEDULED_NOT_FOUND'));
    }
    expect(await scheduled.list(ben, conversation.id)).toEqual([]);
    expect(await scheduled.list(ana, conversation.id)).toMatchObject([{ id, body: 'mine' }]);
  });
});
