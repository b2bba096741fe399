/** Everybody comes at the full hour. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SignedIn } from '../../support/api.js';
import { waitFor } from '../../support/index.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import { Attendee, Role, Source } from './attendee.js';

const viewers = 60;

let server: TestServer;
let olivia: SignedIn;

beforeAll(async () => {
  server = await startTestServer({ GUESTS_PER_MINUTE: 10_000 });
  olivia = await server.setUpOwner();
});
afterAll(() => server?.close());

function mediaObjects(): Promise<number[]> {
  return Promise.all(['transports', 'producers', 'consumers'].map((name) => server.metric(`causeway_media_${name}`)));
}

describe('A webinar that all join at once', () => {
  it('takes them in without an error, says how many they are, and lets them go without a trace', async () => {
    const meeting = await server.createMeeting(olivia, { kind: 'webinar', lobby: 'off' });
    const host = await Attendee.enter(server, meeting.id, olivia);
    await host.produce(Source.SOURCE_MICROPHONE);
    const before = await mediaObjects();
    const guests = await Promise.all(Array.from({ length: viewers }, (_, index) => server.guest(meeting.code, `Guest ${index}`)));
    const crowd = await Promise.all(guests.map((guest) => Attendee.enter(server, meeting.id, guest)));
    for (const { joined } of crowd) {
      expect(joined.self?.role).toBe(Role.ROLE_VIEWER);
      expect(joined.media?.consumers).toHaveLength(1);
      expect(joined.snapshot?.participants).toHaveLength(1);
    }
    await host.until((state) => state.viewers === viewers, 'all of them');
    const [transports = 0, producers = 0, consumers = 0] = before;
    expect(await mediaObjects()).toEqual([transports + viewers, producers, consumers + viewers]);
    const { viewers: first, total } = await host.client.meeting.listViewers({ meetingId: meeting.id });
    expect([first.length, total, first[0]?.name, first[1]?.name]).toEqual([50, viewers, 'Guest 0', 'Guest 1']);
    // What was told of them is little: nobody hears of each.
    const told = host.client.eventsOf(`meeting/${meeting.id}`).filter(({ meeting }) => meeting?.viewersCounted);
    expect(told.length).toBeLessThan(viewers / 2);
    await Promise.all(crowd.map((attendee) => attendee.leave()));
    await host.until((state) => state.viewers === 0, 'nobody to view');
    await waitFor(async () => (await mediaObjects()).join() === before.join(), 'their media to be closed');
    expect(await server.metric('causeway_viewers')).toBe(0);
    const stays = await server.database.query('select 1 from meeting_stays where meeting_id = $1 and left_at is null', [meeting.id]);
    expect(stays).toHaveLength(1);
    for (const { client } of [host, ...crowd]) await client.close();
  });
});
