/** Consent in a meeting that is on: real sockets, a real worker, the real recorder. What is tapped is what has a track. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { causeway } from '#proto';
import { recordingDetailSchema } from '../../../src/recording/schema.js';
import type { SignedIn } from '../../support/api.js';
import { policyBody } from '../../support/recording-policy.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import { waitFor } from '../../support/wait-for.js';
import { Attendee, refused, Source } from '../server/attendee.js';

const recordingKind = causeway.RecordingKind;

let server: TestServer;
let owner: SignedIn;
let member: SignedIn;
let third: SignedIn;
let meetingId: string;
let host: Attendee;
let ana: Attendee;

beforeAll(async () => {
  server = await startTestServer();
  owner = await server.setUpOwner();
  [member, third] = [await server.invite(owner, 'Ana'), await server.invite(owner, 'Ming')];
});
afterAll(() => server?.close());

beforeEach(async () => {
  ({ id: meetingId } = await server.createMeeting(owner, { lobby: 'off' }));
  host = await Attendee.enter(server, meetingId, owner);
  ana = await Attendee.enter(server, meetingId, member);
});

const start = (as = host, kind = recordingKind.RECORDING_KIND_RECORDING) => as.client.recording.start({ meetingId, kind });
const answer = (as: Attendee, yes: boolean) =>
  as.client.recording.answerConsent({
    meetingId,
    answer: { noticeHash: as.state.recording?.notice.hash ?? '', yes, language: 'zh-Hant' },
  });
const policy = (over: object) => server.api('PUT', '/api/recording-policies', { ...policyBody, ...over }, owner.accessToken);
interface Track {
  readonly name: string;
  readonly source: string;
  readonly state: string;
}
const tracks = () =>
  server.database.query<Track>(
    `select t.person_name as name, t.source, t.state from recording_tracks t join recordings r on r.id = t.recording_id
     where r.meeting_id = $1 order by t.started_at`,
    [meetingId],
  );
const tapped = async (name: string) => (await tracks()).filter((track) => track.name === name && track.state === 'capturing').length;
const ledger = async (name: string) =>
  (
    await server.database.query<{ what: string }>(
      `select l.what from consent_ledger l join recordings r on r.id = l.recording_id
       where r.meeting_id = $1 and l.person_name = $2 order by l.number`,
      [meetingId, name],
    )
  ).map(({ what }) => what);

describe('A recording that is started', () => {
  it('taps who started it, and nobody else until he agrees', async () => {
    await host.produce(Source.SOURCE_MICROPHONE);
    await ana.produce(Source.SOURCE_MICROPHONE);
    const { recording } = await start();
    expect(recording?.recorded).toEqual([owner.person.id]);
    await waitFor(async () => (await tapped('Olivia')) === 1, "a track of the host's voice");
    expect(await tapped('Ana')).toBe(0);
    await ana.until(({ recording: now }) => now, 'the recording');
    await answer(ana, true);
    await waitFor(async () => (await tapped('Ana')) === 1, 'a track of who agreed');
    expect(await ledger('Ana')).toEqual(['asked', 'yes']);
    expect(
      (await host.until(({ recording: now }) => now?.recorded.has(member.person.id), 'who is recorded')).recording?.recorded.size,
    ).toBe(2);
  });

  it('is the one that is on when it is started twice, and can not be of two kinds', async () => {
    const [first, second] = [await start(), await start()];
    expect(second.recording?.recordingId).toBe(first.recording?.recordingId);
    await refused(start(host, recordingKind.RECORDING_KIND_TRANSCRIPT), 'RECORDING_OTHER_KIND');
  });

  it('takes what somebody sends who agreed before he sent it', async () => {
    await start();
    await ana.until(({ recording }) => recording, 'the recording');
    await answer(ana, true);
    await ana.produce(Source.SOURCE_MICROPHONE);
    await waitFor(async () => (await tapped('Ana')) === 1, 'a track');
  });

  it('takes nothing of who says no, nor of who says nothing', async () => {
    const ming = await Attendee.enter(server, meetingId, third);
    await start();
    await Promise.all([ana, ming].map((one) => one.until(({ recording }) => recording, 'the recording')));
    await answer(ana, false);
    for (const one of [host, ana, ming]) await one.produce(Source.SOURCE_MICROPHONE);
    await waitFor(async () => (await tapped('Olivia')) === 1, 'a track of the host');
    expect((await tracks()).map(({ name }) => name)).toEqual(['Olivia']);
    expect([await ledger('Ana'), await ledger('Ming')]).toEqual([['asked', 'no'], ['asked']]);
  });

  it('asks at the door who comes late, and lets him in whatever he says', async () => {
    await start();
    const ming = await Attendee.arrive(server, meetingId, third);
    const { consent } = await ming.join();
    expect(consent?.notice?.texts?.['zh-Hant']?.what).toBeTruthy();
    const noticeHash = consent?.notice?.hash ?? '';
    const rtpCapabilities = await server.rtpCapabilities();
    await refused(
      ming.client.meeting.join({ meetingId, rtpCapabilities, consent: { noticeHash: 'another', yes: true, language: 'en' } }),
      'RECORDING_NOTICE_CHANGED',
    );
    const { joined } = await ming.client.meeting.join({ meetingId, rtpCapabilities, consent: { noticeHash, yes: false, language: 'en' } });
    expect(joined?.consent).toBe('no');
    expect(await ledger('Ming')).toEqual(['asked', 'no']);
  });

  it('lets in who comes back after a loss and has not answered yet, and takes nothing of him', async () => {
    await start();
    const ming = await Attendee.arrive(server, meetingId, third);
    const rtpCapabilities = await server.rtpCapabilities();
    const { joined } = await ming.client.meeting.join({ meetingId, rtpCapabilities, consent: { later: true } });
    expect([joined?.consent, joined?.snapshot?.recording?.recorded]).toEqual(['', [owner.person.id]]);
    expect(await ledger('Ming')).toEqual(['asked']);
  });

  it('cuts at once who withdraws, and takes him again when he allows it again', async () => {
    await ana.produce(Source.SOURCE_MICROPHONE);
    await start();
    await ana.until(({ recording }) => recording, 'the recording');
    await answer(ana, true);
    await waitFor(async () => (await tapped('Ana')) === 1, 'a track');
    await answer(ana, false);
    await waitFor(async () => (await tapped('Ana')) === 0, 'the end of the track');
    expect(await ledger('Ana')).toEqual(['asked', 'yes', 'withdrawn']);
    await answer(ana, true);
    await waitFor(async () => (await tapped('Ana')) === 1, 'another track');
  });

  it('cuts who withdraws over HTTP while it is on', async () => {
    await ana.produce(Source.SOURCE_MICROPHONE);
    const { recording } = await start();
    await ana.until(({ recording: now }) => now, 'the recording');
    await answer(ana, true);
    await waitFor(async () => (await tapped('Ana')) === 1, 'a track');
    await server.api('POST', `/api/recordings/${recording?.recordingId}/consent/withdraw`, { everything: false }, member.accessToken);
    await waitFor(async () => (await tapped('Ana')) === 0, 'the end of the track');
    await ana.until(({ recording: now }) => !now?.recorded.has(member.person.id), 'that she is recorded no more');
  });

  it('takes nobody who says no while his yes is being written down, whatever is written first', async () => {
    await ana.produce(Source.SOURCE_MICROPHONE);
    await start();
    await ana.until(({ recording }) => recording, 'the recording');
    const noticeHash = ana.state.recording?.notice.hash ?? '';
    const say = (yes: boolean) => ana.client.recording.answerConsent({ meetingId, answer: { noticeHash, yes, language: 'en' } });
    await say(false);
    await Promise.all([say(true), say(false)]);
    expect(await ledger('Ana')).toEqual(['asked', 'no', 'yes', 'withdrawn']);
    expect(ana.state.recording?.recorded.has(member.person.id)).toBe(false);
    expect(await tapped('Ana')).toBe(0);
    await Promise.all([say(false), say(true)]);
    await waitFor(async () => (await tapped('Ana')) === 1, 'a track of who agreed in the end');
  });

  it('takes nobody any more whose withdrawal came to the ledger alone', async () => {
    await ana.produce(Source.SOURCE_MICROPHONE);
    const { recording } = await start();
    await ana.until(({ recording: now }) => now, 'the recording');
    await answer(ana, true);
    await waitFor(async () => (await tapped('Ana')) === 1, 'a track');
    // As when the node that is home to the meeting could not be told.
    await server.database.query(
      `insert into consent_ledger (org_id, recording_id, number, person_id, person_name, what, notice_hash, language, client, at)
       select org_id, recording_id, number + 1, person_id, person_name, 'withdrawn', notice_hash, language, client, at
       from consent_ledger where recording_id = $1 order by number desc limit 1`,
      [recording?.recordingId],
    );
    await waitFor(async () => (await tapped('Ana')) === 0, 'the end of the track', { deadlineMs: 90_000 });
    await ana.until(({ recording: now }) => !now?.recorded.has(member.person.id), 'that she is recorded no more');
  });

  it('is not on when it could not be told to everybody', async () => {
    await server.database.query(
      `create function refuse_yes() returns trigger language plpgsql as $$ begin raise exception 'not now'; end $$;
       create trigger refuse_yes before insert on consent_ledger for each row execute function refuse_yes()`,
    );
    try {
      await expect(start()).rejects.toThrow();
    } finally {
      await server.database.query('drop function refuse_yes cascade');
    }
    const on = () => server.database.query(`select 1 from recordings where meeting_id = $1 and state in ('on', 'paused')`, [meetingId]);
    expect(await on()).toEqual([]);
    expect((await start()).recording?.recorded).toEqual([owner.person.id]);
  });

  it('takes nothing while it is paused, and keeps when that was', async () => {
    await host.produce(Source.SOURCE_MICROPHONE);
    await start();
    await waitFor(async () => (await tapped('Olivia')) === 1, 'a track');
    await host.client.recording.setPaused({ meetingId, paused: true });
    await waitFor(async () => (await tapped('Olivia')) === 0, 'the end of the track');
    await host.client.recording.setPaused({ meetingId, paused: false });
    await waitFor(async () => (await tapped('Olivia')) === 1, 'another track');
    const pauses = await server.database.query(
      `select 1 from recording_pauses p join recordings r on r.id = p.recording_id where r.meeting_id = $1 and p.resumed_at > p.paused_at`,
      [meetingId],
    );
    expect(pauses).toHaveLength(1);
  });

  it('is stopped by the end of the meeting, and put together', async () => {
    await start();
    await host.client.meeting.endForAll({ meetingId });
    const state = async () =>
      (await server.database.query<{ state: string }>('select state from recordings where meeting_id = $1', [meetingId]))[0]?.state;
    await waitFor(async () => (await state()) === 'ready', 'the recording', { deadlineMs: 90_000 });
  });

  it('loses everything of who withdraws everything afterwards, in the files and in the store', async () => {
    await Promise.all([host, ana].map((one) => one.produce(Source.SOURCE_MICROPHONE)));
    const { recording } = await start();
    const id = recording?.recordingId ?? '';
    await ana.until(({ recording: now }) => now, 'the recording');
    await answer(ana, true);
    await waitFor(async () => (await tapped('Ana')) === 1, 'a track');
    await host.client.recording.stop({ meetingId });
    const found = async () =>
      (await server.database.query<{ state: string; version: number }>('select state, version from recordings where id = $1', [id]))[0];
    await waitFor(async () => (await found())?.state === 'ready', 'the recording', { deadlineMs: 120_000 });
    await server.api('POST', `/api/recordings/${id}/consent/withdraw`, { everything: true }, member.accessToken);
    await waitFor(async () => (await found())?.version === 2, 'the next version', { deadlineMs: 120_000 });
    expect((await tracks()).map(({ name, state }) => [name, state]).sort()).toEqual([
      ['Ana', 'removed'],
      ['Olivia', 'sealed'],
    ]);
    const [left] = await server.database.query<{ segments: number; files: number }>(
      `select (select count(*)::int from recording_segments s join recording_tracks t on t.id = s.track_id
               where t.recording_id = $1 and t.person_id = $2) as segments,
              (select count(*)::int from recording_files where recording_id = $1 and version < 2) as files`,
      [id, member.person.id],
    );
    expect(left).toEqual({ segments: 0, files: 0 });
    // That she took it back is told to those who manage it; in it she is no more.
    const face = await server.get(recordingDetailSchema, 'GET', `/api/recordings/${id}`, undefined, owner.accessToken);
    expect(face.people.map(({ name }) => name)).not.toContain('Ana');
    expect(face.gaps.map(({ what }) => what)).toContain('withdrawn');
  });

  it('takes who took everything back and agrees again from then on, also after a restart', async () => {
    await ana.produce(Source.SOURCE_MICROPHONE);
    const { recording } = await start();
    await ana.until(({ recording: now }) => now, 'the recording');
    await answer(ana, true);
    await waitFor(async () => (await tapped('Ana')) === 1, 'a track');
    await server.api('POST', `/api/recordings/${recording?.recordingId}/consent/withdraw`, { everything: true }, member.accessToken);
    const states = async () => (await tracks()).map(({ state }) => state);
    await waitFor(async () => (await states()).join() === 'removed', 'that the track is removed');
    await ana.until(({ recording: now }) => !now?.recorded.has(member.person.id), 'that she is recorded no more');
    await answer(ana, true);
    await waitFor(async () => (await tapped('Ana')) === 1, 'another track');
    await server.restart();
    const back = await Attendee.enter(server, meetingId, member);
    expect(back.joined.consent).toBe('yes');
    await back.produce(Source.SOURCE_MICROPHONE);
    await waitFor(async () => (await tapped('Ana')) === 1, 'a track after the restart');
    // The job that looks for what was left takes nothing of what came since.
    await server.api('POST', `/api/recordings/${recording?.recordingId}/consent/withdraw`, { everything: false }, member.accessToken);
    await waitFor(async () => (await tapped('Ana')) === 0, 'the end of the track');
    expect((await states()).filter((state) => state === 'removed')).toHaveLength(1);
    expect((await states()).length).toBeGreaterThan(1);
  });

  it('goes on after a restart of the server, with what everybody had answered', async () => {
    await start();
    await ana.until(({ recording }) => recording, 'the recording');
    await answer(ana, false);
    await server.restart();
    const back = await Attendee.enter(server, meetingId, member);
    expect(back.state.recording?.recorded.has(owner.person.id) ?? false).toBe(true);
    expect(back.joined.consent).toBe('no');
  });
});

describe('Captions of who is not recorded', () => {
  const own = (choice: { optIn?: boolean; optOut?: boolean; language?: string }) =>
    ana.client.recording.setOwnCaptions({ meetingId, ...choice });
  const optedIn = () => [...ana.state.captions.optedIn];
  const settles = (on: boolean) => ana.until(({ captions }) => captions.optedIn.has(member.person.id) === on, `opted in: ${on}`);

  it('are turned on by himself alone, and only beside a recording that does not take him', async () => {
    await own({ optIn: true });
    await start();
    await ana.until(({ recording }) => recording, 'the recording');
    expect(optedIn()).toEqual([]);
    await own({ optIn: true });
    await settles(true);
    // What he speaks is another thing.
    await own({ optIn: true, language: '' });
    await own({ optIn: true, optOut: true });
    await settles(false);
  });

  it('are off again with each answer, and with the end of the recording', async () => {
    await start();
    await ana.until(({ recording }) => recording, 'the recording');
    await answer(ana, false);
    await own({ optIn: true });
    await settles(true);
    await answer(ana, true);
    await settles(false);
    await own({ optIn: true });
    expect(optedIn()).toEqual([]);
    await answer(ana, false);
    await own({ optIn: true });
    await settles(true);
    await host.client.recording.stop({ meetingId });
    await settles(false);
    await start();
    await ana.until(({ recording }) => recording, 'another recording');
    expect(optedIn()).toEqual([]);
  });
});

describe('What an organisation allows', () => {
  it('may be no recordings at all', async () => {
    await policy({ consent: 'forbidden' });
    await refused(start(), 'RECORDING_NOT_ALLOWED');
    await policy({});
  });

  it('may be hosts alone', async () => {
    await policy({ starters: 'host' });
    await host.client.meeting.setRole({ meetingId, participantId: ana.id, role: causeway.Role.ROLE_CO_HOST });
    await refused(start(ana), 'MEETING_FORBIDDEN');
    await policy({});
    await start(ana);
  });

  it('may be that people are informed: then who says nothing is recorded, and who objects is not', async () => {
    await policy({ consent: 'inform' });
    const ming = await Attendee.enter(server, meetingId, third);
    await Promise.all([ana, ming].map((one) => one.produce(Source.SOURCE_MICROPHONE)));
    await start();
    await waitFor(async () => (await tapped('Ming')) === 1 && (await tapped('Ana')) === 1, 'tracks of all');
    expect(await ledger('Ming')).toEqual(['informed']);
    await ana.until(({ recording }) => recording, 'the recording');
    await answer(ana, false);
    await waitFor(async () => (await tapped('Ana')) === 0, 'the end of the track');
    await policy({});
  });
});

describe('Somebody who may not', () => {
  it('starts, pauses and stops nothing', async () => {
    await refused(start(ana), 'MEETING_FORBIDDEN');
    await start();
    await refused(ana.client.recording.setPaused({ meetingId, paused: true }), 'MEETING_FORBIDDEN');
    await refused(ana.client.recording.stop({ meetingId }), 'MEETING_FORBIDDEN');
    await refused(ana.client.recording.setCaptions({ meetingId, on: true, language: '' }), 'MEETING_FORBIDDEN');
  });

  it('answers no question that was not asked', async () => {
    await refused(answer(ana, true), 'RECORDING_NOT_ON');
    await refused(host.client.recording.setPaused({ meetingId, paused: true }), 'RECORDING_NOT_ON');
    await host.client.recording.stop({ meetingId });
    await start();
    await refused(
      ana.client.recording.answerConsent({ meetingId, answer: { noticeHash: 'x'.repeat(9_999), yes: true } }),
      'RECORDING_NOTICE_CHANGED',
    );
  });
});
