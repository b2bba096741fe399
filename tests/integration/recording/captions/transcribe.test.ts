/** What live captions did not write is written after the meeting, whatever happens meanwhile. */
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { waitFor } from '../../../support/index.js';
import { opusPackets } from '../../../support/opus-packets.js';
import { understood, wavPath, wordsOf } from '../../../support/speech.js';
import { CaptionsWorld, senseVoice, wordsOfLines } from './captions-world.js';

const clips = ['austen-0870', 'austen-0880', 'austen-0890', 'austen-0920', 'austen-0930', 'jfk'];

// Speech takes its time, and the machine may be busy.
vi.setConfig({ testTimeout: 240_000 });

let all: Uint8Array[];
let short: Uint8Array[];
let silence: Uint8Array;
let world: CaptionsWorld | undefined;

beforeAll(async () => {
  all = await opusPackets(clips.map(wavPath));
  short = await opusPackets([wavPath('austen-0930')]);
  silence = short[2] ?? new Uint8Array();
});

afterEach(async () => {
  await world?.close();
  world = undefined;
});

async function open(over = {}): Promise<CaptionsWorld> {
  world = await CaptionsWorld.open(over);
  return world;
}

describe('a recording without live captions', () => {
  it('has a transcript after the meeting, by speaker, on its own clock', async () => {
    const world = await open();
    const ben = await world.person('Ben');
    const recording = await world.record([world.owner, ben]);
    await world.capture(recording, world.owner, all, 2_000);
    await world.capture(recording, ben, short, 60_000);
    await world.transcribe(recording);
    const lines = await world.transcript(recording);
    const words = (await Promise.all(clips.map(wordsOf))).join(' ');
    expect(understood(wordsOfLines(lines.filter(({ speaker }) => speaker === 'Olivia')), words)).toBeGreaterThan(0.85);
    const [bens] = lines.filter(({ speaker }) => speaker === 'Ben');
    expect(bens?.text).toContain('amiable himself');
    // 0.7 s of silence come first.
    expect(bens?.beginMs).toBeGreaterThan(60_300);
    expect(bens?.beginMs).toBeLessThan(61_200);
    expect(bens?.endMs).toBeLessThan(65_000);
    const [first] = lines;
    expect(first?.beginMs).toBeGreaterThan(2_300);
    expect(first?.beginMs).toBeLessThan(3_200);
  });

  it('has each line once, though the work was given up in the middle and begun again', async () => {
    const world = await open();
    const recording = await world.record();
    // More than a minute, so that something was noted before.
    await world.capture(recording, world.owner, [...all, ...all, ...all]);
    const stop = new AbortController();
    const given = expect(world.transcribe(recording, stop.signal)).rejects.toThrow();
    await waitFor(async () => (await world.transcript(recording)).length > 2, 'first lines', { deadlineMs: 90_000 });
    stop.abort(new Error('the server goes down'));
    await given;
    const before = await world.transcript(recording);
    await world.transcribe(recording);
    const lines = await world.transcript(recording);
    expect(lines.length).toBeGreaterThan(before.length);
    expect(lines.slice(0, before.length).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    for (const [index, line] of lines.entries()) expect(line.beginMs).toBeGreaterThanOrEqual((lines[index - 1]?.endMs ?? 0) - 400);
    expect(lines.filter(({ text }) => text.includes('amiable himself'))).toHaveLength(3);
    await world.transcribe(recording);
    expect(await world.transcript(recording)).toHaveLength(lines.length);
  });

  it('is written though the captioner is killed over it', async () => {
    const world = await open();
    const recording = await world.record();
    await world.capture(recording, world.owner, all);
    const work = world.transcribe(recording);
    const pid = await waitFor(
      () => world.captions.captioner.pids.engines.length > 0 && world.captions.captioner.pids.captioner,
      'it works',
    );
    process.kill(pid, 'SIGKILL');
    await work;
    expect(understood(wordsOfLines(await world.transcript(recording)), await wordsOf('jfk'))).toBeGreaterThan(0.7);
  });
});

describe('somebody who', () => {
  it('took everything back and agreed again is written down from then on', async () => {
    const world = await open();
    const { owner } = world;
    const recording = await world.record();
    await world.answers(recording, owner, 'yes');
    const taken = await world.capture(recording, owner, short);
    const jfk = await opusPackets([wavPath('jfk')]);
    await world.answers(recording, owner, 'withdrawn-all');
    await world.database.transaction(async (tx) => {
      await world.captions.removePerson(tx, recording, owner.personId);
      await world.recordings.recordings.removeTracks(tx, recording, owner.personId);
    });
    const again = await world.answers(recording, owner, 'yes');
    await world.capture(recording, owner, jfk, again - recording.startedAt.getTime() + 1);
    await world.transcribe(recording);
    const lines = await world.transcript(recording);
    expect(understood(wordsOfLines(lines), await wordsOf('jfk'))).toBeGreaterThan(0.7);
    expect(wordsOfLines(lines)).not.toContain('amiable');
    const tracks = await world.recordings.recordings.tracks(recording);
    expect(tracks.map(({ id, state }) => [id === taken.id, state])).toEqual([
      [true, 'removed'],
      [false, 'closed'],
    ]);
    // Once more, as by the job that looks whether something was left: what came since stays.
    await world.database.transaction((tx) => world.recordings.recordings.removeTracks(tx, recording, owner.personId));
    expect((await world.recordings.recordings.tracks(recording)).map(({ state }) => state)).toEqual(['removed', 'closed']);
  });

  it('wants no captions is not written down afterwards either', async () => {
    const world = await open();
    const ben = await world.person('Ben');
    const recording = await world.record([world.owner, ben]);
    await world.capture(recording, world.owner, short);
    await world.capture(recording, ben, short);
    await world.captions.choose(recording, ben.personId, { optOut: true, language: '' });
    await world.transcribe(recording);
    expect(new Set((await world.transcript(recording)).map(({ speaker }) => speaker))).toEqual(new Set(['Olivia']));
  });

  it('did not want it for a while has nothing written of that while', async () => {
    const world = await open();
    const recording = await world.record();
    const track = await world.capture(recording, world.owner, short);
    const { personId } = world.owner;
    await world.captions.choose(recording, personId, { optOut: true, language: '' });
    await world.captions.choose(recording, personId, { optOut: true, language: '' });
    // All of that was an hour ago; he wants it again now.
    const hourAgo = (table: string, ...columns: string[]) =>
      world.database.query(
        `update ${table} set ${columns.map((column) => `${column} = ${column} - interval '1 hour'`).join(', ')} where id = $1`,
        [table === 'recording_tracks' ? track.id : recording.id],
      );
    await hourAgo('recordings', 'started_at');
    await hourAgo('recording_tracks', 'started_at', 'ended_at');
    await world.database.query('update caption_choices set opted_out_since = $2 where recording_id = $1', [
      recording.id,
      new Date(recording.startedAt.getTime() - 3_600_000),
    ]);
    await world.captions.choose(recording, personId, { optOut: false, language: '' });
    await world.transcribe(await world.recordings.recordings.get(recording.orgId, recording.id));
    expect(await world.transcript(recording)).toEqual([]);
  });

  it('speaks Cantonese is heard by the model for it', async () => {
    const world = await open({ CAPTIONS_ENGINES: JSON.stringify(senseVoice) });
    const recording = await world.record();
    await world.capture(recording, world.owner, short);
    await world.captions.choose(recording, world.owner.personId, { optOut: false, language: 'yue' });
    await world.transcribe(recording);
    expect(await world.transcript(recording)).toMatchObject([
      { text: '我哋而家開會。', language: 'yue', engine: 'sense-voice:sense-voice-stand-in' },
    ]);
  });

  it('speaks what nobody understands costs no recording', async () => {
    const world = await open();
    const recording = await world.record();
    await world.capture(recording, world.owner, short);
    await world.captions.choose(recording, world.owner.personId, { optOut: false, language: 'cmn' });
    await world.transcribe(recording);
    expect(await world.transcript(recording)).toEqual([]);
  });

  it('has left no sound, silence for an hour, or what is no sound at all, gets no lines', async () => {
    const world = await open();
    const recording = await world.record();
    await world.capture(recording, world.owner, []);
    // An hour of it as DTX sends it: a packet each 400 ms.
    const quiet = await world.capture(recording, world.owner, []);
    await world.database.query(`update recording_tracks set ended_at = started_at + interval '1 hour' where id = $1`, [quiet.id]);
    world.captured.set(
      quiet.id,
      Array.from({ length: 9_000 }, (_, index) => ({ atMs: index * 400, opus: silence })),
    );
    const rubbish = Array.from({ length: 300 }, (_, index) =>
      index % 3 === 0 ? new Uint8Array(0) : Uint8Array.from({ length: index }, (_, at) => (at * index * 7) & 0xff),
    );
    await world.capture(recording, world.owner, rubbish);
    await world.transcribe(recording);
    for (const line of await world.transcript(recording)) expect(line.text.length).toBeLessThan(100);
    expect((await world.transcript(recording)).length).toBeLessThanOrEqual(2);
  });
});
