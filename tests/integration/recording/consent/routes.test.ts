/** Consent over HTTP, with real jobs. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Principal } from '../../../../src/platform/principal.js';
import type { Consent } from '../../../../src/recording/consent/index.js';
import {
  ledgerSchema,
  mineSchema,
  recordingPoliciesSchema,
  type Withdrawn,
  withdrawnSchema,
} from '../../../../src/recording/consent/schema.js';
import type { ConsentWhat, Recording } from '../../../../src/recording/recording.js';
import type { Api } from '../../../support/api.js';
import { waitFor } from '../../../support/index.js';
import { RecordingWorld } from './world.js';

let world: RecordingWorld;
let consent: Consent;
let api: Api;
let olivia: Principal;
let ana: Principal;
let ben: Principal;
let eve: Principal;
beforeAll(async () => {
  world = await RecordingWorld.open();
  consent = await world.openConsent();
  api = await world.serve((app) => consent.routes(app));
  olivia = await world.person('Olivia', 'owner');
  ana = await world.person('Ana');
  ben = await world.person('Ben');
  eve = await world.person('Eve');
});
afterAll(() => world?.close());

async function say(recording: Recording, person: Principal, what: ConsentWhat): Promise<void> {
  const { personId, name } = person;
  const { noticeHash } = recording;
  await consent.ledger.append(recording, [{ personId, personName: name, what, noticeHash, language: 'en', client: 'test' }]);
}
const withdraw = (recording: Recording, by: Principal, body: object): Promise<Withdrawn> =>
  api.get(withdrawnSchema, 'POST', `/api/recordings/${recording.id}/consent/withdraw`, body, by.personId);
const refusedTo = async (by: Principal, method: string, path: string, body?: unknown) =>
  (await api.api(method, path, body, by.personId)).body;
const refusalOf = (code: string) => ({ error: expect.objectContaining({ code }) });
const personsForgotten = (recording: Recording) =>
  world.forgotten.filter(({ recordingId }) => recordingId === recording.id).map(({ personId }) => personId);

describe('The ledger', () => {
  it('is read whole by who manages the recording, with the notices; by others their own rows', async () => {
    const recording = await world.record(consent, [ana, ben]);
    await say(recording, ana, 'yes');
    await say(recording, ben, 'no');
    const path = `/api/recordings/${recording.id}/consent`;
    for (const reader of [ana, olivia]) {
      const ledger = await api.get(ledgerSchema, 'GET', path, undefined, reader.personId);
      expect(ledger.entries.map(({ person, what }) => [person.name, what])).toEqual([
        ['Ana', 'yes'],
        ['Ben', 'no'],
      ]);
      expect(ledger.notices.map(({ hash }) => hash)).toEqual([recording.noticeHash]);
      expect(ledger.notices[0]?.texts['zh-Hant'].title).toBe('本會議將會錄影');
    }
    const own = await api.get(ledgerSchema, 'GET', path, undefined, ben.personId);
    expect(own.entries).toMatchObject([{ number: 2, person: { id: ben.personId }, what: 'no', language: 'en', client: 'test' }]);
    expect(await refusedTo(eve, 'GET', path)).toEqual(refusalOf('RECORDING_NOT_FOUND'));
  });

  it('is no business of who may merely see the recording', async () => {
    const recording = await world.record(consent, [ana, eve]);
    expect(await refusedTo(eve, 'GET', `/api/recordings/${recording.id}/consent`)).toEqual(refusalOf('RECORDING_FORBIDDEN'));
  });
});

describe('One’s own recordings', () => {
  it('are those that one was told of, newest first, in pages, with what counts and whether one is in them', async () => {
    const told = await world.person('Tom');
    const made: string[] = [];
    for (const what of ['yes', 'no', 'asked'] as const) {
      world.office.now += 1_000;
      const recording = await world.record(consent, [ana, told]);
      await say(recording, told, what);
      if (what === 'yes') await world.track(recording, told);
      made.unshift(recording.id);
      await world.recordings.stop(recording, null);
    }
    const read = (query: string) => api.get(mineSchema, 'GET', `/api/recordings/mine${query}`, undefined, told.personId);
    const { recordings, next } = await read('');
    expect(next).toBeNull();
    expect(recordings.map(({ id, answer, recorded }) => [id, answer, recorded])).toEqual([
      [made[0], 'asked', false],
      [made[1], 'no', false],
      [made[2], 'yes', true],
    ]);
    expect(recordings[0]).toMatchObject({ title: 'Weekly', startedBy: 'Ana', contact: 'Harbour Ltd', deletedAt: null });
    const first = await read('?limit=2');
    expect([first.recordings.length, first.next]).toEqual([2, made[1]]);
    expect((await read(`?limit=2&before=${first.next}`)).recordings.map(({ id }) => id)).toEqual([made[2]]);
    expect(await api.get(mineSchema, 'GET', '/api/recordings/mine', undefined, eve.personId)).toEqual({ recordings: [], next: null });
  });

  it('stay listed when they are deleted', async () => {
    const told = await world.person('Tim');
    const recording = await world.record(consent, [told]);
    await say(recording, told, 'yes');
    await world.track(recording, told);
    await world.office.database.query(`update recordings set state = 'deleted', deleted_at = now() where id = $1`, [recording.id]);
    const { recordings } = await api.get(mineSchema, 'GET', '/api/recordings/mine', undefined, told.personId);
    expect(recordings).toMatchObject([{ state: 'deleted', deletedAt: expect.any(String), recorded: false }]);
    const path = `/api/recordings/${recording.id}/consent/withdraw`;
    expect(await refusedTo(told, 'POST', path, { everything: true })).toEqual(refusalOf('RECORDING_NOT_FOUND'));
  });
});

describe('Withdrawal', () => {
  it('from now on is written down once, and cuts who is being recorded', async () => {
    const recording = await world.record(consent, [ana, ben]);
    await say(recording, ben, 'yes');
    expect(await withdraw(recording, ben, { everything: false })).toEqual({ answer: 'withdrawn', heldBy: null });
    expect(await withdraw(recording, ben, { everything: false })).toEqual({ answer: 'withdrawn', heldBy: null });
    expect((await consent.ledger.list(recording)).map(({ what }) => what)).toEqual(['yes', 'withdrawn']);
    expect(world.cut.filter((id) => id === ben.personId)).toHaveLength(2);
    expect(personsForgotten(recording)).toEqual([]);
    expect((await world.office.audited('recording.consent-withdrawn')).at(-1)).toMatchObject({
      actor: 'Ben',
      subject: { recording: recording.id, person: ben.personId },
      detail: { everything: false },
    });
  });

  it('of everything has what was taken removed, until that has worked', async () => {
    const recording = await world.record(consent, [ana, ben]);
    await say(recording, ben, 'yes');
    await world.recordings.stop(recording, null);
    let tries = 0;
    world.forget = async () => {
      tries += 1;
      if (tries < 3) throw new Error('the store is away');
    };
    const cuts = world.cut.length;
    expect(await withdraw(recording, ben, { everything: true })).toEqual({ answer: 'withdrawn-all', heldBy: null });
    await waitFor(() => personsForgotten(recording).length > 0, 'the removal');
    world.forget = async () => undefined;
    expect([tries, world.cut.length]).toEqual([3, cuts]);
    expect(personsForgotten(recording)).toEqual([ben.personId]);
  });

  it('waits for a legal hold to be lifted', async () => {
    const recording = await world.record(consent, [ana, ben]);
    await say(recording, ben, 'yes');
    await world.track(recording, ben);
    await world.recordings.stop(recording, null);
    world.office.now += 60_000;
    world.hold = 'Case 7';
    expect(await withdraw(recording, ben, { everything: true })).toEqual({ answer: 'withdrawn-all', heldBy: 'Case 7' });
    const keptBack = { recordingId: recording.id, personId: ben.personId };
    await waitFor(() => world.keptBack.length === 1, 'that it is hidden meanwhile');
    await consent.withdrawals.takeUp();
    expect(world.keptBack).toEqual([keptBack, keptBack]);
    const removed = `update recording_tracks set state = 'removed' where recording_id = $1`;
    world.forget = async ({ id }) => void (await world.office.database.query(removed, [id]));
    // Whatever was added by mistake is through when a later job of the same queue is.
    world.hold = null;
    expect(personsForgotten(recording)).toEqual([]);
    await consent.withdrawals.takeUp();
    await waitFor(() => personsForgotten(recording).length > 0, 'the removal after the hold');
    await consent.withdrawals.takeUp();
    const [waiting] = await world.office.database.query<{ count: string }>(
      `select count(*) from pgboss.job where name = 'recording.forget-person' and state < 'completed' and data->>'recordingId' = $1`,
      [recording.id],
    );
    expect([waiting?.count, personsForgotten(recording)]).toEqual(['0', [ben.personId]]);
    expect((await world.office.audited('recording.consent-withdrawn')).at(-1)).toMatchObject({
      detail: { everything: true, heldBy: 'Case 7' },
    });
    world.forget = async () => undefined;
  });

  it('is written down by an administrator for one who asks for it, and by nobody else', async () => {
    const recording = await world.record(consent, [ana, ben]);
    await say(recording, ben, 'yes');
    const body = { everything: true, personId: ben.personId };
    const path = `/api/recordings/${recording.id}/consent/withdraw`;
    expect(await refusedTo(ana, 'POST', path, body)).toEqual(refusalOf('RECORDING_FORBIDDEN'));
    expect(await refusedTo(eve, 'POST', path, body)).toEqual(refusalOf('RECORDING_NOT_FOUND'));
    expect(await withdraw(recording, olivia, body)).toMatchObject({ answer: 'withdrawn-all' });
    expect((await consent.ledger.list(recording)).at(-1)).toMatchObject({
      personId: ben.personId,
      personName: 'Ben',
      what: 'withdrawn-all',
    });
    expect((await world.office.audited('recording.consent-withdrawn')).at(-1)).toMatchObject({ actor: 'Olivia' });
  });

  it('is nothing for who was never asked', async () => {
    const recording = await world.record(consent, [ana, ben]);
    for (const [by, body] of [
      [eve, { everything: true }],
      [olivia, { everything: true, personId: eve.personId }],
    ] as const)
      expect(await refusedTo(by, 'POST', `/api/recordings/${recording.id}/consent/withdraw`, body)).toEqual(
        refusalOf('RECORDING_NOT_FOUND'),
      );
    expect(await consent.ledger.list(recording)).toEqual([]);
  });

  it('says yes again after it: what was before stays removed, what comes is recorded', async () => {
    const recording = await world.record(consent, [ana, ben]);
    await say(recording, ben, 'yes');
    await withdraw(recording, ben, { everything: true });
    await say(recording, ben, 'yes');
    expect((await consent.ledger.standing(recording)).get(ben.personId)).toBe('yes');
    await waitFor(() => personsForgotten(recording).length > 0, 'the removal');
    expect(await withdraw(recording, ben, { everything: true })).toMatchObject({ answer: 'withdrawn-all' });
    expect((await consent.ledger.list(recording)).map(({ what }) => what)).toEqual(['yes', 'withdrawn-all', 'yes', 'withdrawn-all']);
  });
});

describe('Policies', () => {
  it('are read by everybody with an account and set by administrators, whose mistakes are refused', async () => {
    const { policies } = await api.get(recordingPoliciesSchema, 'GET', '/api/recording-policies', undefined, ana.personId);
    expect(policies.map(({ meetingKind, contact }) => [meetingKind, contact])).toEqual([
      ['meeting', null],
      ['webinar', null],
    ]);
    const { changedAt: _, ...body } = policies[0]!;
    expect(await refusedTo(ana, 'PUT', '/api/recording-policies', body)).toEqual(refusalOf('AUTH_FORBIDDEN'));
    for (const wrong of [
      { ...body, keepDays: 0 },
      { ...body, keepDays: 1.5 },
      { ...body, consent: 'never' },
      { ...body, contact: ' ' },
      { ...body, contact: 'x'.repeat(201) },
      { ...body, meetingKind: 'party' },
      { meetingKind: 'meeting' },
    ])
      expect(await refusedTo(olivia, 'PUT', '/api/recording-policies', wrong)).toEqual(refusalOf('REQUEST_INVALID'));
    const set = await api.get(
      recordingPoliciesSchema,
      'PUT',
      '/api/recording-policies',
      { ...body, contact: '私隱主任\u202e dpo@harbour.example', viewers: 'moderators' },
      olivia.personId,
    );
    expect(set.policies[0]).toMatchObject({
      contact: '私隱主任 dpo@harbour.example',
      viewers: 'moderators',
      changedAt: expect.any(String),
    });
  });
});
