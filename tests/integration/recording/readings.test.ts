/** Who has read the words of a recording, in a real database. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { newId } from '../../../src/platform/ids.js';
import type { Principal } from '../../../src/platform/principal.js';
import type { Consent } from '../../../src/recording/consent/index.js';
import { Readings } from '../../../src/recording/readings.js';
import type { Recording } from '../../../src/recording/recording.js';
import { RecordingWorld } from './consent/world.js';

let world: RecordingWorld;
let consent: Consent;
let ana: Principal;
let ben: Principal;
let nodes: readonly Readings[];
let recording: Recording;

beforeAll(async () => {
  world = await RecordingWorld.open();
  consent = await world.openConsent();
  ana = await world.person('Ana');
  ben = await world.person('Ben');
  const { database, clock, audit } = world.office;
  nodes = [new Readings({ database, clock, audit }), new Readings({ database, clock, audit })];
});
afterAll(() => world.close());
beforeEach(async () => {
  recording = await world.record(consent, [ana, ben]);
});

const onEach = (read: (readings: Readings) => Promise<void>) => Promise.all(Array.from({ length: 10 }, () => nodes.map(read)).flat());
const rows = async (action: string) => (await world.office.audited(action)).filter(({ subject }) => subject.recording === recording.id);

it('a page that asks two nodes again and again is written down once', async () => {
  await onEach((readings) => readings.by(ana, recording, 'transcript'));
  expect(await rows('recording.transcript-read')).toEqual([
    { action: 'recording.transcript-read', actor: 'Ana', subject: { recording: recording.id }, detail: { version: 0 } },
  ]);
});

it('each reader is written down, and transcript and summary each for itself', async () => {
  for (const person of [ana, ben]) await onEach((readings) => readings.by(person, recording, 'transcript'));
  await onEach((readings) => readings.by(ben, recording, 'summary', { number: 3 }));
  expect((await rows('recording.transcript-read')).map(({ actor }) => actor)).toEqual(['Ana', 'Ben']);
  expect(await rows('recording.summary-read')).toMatchObject([{ actor: 'Ben', detail: { version: 0, number: 3 } }]);
});

it('who reads again after an hour is written down again, once', async () => {
  const read = () => onEach((readings) => readings.by(ana, recording, 'summary'));
  await read();
  world.office.now += 3_599_999;
  await read();
  expect(await rows('recording.summary-read')).toHaveLength(1);
  world.office.now += 1;
  await read();
  expect(await rows('recording.summary-read')).toHaveLength(2);
});

it('a visit by a link is a reader of its own, under the name that the visitor gave', async () => {
  const [first, second] = [newId(), newId()];
  const shareId = newId();
  for (const viewingId of [first, second])
    await onEach((readings) => readings.byLink({ viewingId, shareId, name: 'Client' }, recording, 'transcript'));
  expect(await rows('recording.transcript-read')).toMatchObject([
    { actor: '', subject: { recording: recording.id, viewing: first, share: shareId }, detail: { visitor: 'Client' } },
    { actor: '', subject: { viewing: second } },
  ]);
});
