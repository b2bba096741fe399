import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { qualityReportSchema } from '../../../src/signaling/quality/schema.js';
import type { SignedIn } from '../../support/api.js';
import { TestCluster } from '../../support/cluster.js';
import { waitFor } from '../../support/index.js';
import type { ServerProcess } from '../../support/server-process.js';
import { Attendee } from '../server/attendee.js';

let cluster: TestCluster;
let one: ServerProcess;
let two: ServerProcess;
let olivia: SignedIn;
let ana: SignedIn;

beforeAll(async () => {
  cluster = await TestCluster.start();
  one = await cluster.node('one');
  olivia = await one.setUpOwner();
  ana = await one.invite(olivia, 'Ana');
  two = await cluster.node('two');
}, 120_000);
afterAll(() => cluster?.stop());

describe('The quality of a call on two nodes', () => {
  it('is one report of all, on either node', async () => {
    const meeting = await one.createMeeting(olivia);
    const host = await Attendee.enter(one, meeting.id, olivia);
    const far = await Attendee.enter(two, meeting.id, ana);
    for (const attendee of [host, far]) {
      const sample = { durationMs: 10_000, packetsReceived: 900, packetsLost: attendee === far ? 100 : 0, roundTripMs: 30 };
      await attendee.client.media.reportQuality({ meetingId: meeting.id, sample });
    }
    await host.client.meeting.endForAll({ meetingId: meeting.id });
    for (const node of [one, two]) {
      const people = await waitFor(async () => {
        const report = await node.get(qualityReportSchema, 'GET', `/api/meetings/${meeting.id}/quality`, undefined, olivia.accessToken);
        return report.people.every(({ grade }) => grade !== null) ? report.people : null;
      }, 'the report');
      expect(people.map(({ name, lossIn }) => [name, lossIn])).toEqual([
        ['Ana', 0.1],
        ['Olivia', 0],
      ]);
    }
  });
});
