import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Principal } from '../../../src/platform/principal.js';
import type { FurtherRights } from '../../../src/recording/access.js';
import type { Consent } from '../../../src/recording/consent/index.js';
import type { Recording, RecordingPolicy } from '../../../src/recording/recording.js';
import { RecordingWorld } from './consent/world.js';

let world: RecordingWorld;
let consent: Consent;
let host: Principal;
let member: Principal;
let other: Principal;
let admin: Principal;
/** Who was asked about beyond the meeting. */
let asked: string[];
let further: Awaited<ReturnType<FurtherRights>>;

beforeAll(async () => {
  world = await RecordingWorld.open();
  consent = await world.openConsent();
  [host, member, other] = [await world.person('Hana'), await world.person('Milo'), await world.person('Otto')];
  admin = await world.person('Adam', 'admin');
  world.access.extend(async ({ personId }) => {
    asked.push(personId);
    return further;
  });
});
afterAll(() => world.close());
beforeEach(() => {
  asked = [];
  further = {};
});

const record = (policy: Partial<RecordingPolicy> = {}): Promise<Recording> =>
  world.record(consent, [host, member], { viewers: 'participants', download: true, watermark: false, ...policy });

describe('rights in a recording', () => {
  it('of who governs are all of them, whatever the policy says and without looking at shares', async () => {
    const recording = await record({ viewers: 'moderators', download: false });
    const all = { view: true, download: true, manage: true, govern: true, watermark: false };
    expect(await world.access.rights(admin, recording)).toEqual(all);
    further = { view: true, download: true };
    expect(await world.access.rights(admin, recording)).toEqual(all);
    expect(asked).toEqual([]);
  });

  it('of who has everything by the meeting need no share, which could add nothing', async () => {
    const recording = await record();
    const before = [await world.access.rights(host, recording), await world.access.rights(member, recording)];
    expect(asked).toEqual([]);
    further = { view: true, download: true };
    expect([await world.access.rights(host, recording), await world.access.rights(member, recording)]).toEqual(before);
    expect(before).toMatchObject([
      { view: true, download: true, manage: true, govern: false },
      { view: true, download: true, manage: false, govern: false },
    ]);
  });

  it('of who may only watch by the meeting grow by a share that lets him download', async () => {
    const recording = await record({ download: false });
    expect(await world.access.rights(member, recording)).toMatchObject({ view: true, download: false });
    further = { view: true, download: true };
    expect(await world.access.rights(member, recording)).toMatchObject({ view: true, download: true, manage: false });
    expect(await world.access.rights(host, recording)).toMatchObject({ view: true, download: true, manage: true });
    expect(asked).toEqual([member.personId, member.personId, host.personId]);
  });

  it('of who was not in the meeting are those of shares and reviews alone', async () => {
    const recording = await record();
    expect(await world.access.rights(other, recording)).toMatchObject({ view: false, download: false });
    further = { view: true };
    expect(await world.access.rights(other, recording)).toMatchObject({ view: true, download: false, manage: false, govern: false });
    expect(asked).toEqual([other.personId, other.personId]);
  });

  it('of another organisation are none, even for who governs there', async () => {
    const recording = await record();
    further = { view: true, download: true };
    const stranger = { ...admin, orgId: host.personId };
    expect(await world.access.rights(stranger, recording)).toMatchObject({ view: false, download: false, manage: false, govern: false });
    expect(asked).toEqual([]);
  });
});
