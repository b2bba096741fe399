/** Speech of people, over RTP, to lines of a meeting. */
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Config, readConfig } from '../../../../src/config.js';
import { newId } from '../../../../src/platform/ids.js';
import { waitFor } from '../../../support/index.js';
import { opusPackets } from '../../../support/opus-packets.js';
import { isAlive } from '../../../support/server-process.js';
import { understood, wavPath, wordsOf } from '../../../support/speech.js';
import { CaptionsWorld, senseVoice, wordsOfLines } from './captions-world.js';

/** Shared machines: the deadline only ends a test that would hang. */
const patient = { deadlineMs: 90_000 };
const clips = ['austen-0870', 'austen-0880', 'austen-0890', 'austen-0930'] as const;

// Speech takes its time, and the machine may be busy.
vi.setConfig({ testTimeout: 240_000 });

let packets: ReadonlyMap<string, Uint8Array[]>;
let world: CaptionsWorld | undefined;

beforeAll(async () => {
  packets = new Map(await Promise.all(clips.map(async (clip) => [clip, await opusPackets([wavPath(clip)])] as const)));
});

afterEach(async () => {
  await world?.close();
  world = undefined;
});

async function open(over: Partial<Config> = {}): Promise<CaptionsWorld> {
  world = await CaptionsWorld.open(over);
  return world;
}

const speech = (clip: (typeof clips)[number]) => packets.get(clip) ?? [];

describe('what somebody says', () => {
  it('comes in part while he speaks and for good when he has ended, with his name', async () => {
    const world = await open();
    const { owner, lines } = world;
    const meetingId = newId();
    const { speaker, receiver } = await world.tap(owner, { meetingId });
    await speaker.say(speech('austen-0870'));
    receiver.end();
    const [final] = await waitFor(() => world.finals().length > 0 && world.finals(), 'a final line', patient);
    expect(understood(final?.text ?? '', await wordsOf('austen-0870'))).toBeGreaterThan(0.8);
    expect(final).toMatchObject({ meetingId, personId: owner.personId, name: 'Olivia', language: 'en', recordingId: '' });
    const partial = lines.filter((line) => !line.final);
    expect(partial.length).toBeGreaterThan(0);
    expect(new Set(partial.map(({ id }) => id))).toEqual(new Set([final?.id]));
    for (const [index, line] of partial.entries()) {
      const before = partial[index - 1];
      if (!before) continue;
      expect(line.stable).toBeGreaterThanOrEqual(before.stable);
      expect(line.text.slice(0, before.stable)).toBe(before.text.slice(0, before.stable));
    }
    expect((final?.endMs ?? 0) - (final?.beginMs ?? 0)).toBeGreaterThan(5_000);
  });

  it('is told of four people at once, each by his own name', async () => {
    const world = await open();
    const people = await Promise.all(['Ada', 'Ben', 'Chi', 'Dee'].map((name) => world.person(name)));
    const meetingId = newId();
    const taps = await Promise.all(people.map((person) => world.tap(person, { meetingId })));
    await Promise.all(taps.map(({ speaker }, index) => speaker.say(speech(clips[index] ?? 'austen-0870'))));
    for (const { receiver } of taps) receiver.end();
    for (const [index, person] of people.entries()) {
      const words = await wordsOf(clips[index] ?? '');
      await waitFor(() => understood(wordsOfLines(world.finals(person.personId)), words) > 0.6, `the words of ${person.name}`, patient);
    }
  });

  it('is understood over a network that loses, repeats and reorders, and sends what nobody asked for', async () => {
    const world = await open();
    const mangle = (all: readonly Buffer[]) =>
      all.flatMap((packet, index) => {
        if (index % 37 === 5) return [];
        if (index % 20 === 0) return [packet, packet];
        if (index % 10 === 3) return [all[index + 1] ?? packet];
        return index % 10 === 4 ? [all[index - 1] ?? packet] : [packet];
      });
    const { speaker, receiver, ssrc } = await world.tap(world.owner, { mangle });
    const nonsense = [
      Buffer.alloc(0),
      Buffer.alloc(3),
      Buffer.alloc(1_400, 0xff),
      // RTCP, another stream, another type, and packets whose head promises more than there is.
      Buffer.from([0x80, 200, 0, 6, 0, 0, 0, 1]),
      rtp(1_234, 127, 7, 255),
      rtp(ssrc, 101, 1, 40),
      rtp(ssrc, 100, 65_499, 0),
      Buffer.concat([Buffer.from([0x9f]), rtp(ssrc, 100, 65_499, 4).subarray(1)]),
      Buffer.concat([rtp(ssrc, 100, 65_498, 0), Buffer.alloc(60, 0xfc)]),
    ];
    for (const bytes of nonsense) speaker.send(bytes);
    await speaker.say(speech('austen-0870'));
    receiver.end();
    const words = await wordsOf('austen-0870');
    await waitFor(() => understood(wordsOfLines(world.finals()), words) > 0.6, 'most of the words', patient);
  });

  it('ends with the mute, and goes on after it', async () => {
    const world = await open();
    const { speaker, receiver } = await world.tap(world.owner);
    const all = speech('austen-0880');
    await speaker.say(all.slice(0, 120));
    receiver.paused(true);
    await waitFor(() => world.finals().length > 0, 'the line ends though no silence was sent', patient);
    receiver.paused(false);
    await speaker.say(speech('austen-0930'));
    receiver.end();
    await waitFor(() => understood(wordsOfLines(world.finals()), 'amiable himself') === 1, 'the words after the mute', patient);
  });

  it('is nothing when it is noise', async () => {
    const world = await open();
    const { speaker, receiver } = await world.tap(world.owner, { speed: 4 });
    await speaker.say(
      Array.from({ length: 400 }, (_, index) =>
        Uint8Array.from({ length: 80 }, (_, at) => (at === 0 ? 0x78 : (index * 131 + at * 89) & 0xff)),
      ),
    );
    receiver.end();
    const other = await world.tap(world.owner);
    await other.speaker.say(speech('austen-0880'));
    other.receiver.end();
    await waitFor(() => understood(wordsOfLines(world.finals()), 'young man') === 1, 'speech after the noise', patient);
    for (const line of world.finals()) expect(line.text.length).toBeLessThan(200);
  });
});

describe('words of an organisation', () => {
  it('are put right, and Chinese is asked of the model for it', async () => {
    const world = await open({ CAPTIONS_ENGINES: JSON.stringify([...senseVoice, english()]) });
    await world.database.query('insert into caption_settings (org_id, settings, changed_by, changed_at) values ($1, $2, $3, now())', [
      world.owner.orgId,
      JSON.stringify({
        language: 'en',
        script: 'hant',
        profanity: 'keep',
        translateTo: [],
        glossary: [{ term: 'Jon Daschwood', heard: ['John Dashwood'] }],
      }),
      world.owner.personId,
    ]);
    const meetingId = newId();
    const one = await world.tap(world.owner, { meetingId, language: '' });
    const chi = await world.person('Chi');
    const two = await world.tap(chi, { meetingId, language: 'yue' });
    await Promise.all([one.speaker.say(speech('austen-0870')), two.speaker.say(speech('austen-0870'))]);
    one.receiver.end();
    two.receiver.end();
    await waitFor(() => world.finals(world.owner.personId).length > 0 && world.finals(chi.personId).length > 0, 'both', patient);
    expect(wordsOfLines(world.finals(world.owner.personId))).toContain('Jon Daschwood');
    expect(world.finals(chi.personId)[0]).toMatchObject({ text: '我哋而家開會。', language: 'yue' });
    expect(await world.captions.languageOf(world.owner.orgId)).toBe('en');
    expect(world.captions.languages()).toMatchObject({ languages: ['yue', 'cmn', 'en'], detects: true, problem: null });
  });

  it('in a language that no engine has are refused before a packet is sent', async () => {
    const world = await open();
    await expect(world.tap(world.owner, { language: 'yue' })).rejects.toThrow('no engine takes yue');
    expect(world.captions.languages()).toMatchObject({ languages: ['en'], detects: false, fallback: 'en' });
  });
});

describe('a process that is lost', () => {
  it('is started again, and taps are opened anew', async () => {
    const world = await open();
    const recording = await world.record();
    const { speaker } = await world.tap(world.owner, { recording });
    await speaker.say(speech('austen-0930'));
    await waitFor(async () => (await world.transcript(recording)).length > 0, 'the line before', patient);
    const { captioner, engines } = await waitFor(
      () => world.captions.captioner.pids.engines.length > 0 && world.captions.captioner.pids,
      'its engines',
    );
    process.kill(captioner ?? 0, 'SIGKILL');
    await waitFor(() => world.restarts > 0, 'the taps are asked for again', patient);
    await waitFor(() => engines.every((pid) => !isAlive(pid)), 'the engines end with it');
    const again = await world.tap(world.owner, { recording });
    await again.speaker.say(speech('austen-0880'));
    again.receiver.end();
    await waitFor(async () => understood(wordsOfLines(await world.transcript(recording)), 'young man') === 1, 'the line after', patient);
  });

  it('while it decodes is replaced, and the line comes all the same', async () => {
    const world = await open();
    const { speaker, receiver } = await world.tap(world.owner);
    await speaker.say(speech('austen-0930'));
    await waitFor(() => world.finals().length > 0, 'the first line', patient);
    const [engine = 0] = await waitFor(
      () => world.captions.captioner.pids.engines.length > 0 && world.captions.captioner.pids.engines,
      'its engine',
    );
    process.kill(engine, 'SIGSTOP');
    const saying = speaker.say(speech('austen-0880'));
    await saying;
    process.kill(engine, 'SIGKILL');
    receiver.end();
    await waitFor(() => understood(wordsOfLines(world.finals()), 'young man') === 1, 'the second line', patient);
  });
});

describe('a transcript', () => {
  it('has the lines of those who are recorded, with times of the recording', async () => {
    const world = await open();
    const recording = await world.record();
    const before = Date.now() - recording.startedAt.getTime();
    const { speaker, receiver } = await world.tap(world.owner, { recording });
    await speaker.say(speech('austen-0870'));
    const after = Date.now() - recording.startedAt.getTime();
    receiver.end();
    const [line] = await waitFor(
      async () => {
        const lines = await world.transcript(recording);
        return lines.length > 0 && lines;
      },
      'the line',
      patient,
    );
    expect(line).toMatchObject({ speaker: 'Olivia', language: 'en', editedBy: null, engine: 'moonshine:moonshine-tiny-en' });
    expect(line?.beginMs).toBeGreaterThan(before);
    expect(line?.endMs).toBeLessThan(after + 1_000);
    const covered = await waitFor(
      async () => {
        const [span] = await world.database.query<{ until_ms: number }>('select until_ms from caption_coverage where recording_id = $1', [
          recording.id,
        ]);
        return span && span.until_ms >= (line?.endMs ?? 0) && span;
      },
      'that it was heard',
      patient,
    );
    expect(covered.until_ms).toBeLessThan(after + 5_000);
  });

  it('gets nothing more of a person whose lines were deleted, not even what was still being written', async () => {
    const world = await open();
    const recording = await world.record();
    const { speaker, receiver } = await world.tap(world.owner, { recording });
    await speaker.say(speech('austen-0930'));
    await waitFor(async () => (await world.transcript(recording)).length > 0, 'a line', patient);
    const told = world.finals().length;
    const saying = speaker.say(speech('austen-0880'));
    await world.database.transaction((tx) => world.captions.removePerson(tx, recording, world.owner.personId));
    await saying;
    receiver.end();
    await waitFor(() => world.finals().length > told, 'the line is told to the meeting', patient);
    const other = await world.person('Ben');
    const ben = await world.tap(other, { recording });
    await ben.speaker.say(speech('austen-0930'));
    ben.receiver.end();
    await waitFor(async () => (await world.transcript(recording)).length > 0, 'the line of another person', patient);
    expect(new Set((await world.transcript(recording)).map(({ personId }) => personId))).toEqual(new Set([other.personId]));
  });

  it('has what is said by a person who took everything back and agreed again, and nothing of before', async () => {
    const world = await open();
    const { owner } = world;
    const recording = await world.record();
    await world.answers(recording, owner, 'yes');
    const before = await world.tap(owner, { recording });
    await before.speaker.say(speech('austen-0930'));
    before.receiver.end();
    await waitFor(async () => (await world.transcript(recording)).length > 0, 'a line', patient);
    await world.answers(recording, owner, 'withdrawn-all');
    const again = await world.answers(recording, owner, 'yes');
    const after = await world.tap(owner, { recording });
    await after.speaker.say(speech('austen-0890'));
    after.receiver.end();
    const since = async () => (await world.transcript(recording)).filter(({ beginMs }) => recording.startedAt.getTime() + beginMs >= again);
    await waitFor(async () => (await since()).length > 0, 'a line of after it', patient);
    // The removal comes late, as when the server was down: what was said since is there by then.
    await world.database.transaction((tx) => world.captions.removePerson(tx, recording, owner.personId));
    const later = await world.tap(owner, { recording });
    await later.speaker.say(speech('austen-0880'));
    later.receiver.end();
    await waitFor(
      async () => understood(wordsOfLines(await world.transcript(recording)), await wordsOf('austen-0880')) > 0.6,
      'what is said after the removal',
      patient,
    );
    const lines = await world.transcript(recording);
    expect(understood(wordsOfLines(lines), await wordsOf('austen-0890'))).toBeGreaterThan(0.5);
    expect(wordsOfLines(lines)).not.toContain('amiable');
    expect(lines).toEqual(await since());
  });

  it('is made in the language of the meeting also where live captions were not there', async () => {
    const world = await open({ CAPTIONS_ENGINES: JSON.stringify([english(), ...senseVoice]) });
    const recording = await world.record();
    const { receiver, participantId } = await world.tap(world.owner, { recording, language: 'yue' });
    receiver.end();
    const track = await world.capture(recording, world.owner, speech('austen-0930'), 60_000);
    await world.database.query('update recording_tracks set participant_id = $2 where id = $1', [track.id, participantId]);
    await world.transcribe(recording);
    expect(await world.transcript(recording)).toMatchObject([{ text: '我哋而家開會。', language: 'yue' }]);
  });

  it('is filled after the meeting with what engines had no time for', async () => {
    const world = await open({ CAPTIONS_PATIENCE_MS: 1_000, CAPTIONS_DECODE_MS: 15_000 });
    // Nobody is in a hurry with what is read, so the engine runs after it.
    const before = await world.record();
    await world.capture(before, world.owner, speech('austen-0930'));
    await world.transcribe(before);
    const recording = await world.record();
    const [engine = 0] = await waitFor(
      () => world.captions.captioner.pids.engines.length > 0 && world.captions.captioner.pids.engines,
      'its process',
    );
    const { speaker, receiver, participantId } = await world.tap(world.owner, { recording });
    const fromMs = Date.now() - recording.startedAt.getTime();
    process.kill(engine, 'SIGSTOP');
    await speaker.say(speech('austen-0880'));
    await speaker.say(speech('austen-0930'));
    await waitFor(
      async () => (await world.database.query('select 1 from caption_left where recording_id = $1', [recording.id])).length >= 1,
      'it was left',
      patient,
    );
    await waitFor(
      () => world.behind.some(({ behind, meetingId }) => behind && meetingId === recording.meetingId),
      'the meeting is told',
      patient,
    );
    receiver.end();
    await waitFor(
      async () => {
        const [span] = await world.database.query<{ until_ms: number }>('select until_ms from caption_coverage where recording_id = $1', [
          recording.id,
        ]);
        return span && span.until_ms > fromMs + 5_000;
      },
      'the tap has ended',
      patient,
    );
    const track = await world.capture(recording, world.owner, [...speech('austen-0880'), ...speech('austen-0930')], fromMs);
    await world.database.query('update recording_tracks set participant_id = $2 where id = $1', [track.id, participantId]);
    await world.transcribe(recording);
    const text = wordsOfLines(await world.transcript(recording));
    expect(understood(text, 'young man')).toBe(1);
    expect(await world.database.query('select 1 from caption_left where recording_id = $1', [recording.id])).toEqual([]);
    const count = (await world.transcript(recording)).length;
    await world.transcribe(recording);
    expect(await world.transcript(recording)).toHaveLength(count);
  });
});

function english() {
  return { engine: 'moonshine', languages: ['en'], folder: path.join(readConfig({}).CAPTIONS_FOLDER, 'moonshine-tiny-en') };
}

function rtp(ssrc: number, payloadType: number, sequence: number, length: number): Buffer {
  const packet = Buffer.alloc(12 + length);
  packet.writeUInt8(0x80, 0);
  packet.writeUInt8(payloadType, 1);
  packet.writeUInt16BE(sequence, 2);
  packet.writeUInt32BE(ssrc, 8);
  return packet;
}
