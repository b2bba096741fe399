/** The ledger, notices and policies in a real database. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Principal } from '../../../../src/platform/principal.js';
import type { Consent, NewConsent } from '../../../../src/recording/consent/index.js';
import { hashOfTexts } from '../../../../src/recording/consent/notices.js';
import type { ConsentWhat, Recording } from '../../../../src/recording/recording.js';
import { RecordingWorld } from './world.js';

let world: RecordingWorld;
let consent: Consent;
let olivia: Principal;
let ana: Principal;
let ben: Principal;
beforeAll(async () => {
  world = await RecordingWorld.open();
  consent = await world.openConsent();
  olivia = await world.person('Olivia', 'owner');
  ana = await world.person('Ana');
  ben = await world.person('Ben');
});
afterAll(() => world?.close());

const row = (recording: Recording, { personId, name }: Principal, what: ConsentWhat): NewConsent => ({
  personId,
  personName: name,
  what,
  noticeHash: recording.noticeHash,
  language: 'zh-Hant',
  client: 'Firefox',
});

describe('The ledger', () => {
  it('is numbered from 1 without holes, whoever writes at the same time, in transactions that fail too', async () => {
    const recording = await world.record(consent, [ana, ben]);
    const { database } = world.office;
    await Promise.all(
      Array.from({ length: 24 }, async (_, index) => {
        if (index % 4 === 0)
          return database
            .transaction(async (tx) => {
              await consent.ledger.append(recording, [row(recording, ana, 'asked')], tx);
              throw new Error('given up');
            })
            .catch(() => undefined);
        return consent.ledger.append(recording, [row(recording, ana, 'asked'), row(recording, ben, 'asked')]);
      }),
    );
    const entries = await consent.ledger.list(recording);
    expect(entries.map(({ number }) => number)).toEqual(Array.from({ length: 36 }, (_, index) => index + 1));
    expect((await consent.ledger.list(recording, ben.personId)).map(({ number }) => number)).toEqual(
      entries.filter(({ personId }) => personId === ben.personId).map(({ number }) => number),
    );
  });

  it('gives what it wrote, in order, with what a database does not hold left out', async () => {
    const recording = await world.record(consent, [ana]);
    const odd = { ...row(recording, ana, 'yes'), personName: 'A\0na\ud800', client: 'x'.repeat(10_000) };
    const [first, second] = await consent.ledger.append(recording, [row(recording, ana, 'asked'), odd]);
    expect(first).toEqual({ ...row(recording, ana, 'asked'), recordingId: recording.id, number: 1, at: new Date(world.office.now) });
    expect(second).toMatchObject({ number: 2, personName: 'Ana\ufffd', client: 'x'.repeat(300) });
    expect(await consent.ledger.list(recording)).toEqual([first, second]);
    expect(await consent.ledger.append(recording, [])).toEqual([]);
  });

  it('counts the last answer of each; being asked or told again takes none back', async () => {
    const recording = await world.record(consent, [olivia, ana, ben]);
    const say = (person: Principal, what: ConsentWhat) => consent.ledger.append(recording, [row(recording, person, what)]);
    await say(olivia, 'asked');
    await say(ana, 'asked');
    await say(ana, 'no');
    await say(ana, 'yes');
    await say(ana, 'asked');
    await say(ben, 'informed');
    await say(ben, 'withdrawn');
    await say(ben, 'informed');
    expect(await consent.ledger.standing(recording)).toEqual(
      new Map([
        [olivia.personId, 'asked'],
        [ana.personId, 'yes'],
        [ben.personId, 'withdrawn'],
      ]),
    );
    expect(await consent.ledger.standingOf(recording, ben.personId)).toMatchObject({ what: 'withdrawn', number: 7 });
    expect(await consent.ledger.standingOf(recording, recording.id)).toBeNull();
  });

  it('is changed by nobody, and goes with its recording alone', async () => {
    const recording = await world.record(consent, [ana]);
    const { database } = world.office;
    await consent.ledger.append(recording, [row(recording, ana, 'no')]);
    for (const sql of [
      `update consent_ledger set what = 'yes' where recording_id = $1`,
      'delete from consent_ledger where recording_id = $1',
      `update consent_notices set version = '9' where hash = (select notice_hash from recordings where id = $1)`,
    ])
      await expect(database.query(sql, [recording.id])).rejects.toThrow('only added to');
    expect(await consent.ledger.list(recording)).toHaveLength(1);
    await database.query('delete from recordings where id = $1', [recording.id]);
    expect(await consent.ledger.list(recording)).toEqual([]);
  });

  it('of another organisation is empty', async () => {
    const recording = await world.record(consent, [ana]);
    await consent.ledger.append(recording, [row(recording, ana, 'yes')]);
    const elsewhere = { orgId: recording.id, id: recording.id };
    expect([await consent.ledger.list(elsewhere), (await consent.ledger.standing(elsewhere)).size]).toEqual([[], 0]);
  });
});

describe('A notice', () => {
  it('is stored once under its hash, and read back with the same hash', async () => {
    const policy = await consent.policies.get(world.office.orgId, 'webinar');
    const wish = { meetingKind: 'webinar', kind: 'transcript', policy } as const;
    const made = await Promise.all([1, 2, 3].map(() => consent.notices.of(world.office.orgId, wish)));
    const [notice] = await consent.notices.get(world.office.orgId, [...made.map(({ hash }) => hash), 'unknown']);
    expect(made[0]).toEqual({ ...notice, asks: true });
    expect(hashOfTexts(notice?.texts ?? ({} as never))).toBe(notice?.hash);
    expect(notice?.texts['zh-Hant'].contact).toContain('Harbour Ltd');
    expect((await consent.notices.of(world.office.orgId, { ...wish, policy: { ...policy, consent: 'inform' } })).asks).toBe(false);
  });
});

describe('A policy', () => {
  it('is the default until somebody says otherwise; the organisation is whom to ask', async () => {
    expect(await consent.policies.get(world.office.orgId, 'meeting')).toEqual({
      consent: 'ask',
      starters: 'moderators',
      keepDays: 365,
      viewers: 'participants',
      download: true,
      watermark: true,
      contact: 'Harbour Ltd',
    });
  });

  it('is set by administrators for one kind of meeting, with a row in the audit log', async () => {
    const [before] = await consent.policies.list(world.office.orgId);
    const body = { ...before!, meetingKind: 'webinar', consent: 'inform', keepDays: null, contact: 'DPO' } as const;
    await expect(consent.policies.set(ana, body)).rejects.toThrow(expect.objectContaining({ code: 'AUTH_FORBIDDEN' }));
    await consent.policies.set(olivia, body);
    await consent.policies.set(olivia, { ...body, keepDays: 30 });
    expect(await consent.policies.get(world.office.orgId, 'webinar')).toMatchObject({ consent: 'inform', keepDays: 30, contact: 'DPO' });
    expect(await consent.policies.get(world.office.orgId, 'meeting')).toMatchObject({ consent: 'ask', keepDays: 365 });
    expect(await world.office.audited('recording.policy-changed')).toMatchObject([
      {
        actor: 'Olivia',
        detail: { meetingKind: 'webinar', before: { consent: 'ask', keepDays: 365 }, after: { consent: 'inform', keepDays: null } },
      },
      { actor: 'Olivia', detail: { before: { keepDays: null }, after: { keepDays: 30 } } },
    ]);
  });
});
