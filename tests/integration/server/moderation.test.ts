/** What hosts decide holds, whatever is on the way at the same moment. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Query } from '../../../src/platform/database/index.js';
import type { Meeting } from '../../../src/signaling/schema.js';
import type { SignedIn } from '../../support/api.js';
import { waitFor } from '../../support/index.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import { Attendee, Role, refused, Source } from './attendee.js';

let server: TestServer;
let olivia: SignedIn;
let ana: SignedIn;

beforeAll(async () => {
  server = await startTestServer();
  olivia = await server.setUpOwner();
  ana = await server.invite(olivia, 'Ana');
});
afterAll(() => server?.close());

async function open(
  over: Parameters<TestServer['createMeeting']>[1] = {},
): Promise<{ meeting: Meeting; meetingId: string; host: Attendee }> {
  const meeting = await server.createMeeting(olivia, { lobby: 'off', ...over });
  return { meeting, meetingId: meeting.id, host: await Attendee.enter(server, meeting.id, olivia) };
}

/** Holds what the statement locks while something is under way, and lets go when `during` is done. */
async function holding(statement: string, during: (tx: Query) => Promise<void>): Promise<void> {
  await server.database.transaction(async (tx) => {
    await tx.query(statement);
    await during(tx);
  });
}

async function somebodyWaits(tx: Query): Promise<void> {
  const waits = () => tx.query(`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`);
  await waitFor(async () => (await waits()).length > 0, 'the database to make somebody wait');
}

describe('A locked meeting', () => {
  it('is not entered by whoever was on the way in when it was locked, and nothing of him is left', async () => {
    const { meetingId, host } = await open();
    const attendee = await Attendee.arrive(server, meetingId, ana);
    let joining: Promise<unknown> = Promise.resolve();
    await holding('lock table meeting_stays in access exclusive mode', async (tx) => {
      joining = attendee.join();
      joining.catch(() => undefined);
      await somebodyWaits(tx);
      await host.client.meeting.setLock({ meetingId, locked: true });
    });
    await refused(joining, 'MEETING_LOCKED');
    // Neither is he one who was in before.
    await refused(attendee.join(), 'MEETING_LOCKED');
    await refused(attendee.client.chat.fetch({ conversationId: host.conversationId, after: 0 }), 'CHAT_NOT_FOUND');
    const rows = await server.database.query('select 1 from meeting_stays where meeting_id = $1', [meetingId]);
    expect([rows.length, (await host.snapshot()).participants.size]).toEqual([1, 1]);
    await host.client.meeting.setLock({ meetingId, locked: false });
    await attendee.enter();
    await attendee.client.close();
    await host.client.close();
  });

  it('is entered by whom a host lets in, and by who was in before', async () => {
    const { meeting, meetingId, host } = await open({ lobby: 'guests' });
    const guest = await Attendee.arrive(server, meetingId, await server.guest(meeting.code, 'Gia'));
    const waitingId = await guest.knock();
    await host.client.meeting.setLock({ meetingId, locked: true });
    await host.client.meeting.answerLobby({ meetingId, waitingId, admit: true });
    await guest.told('lobbyAnswer');
    await guest.enter();
    await guest.leave();
    await guest.enter();
    await guest.client.close();
    await host.client.close();
  });

  it('is shown as locked when that is written down, not before', async () => {
    const { meetingId, host } = await open();
    let locking: Promise<unknown> = Promise.resolve();
    await holding(`select 1 from meetings where id = '${meetingId}' for update`, async (tx) => {
      locking = host.client.meeting.setLock({ meetingId, locked: true });
      await somebodyWaits(tx);
      expect((await host.snapshot()).locked).toBe(false);
    });
    await locking;
    await host.until((state) => state.locked, 'the lock');
    await host.client.close();
  });
});

describe('A role', () => {
  it('is told when it is written down, not before, and the last of two hosts stays one', async () => {
    const { meetingId, host } = await open();
    const other = await Attendee.enter(server, meetingId, ana);
    const give = (by: Attendee, to: Attendee, role: number) => by.client.meeting.setRole({ meetingId, participantId: to.id, role });
    let giving: Promise<unknown> = Promise.resolve();
    await holding(`select 1 from meeting_members where meeting_id = '${meetingId}' for update`, async (tx) => {
      giving = give(host, other, Role.ROLE_HOST);
      await somebodyWaits(tx);
      expect((await host.snapshot()).participants.get(other.id)?.role).toBe(Role.ROLE_ATTENDEE);
    });
    await giving;
    const results = await Promise.allSettled([give(host, other, Role.ROLE_ATTENDEE), give(other, host, Role.ROLE_ATTENDEE)]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const hosts = [...(await host.snapshot()).participants.values()].filter(({ role }) => role === Role.ROLE_HOST);
    expect(hosts).toHaveLength(1);
    await other.client.close();
    await host.client.close();
  });
});

describe('The sound of a screen', () => {
  it('is stopped by a host where the microphone is off', async () => {
    const { meetingId, host } = await open();
    const attendee = await Attendee.enter(server, meetingId, ana);
    const microphone = await attendee.produce(Source.SOURCE_MICROPHONE);
    const sound = await attendee.produce(Source.SOURCE_SCREEN_AUDIO);
    const paused = () => host.sees(attendee)?.producers.flatMap((producer) => (producer.paused ? [producer.id] : []));
    await host.client.meeting.mute({ meetingId, participantId: '' });
    await host.until(() => paused()?.length === 1, 'her microphone to be muted');
    expect(paused()).toEqual([microphone]);
    await host.client.meeting.mute({ meetingId, participantId: attendee.id });
    await host.until(() => paused()?.length === 2, 'the sound of her screen to be muted');
    await attendee.client.waitForEvent(({ session }) => session?.producerStopped?.producerId === sound, 'her page to be told');
    await attendee.client.close();
    await host.client.close();
  });
});

describe('The chat of a guest', () => {
  it('ends when he leaves, begins again when he comes back, and ends with the meeting', async () => {
    const { meeting, meetingId, host } = await open();
    const signedIn = await server.guest(meeting.code, 'Gia');
    const [guest, phone] = [await Attendee.enter(server, meetingId, signedIn), await Attendee.enter(server, meetingId, signedIn)];
    const member = await Attendee.enter(server, meetingId, ana);
    const read = (by: Attendee) => by.client.chat.fetch({ conversationId: host.conversationId, after: 0 });
    await guest.write('hello');
    // One of two devices leaves.
    await phone.leave();
    await guest.write('still here');
    await guest.leave();
    await waitFor(async () => (await read(guest).catch(() => null)) === null, 'the chat to end');
    await refused(read(guest), 'CHAT_NOT_FOUND');
    await refused(guest.write('from outside'), 'CHAT_NOT_FOUND');
    await guest.enter();
    expect((await read(guest)).messages).toHaveLength(2);
    await member.leave();
    expect((await read(member)).messages).toHaveLength(2);
    await host.client.meeting.endForAll({ meetingId });
    await refused(read(guest), 'CHAT_NOT_FOUND');
    expect((await read(member)).messages).toHaveLength(2);
    for (const { client } of [guest, phone, member, host]) await client.close();
  });
});
