import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { causeway } from '#proto';
import { type QualityReport, qualityReportSchema } from '../../../src/signaling/quality/schema.js';
import type { Meeting } from '../../../src/signaling/schema.js';
import type { SignedIn } from '../../support/api.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import { waitFor } from '../../support/wait-for.js';
import { Attendee, Role, refused } from './attendee.js';

const good: causeway.QualitySample.$Properties = {
  durationMs: 10_000,
  packetsReceived: 990,
  packetsLost: 10,
  packetsSent: 500,
  roundTripMs: 40,
  jitterMs: 6,
  width: 1_280,
  height: 720,
  framesPerSecond: 25,
  bitsPerSecondIn: 900_000,
  bitsPerSecondOut: 400_000,
};
const bad: causeway.QualitySample.$Properties = { ...good, packetsLost: 300, freezes: 2, freezesMs: 4_000, starved: 1, relayed: true };

let server: TestServer;
let olivia: SignedIn;
let adam: SignedIn;
let ana: SignedIn;
let ben: SignedIn;

beforeAll(async () => {
  server = await startTestServer();
  olivia = await server.setUpOwner();
  [adam, ana, ben] = await Promise.all([
    server.invite(olivia, 'Adam', 'admin'),
    server.invite(olivia, 'Ana'),
    server.invite(olivia, 'Ben'),
  ]);
});
afterAll(() => server?.close());

const report = (attendee: Attendee, sample: causeway.QualitySample.$Properties | null) =>
  attendee.client.media.reportQuality({ meetingId: attendee.meetingId, ...(sample && { sample }) });
const answer = (who: { accessToken: string }, meeting: Meeting, query = '') =>
  server.api('GET', `/api/meetings/${meeting.id}/quality${query}`, undefined, who.accessToken);
const read = (who: SignedIn, meeting: Meeting, query = ''): Promise<QualityReport> =>
  server.get(qualityReportSchema, 'GET', `/api/meetings/${meeting.id}/quality${query}`, undefined, who.accessToken);
const refusal = async (who: { accessToken: string }, meeting: Meeting, query = '') => {
  const { status, body } = await answer(who, meeting, query);
  return [status, (body as { error?: { code?: string } }).error?.code];
};
const rowsOf = (meeting: Meeting) =>
  server.database.query<{ bytes: number }>(
    `select octet_length(q.samples) as bytes from meeting_quality q join meeting_stays s on s.id = q.stay_id where s.meeting_id = $1`,
    [meeting.id],
  );

describe('What pages report of their connection', () => {
  it('is read while the meeting is on, the one who suffers first, and after it has ended', async () => {
    const meeting = await server.createMeeting(ana, { title: 'Rough sea', lobby: 'off' });
    const host = await Attendee.enter(server, meeting.id, ana);
    const guest = await Attendee.enter(server, meeting.id, await server.guest(meeting.code, 'Gia'));
    await report(host, good);
    await report(guest, bad);

    const during = await read(ana, meeting);
    expect(during).toMatchObject({ meetingId: meeting.id, title: 'Rough sea', total: 2 });
    expect(during.people.map(({ name, guest }) => [name, guest])).toEqual([
      ['Gia', true],
      ['Ana', false],
    ]);
    expect(during.people[0]).toMatchObject({ causes: ['loss-in', 'freezes', 'starved'], freezes: { count: 2, seconds: 4 }, relayed: 1 });
    expect(during.people[1]).toMatchObject({
      personId: ana.person.id,
      measuredSeconds: 10,
      lossIn: 0.01,
      roundTripMs: { p50: 40, p95: 40 },
      picture: { best: { width: 1_280, height: 720, framesPerSecond: 25 } },
    });

    await host.client.meeting.endForAll({ meetingId: meeting.id });
    const after = await read(ana, meeting);
    expect(after.people.map(({ grade, lossIn }) => ({ grade, lossIn }))).toEqual(
      during.people.map(({ grade, lossIn }) => ({ grade, lossIn })),
    );
  });

  it('lists nobody’s figures where nobody reported, but who was there', async () => {
    const meeting = await server.createMeeting(ana);
    expect(await read(ana, meeting)).toMatchObject({ from: null, total: 0, people: [] });
    await Attendee.enter(server, meeting.id, ana);
    expect((await read(ana, meeting)).people).toEqual([expect.objectContaining({ name: 'Ana', grade: null, measuredSeconds: 0 })]);
  });

  it('is refused when it can’t be, and by somebody who is not in', async () => {
    const meeting = await server.createMeeting(ana, { lobby: 'off' });
    const host = await Attendee.enter(server, meeting.id, ana);
    await refused(report(host, { ...good, durationMs: 0 }), 'REQUEST_INVALID');
    await refused(report(host, { ...good, framesPerSecond: 1_000 }), 'REQUEST_INVALID');
    await refused(report(host, null), 'REQUEST_INVALID');
    await refused(report(await Attendee.arrive(server, meeting.id, ben), good), 'MEETING_NOT_IN');
    expect((await read(ana, meeting)).people).toEqual([expect.objectContaining({ measuredSeconds: 0 })]);
  });

  it('is written when the meeting ends, without anybody reading it', async () => {
    const meeting = await server.createMeeting(ana);
    const host = await Attendee.enter(server, meeting.id, ana);
    await report(host, good);
    expect(await rowsOf(meeting)).toEqual([]);
    await host.client.meeting.endForAll({ meetingId: meeting.id });
    await waitFor(async () => (await rowsOf(meeting)).length === 1, 'the row');
  });

  it('outlives a restart, which drains what was not written yet', async () => {
    const meeting = await server.createMeeting(ana);
    await report(await Attendee.enter(server, meeting.id, ana), bad);
    await server.restart();
    expect((await read(ana, meeting)).people[0]).toMatchObject({ name: 'Ana', measuredSeconds: 10, freezes: { count: 2, seconds: 4 } });
  });

  it('goes with the person', async () => {
    const meeting = await server.createMeeting(ana, { lobby: 'off' });
    const host = await Attendee.enter(server, meeting.id, ana);
    const visitor = await server.guest(meeting.code, 'Gus');
    await report(await Attendee.enter(server, meeting.id, visitor), good);
    await report(host, good);
    expect((await read(ana, meeting)).total).toBe(2);
    expect(await rowsOf(meeting)).toHaveLength(2);
    await server.database.query('delete from people where id = $1', [visitor.person.id]);
    expect(await rowsOf(meeting)).toHaveLength(1);
    expect((await read(ana, meeting)).people.map(({ name }) => name)).toEqual(['Ana']);
  });

  it('is taken from the viewers of a webinar, too', async () => {
    const webinar = await server.createMeeting(ana, { kind: 'webinar', lobby: 'off' });
    await Attendee.enter(server, webinar.id, ana);
    await report(await Attendee.enter(server, webinar.id, ben), bad);
    expect((await read(ana, webinar)).people).toEqual([
      expect.objectContaining({ name: 'Ben', causes: ['loss-in', 'freezes', 'starved'] }),
      expect.objectContaining({ name: 'Ana', grade: null }),
    ]);
  });

  it('is counted for Prometheus, by no name', async () => {
    const before = await server.metric('causeway_call_samples_starved_total');
    const meeting = await server.createMeeting(ana);
    await report(await Attendee.enter(server, meeting.id, ana), bad);
    expect(await server.metric('causeway_call_samples_starved_total')).toBe(before + 1);
    const { body } = await server.api('GET', '/metrics');
    expect(String(body)).toMatch(/^causeway_call_loss_ratio_bucket\{le="0\.5",direction="in"\} \d+$/m);
    expect(String(body)).toMatch(/^causeway_call_round_trip_seconds_count \d+$/m);
    expect(String(body)).not.toContain(meeting.id);
  });
});

describe('The report on a call', () => {
  let meeting: Meeting;
  let gia: { accessToken: string };
  beforeAll(async () => {
    meeting = await server.createMeeting(ana, { lobby: 'off' });
    const host = await Attendee.enter(server, meeting.id, ana);
    const attendee = await Attendee.enter(server, meeting.id, ben);
    gia = await server.guest(meeting.code, 'Gia');
    await report(host, good);
    await report(attendee, bad);
    await report(await Attendee.enter(server, meeting.id, gia), good);
  });

  it('is for its hosts, and for admins and owners of the organisation, who need not have been there', async () => {
    for (const who of [ana, adam, olivia]) expect((await read(who, meeting)).total).toBe(3);
  });

  it('is for co-hosts from when they are', async () => {
    const own = await server.createMeeting(ana, { lobby: 'off' });
    const host = await Attendee.enter(server, own.id, ana);
    const attendee = await Attendee.enter(server, own.id, ben);
    expect(await refusal(ben, own)).toEqual([403, 'AUTH_FORBIDDEN']);
    await host.client.meeting.setRole({ meetingId: own.id, participantId: attendee.id, role: Role.ROLE_CO_HOST });
    expect((await read(ben, own)).total).toBe(2);
  });

  it('gives others who were in it their own part alone', async () => {
    expect(await refusal(ben, meeting)).toEqual([403, 'AUTH_FORBIDDEN']);
    const own = await read(ben, meeting, '?mine=true');
    expect(own.people.map(({ name }) => name)).toEqual(['Ben']);
    expect(own).toMatchObject({ total: 1, people: [{ causes: ['loss-in', 'freezes', 'starved'] }] });
  });

  it('does not exist for who was not in it, and is refused to guests', async () => {
    const cleo = await server.invite(olivia, 'Cleo');
    for (const query of ['', '?mine=true']) {
      expect(await refusal(cleo, meeting, query)).toEqual([404, 'MEETING_NOT_FOUND']);
      expect(await refusal(gia, meeting, query)).toEqual([403, 'AUTH_FORBIDDEN']);
    }
  });

  it('is cut to those who suffered most', async () => {
    expect(await read(ana, meeting, '?limit=1')).toMatchObject({ total: 3, people: [{ name: 'Ben' }] });
    expect((await answer(ana, meeting, '?limit=0')).status).toBe(400);
  });
});
