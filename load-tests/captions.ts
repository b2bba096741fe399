/**
 * `npm run bench:captions`: speech from files, spoken over RTP at its pace into the product's captioner; how
 * late lines are, how much of it engines cost, and how much of what was said they got right.
 */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readConfig } from '../src/config.js';
import { newId } from '../src/platform/ids.js';
import { Captioner, type HeardLine } from '../src/recording/captions/captioner.js';
import { chooseEngines } from '../src/recording/captions/engine-setting.js';
import { openEngines } from '../src/recording/captions/engines/engine-choice.js';
import { sampleRate } from '../src/recording/captions/engines/speech-engine.js';
import { testLog } from '../tests/support/config.js';
import { opusPackets, packetMs } from '../tests/support/opus-packets.js';
import { RtpSpeaker } from '../tests/support/rtp-speaker.js';
import { readClip, type SpokenClip } from './captions/clips.js';
import { characterErrors, ErrorCount, wordErrors } from './captions/errors.js';
import { benchmark, type Run } from './lib/benchmark.js';
import { cpuSeconds } from './media/process-usage.js';

const options = {
  audio: { default: 'tests/fixtures/speech', help: 'folder of WAV files, each with its words in a .txt of the same name' },
  language: { default: 'en', help: 'that is spoken; engines are those of CAUSEWAY_CAPTIONS_ENGINES' },
  rounds: { default: 3, help: 'how often each file is spoken' },
  speakers: { default: 1, help: 'how many speak at once' },
} as const;

type CaptionsRun = Run<typeof options>;

const pauseSeconds = 1;
/** Longer nobody waits for a line. */
const patienceMs = 30_000;

await benchmark('captions', options, async (run) => {
  const config = readConfig(process.env);
  const chosen = await chooseEngines(config);
  for (const problem of chosen.problems) run.progress(problem);
  const language = run.text('language');
  const engine = chosen.engines.find(({ languages }) => languages.includes(language));
  if (!engine) throw new Error(`No engine takes ${language}. Set CAUSEWAY_CAPTIONS_ENGINES (docs/recording/captions.md).`);
  run.program('engine', engine.kind === 'process' ? engine.name : `http:${engine.model}`);
  run.setting('processes', engine.kind === 'process' ? engine.processes : engine.parallel);
  const clips = await readClips(run);

  await measureAlone(run, clips, chosen, language);

  const captioner = new Captioner({
    log: testLog(),
    engines: chosen.engines,
    voiceModel: chosen.voiceModel,
    decodeMs: config.CAPTIONS_DECODE_MS,
    patienceMs: config.CAPTIONS_PATIENCE_MS,
    behind: () => undefined,
    problems: (problems) => problems.forEach((problem) => void run.progress(problem)),
  });
  run.cleanup(() => captioner.close());
  await measureLive(run, clips, captioner, language);
  run.notMeasured('the way from a microphone to the server and from the server to a page');
  if (!['yue', 'cmn'].includes(language))
    run.notMeasured('Cantonese and Mandarin: no model for them comes with the server; run it with --language yue and your own');
});

async function readClips(run: CaptionsRun): Promise<SpokenClip[]> {
  const folder = path.resolve(run.text('audio'));
  const names = (await readdir(folder)).filter((name) => /\.wav$/i.test(name)).sort();
  const clips: SpokenClip[] = [];
  for (const name of names) {
    const clip = await readClip(path.join(folder, name));
    if (clip) clips.push(clip);
    else run.progress(`${name} has no sound that FFmpeg can read: left out`);
  }
  if (clips.length === 0) throw new Error(`${folder} has no WAV file with sound.`);
  return clips;
}

/** The engine by itself, with whole files: what it costs, and what it gets right at best. */
async function measureAlone(
  run: CaptionsRun,
  clips: readonly SpokenClip[],
  chosen: Awaited<ReturnType<typeof chooseEngines>>,
  language: string,
): Promise<void> {
  run.progress('The engine alone …');
  const engines = openEngines(chosen.engines, { decodeMs: 120_000, patienceMs });
  try {
    const queue = engines.queueOf(language);
    const [first] = clips;
    if (!queue || !first) throw new Error('There is nothing to measure.');
    // The first brings the model into memory.
    await queue.decode(first.samples, language, 'final');
    const decode = run.samples('decode_ms', 'ms', 'One whole file, by the engine alone.');
    const [words, characters] = [new ErrorCount(), new ErrorCount()];
    let audioSeconds = 0;
    let seconds = 0;
    for (const clip of clips) {
      const begin = performance.now();
      const { text } = await queue.decode(clip.samples, language, 'final');
      const ms = performance.now() - begin;
      decode.add(ms);
      seconds += ms / 1_000;
      audioSeconds += clip.samples.length / sampleRate;
      if (clip.words !== null) {
        words.add(wordErrors(text, clip.words));
        characters.add(characterErrors(text, clip.words));
      }
    }
    run.value('real_time_factor', 'ratio', seconds / audioSeconds, 'Time of the engine for a second of speech.');
    if (words.wanted > 0) {
      run.value('whole_word_error_rate', 'ratio', words.rate, 'Of whole files.');
      run.value('whole_character_error_rate', 'ratio', characters.rate, 'Of whole files, without spaces and marks.');
    }
  } finally {
    await engines.close();
  }
}

async function measureLive(run: CaptionsRun, clips: readonly SpokenClip[], captioner: Captioner, language: string): Promise<void> {
  const partial = run.samples('partial_ms', 'ms', 'How old what a partial line says is when it comes.');
  const firstPartial = run.samples('first_partial_ms', 'ms', 'From the first sound of an utterance to its first partial line.');
  const final = run.samples('final_ms', 'ms', 'From the last sound of a file to its last final line, the silence that ends it included.');
  const final5 = run.samples('final_short_ms', 'ms', 'The same, of files up to 6 s.');
  const [words, characters] = [new ErrorCount(), new ErrorCount()];
  let left = 0;
  let spoken = 0;
  const say = async (clip: SpokenClip, packets: readonly Uint8Array[], counts: boolean) => {
    const lines: { readonly at: number; readonly line: HeardLine }[] = [];
    const partialLines = new Set<string>();
    let ended: () => void = () => undefined;
    const over = new Promise<void>((resolve) => {
      ended = resolve;
    });
    const ssrc = Math.floor(Math.random() * 2 ** 31);
    const tap = await captioner.begin(
      { id: newId(), kind: 'audio', context: {}, ssrc, payloadType: 100, mimeType: 'audio/opus', clockRate: 48_000, channels: 1 },
      language,
      {
        partial: (line) => {
          if (!counts) return;
          partial.add(Math.max(0, Date.now() - line.endMs));
          if (!partialLines.has(line.line)) firstPartial.add(Math.max(0, Date.now() - line.beginMs));
          partialLines.add(line.line);
        },
        final: (line) => lines.push({ at: Date.now(), line }),
        left: () => {
          left += 1;
        },
        heard: () => undefined,
        ended: () => ended(),
      },
    );
    const speaker = new RtpSpeaker({ port: tap.port, ssrc });
    const begin = Date.now();
    await speaker.say(packets);
    await delay(1_500);
    tap.end();
    await over;
    speaker.close();
    if (!counts) return;
    const text = lines.map(({ line }) => line.text).join(' ');
    const last = lines.at(-1);
    const spokenAt = begin + pauseSeconds * 1_000 + clip.lastSoundMs + packetMs;
    if (last) {
      final.add(Math.max(0, last.at - spokenAt));
      if (clip.samples.length <= 6 * sampleRate) final5.add(Math.max(0, last.at - spokenAt));
    }
    if (clip.words !== null) {
      words.add(wordErrors(text, clip.words));
      characters.add(characterErrors(text, clip.words));
    }
  };
  const sound = new Map<SpokenClip, Uint8Array[]>();
  for (const clip of clips) sound.set(clip, await opusPackets([clip.file], pauseSeconds));
  const [first] = clips;
  if (first) await say(first, sound.get(first) ?? [], false);
  const { captioner: pid = 0, engines } = captioner.pids;
  const pids = [pid, ...engines];
  const cpu = await cpuSeconds(pids).catch(() => null);
  const begin = Date.now();
  for (let round = 1; round <= run.option('rounds'); round += 1) {
    run.progress(`Speaking, round ${round} of ${run.option('rounds')} …`);
    for (let index = 0; index < clips.length; index += run.option('speakers')) {
      const together = clips.slice(index, index + run.option('speakers'));
      spoken += together.length;
      await Promise.all(together.map((clip) => say(clip, sound.get(clip) ?? [], true)));
    }
  }
  const elapsed = (Date.now() - begin) / 1_000;
  const cpuAfter = await cpuSeconds(pids).catch(() => null);
  run.value('left_ratio', 'ratio', left / spoken, 'Utterances that engines had no time for, for each file.');
  if (cpu !== null && cpuAfter !== null)
    run.value('cpu_core_ratio', 'ratio', (cpuAfter - cpu) / elapsed, 'Of one core: the captioner and its engines, pauses included.');
  if (words.wanted > 0) {
    run.value('word_error_rate', 'ratio', words.rate, 'Of live final lines; in Chinese a character is a word.');
    run.value('character_error_rate', 'ratio', characters.rate, 'Of live final lines, without spaces and marks.');
  }
}
