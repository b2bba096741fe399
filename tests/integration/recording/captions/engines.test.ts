/** Real models in real processes; a process that ends, hangs or can't load its model is replaced. */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { readConfig } from '../../../../src/config.js';
import { chooseEngines } from '../../../../src/recording/captions/engine-setting.js';
import { HttpEngine } from '../../../../src/recording/captions/engines/http-engine.js';
import { ProcessEngine } from '../../../../src/recording/captions/engines/process-engine.js';
import type { SpeechEngine } from '../../../../src/recording/captions/engines/speech-engine.js';
import { freePort, type TemporaryFolder, temporaryFolder, waitFor } from '../../../support/index.js';
import { isAlive } from '../../../support/server-process.js';
import { speechOf, standIn } from '../../../support/speech.js';

// Speech takes its time, and the machine may be busy.
vi.setConfig({ testTimeout: 240_000 });

const settings = readConfig({});
const opened: SpeechEngine[] = [];
let folder: TemporaryFolder;

beforeAll(async () => {
  folder = await temporaryFolder();
});

afterAll(async () => {
  await folder.remove();
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((engine) => engine.close()));
});

async function engineOf(setting: string, over: { decodeMs?: number; now?: () => number; processes?: number } = {}): Promise<ProcessEngine> {
  const { engines, problems } = await chooseEngines({ ...settings, CAPTIONS_ENGINES: setting, CAPTIONS_PROCESSES: over.processes ?? 1 });
  const [choice] = engines;
  if (choice?.kind !== 'process') throw new Error(`There is no such engine: ${problems.join(' ')}`);
  const engine = new ProcessEngine({ ...choice, decodeMs: 60_000, loadMs: 60_000, ...over });
  opened.push(engine);
  return engine;
}

const english = (over?: Parameters<typeof engineOf>[1]) => engineOf('', over);
const senseVoice = JSON.stringify([{ engine: 'sense-voice', languages: ['yue', 'cmn', 'en', 'auto'], folder: standIn }]);

describe('the default model', () => {
  it('writes down what a person says', async () => {
    const engine = await english();
    const { text } = await engine.recognize(await speechOf('austen-0870'), 'en');
    expect(text.toLowerCase()).toContain('john dashwood had then leisure to consider');
  });

  it('is not upset by noise, by silence, nor by next to nothing', async () => {
    const engine = await english();
    const noise = Float32Array.from({ length: 80_000 }, () => Math.random() * 2 - 1);
    const odd = Float32Array.from({ length: 16_000 }, (_, index) => (index % 100 === 0 ? Number.NaN : 3));
    for (const audio of [noise, new Float32Array(48_000), new Float32Array(10), new Float32Array(0), odd]) {
      await engine.recognize(audio, 'en').then(
        ({ text }) => expect(typeof text).toBe('string'),
        (error) => expect(error).toMatchObject({ name: 'EngineError' }),
      );
    }
    expect((await engine.recognize(await speechOf('austen-0930'), 'en')).text.toLowerCase()).toContain('amiable himself');
  });

  it('is used by several processes at once', async () => {
    const engine = await english({ processes: 2 });
    const clips = await Promise.all(['austen-0880', 'austen-0930', 'austen-0880'].map(speechOf));
    const texts = await Promise.all(clips.map((clip) => engine.recognize(clip, 'en')));
    expect(texts[1]?.text).toContain('amiable');
    expect(texts[0]?.text).toBe(texts[2]?.text);
    expect(engine.pids).toHaveLength(2);
  });
});

describe('a process that', () => {
  it('is killed over an utterance costs that one alone', async () => {
    const engine = await english();
    const clip = await speechOf('austen-0880');
    await engine.recognize(clip, 'en');
    const [pid = 0] = engine.pids;
    process.kill(pid, 'SIGSTOP');
    const lost = expect(engine.recognize(clip, 'en')).rejects.toMatchObject({ code: 'crashed' });
    process.kill(pid, 'SIGKILL');
    await lost;
    expect((await engine.recognize(clip, 'en')).text).toContain('young man');
    expect(engine.pids).not.toContain(pid);
  });

  it('hangs is killed and replaced', async () => {
    const engine = await english({ decodeMs: 3_000 });
    const clip = await speechOf('austen-0880');
    while ((await engine.recognize(clip, 'en').catch(() => null)) === null);
    const [pid = 0] = engine.pids;
    process.kill(pid, 'SIGSTOP');
    await expect(engine.recognize(clip, 'en')).rejects.toMatchObject({ code: 'hung' });
    await waitFor(() => !isAlive(pid), 'the process that hung is gone');
    while ((await engine.recognize(clip, 'en').catch(() => null)) === null);
    expect(engine.pids).not.toContain(pid);
  });

  it('finds a model that was cut short says so, and is not started again and again', async () => {
    const broken = path.join(folder.path, 'cut-short');
    await mkdir(broken);
    const whole = path.join(settings.CAPTIONS_FOLDER, 'moonshine-tiny-en');
    for (const file of ['tokens.txt', 'encoder_model.onnx']) await copyFile(path.join(whole, file), path.join(broken, file));
    const decoder = await readFile(path.join(whole, 'decoder_model_merged.onnx'));
    await writeFile(path.join(broken, 'decoder_model_merged.onnx'), decoder.subarray(0, 1_000_000));
    let now = 0;
    const engine = await engineOf(JSON.stringify([{ engine: 'moonshine', languages: ['en'], folder: broken }]), { now: () => now });
    const clip = await speechOf('austen-0880');
    await expect(engine.recognize(clip, 'en')).rejects.toMatchObject({ code: 'unusable' });
    expect(engine.problem).toContain('cut-short');
    await expect(engine.recognize(clip, 'en')).rejects.toMatchObject({ code: 'unusable' });
    expect(engine.pids).toEqual([]);
    await writeFile(path.join(broken, 'decoder_model_merged.onnx'), decoder);
    now += 120_000;
    expect((await engine.recognize(clip, 'en')).text).toContain('young man');
    expect(engine.problem).toBeNull();
  });
});

describe('SenseVoice, by a stand-in that hears nothing and says one sentence for each language', () => {
  it('is told which language is spoken', async () => {
    const engine = await engineOf(senseVoice);
    const audio = new Float32Array(32_000);
    expect(await engine.recognize(audio, 'yue')).toEqual({ text: '我哋而家開會。', language: 'yue' });
    expect(await engine.recognize(audio, 'cmn')).toEqual({ text: '我们现在开会。', language: 'cmn' });
    expect((await engine.recognize(audio, 'en')).text.toLowerCase()).toBe('let us start');
    expect((await engine.recognize(audio, 'yue')).text).toBe('我哋而家開會。');
  });
});

describe('what is missing', () => {
  it('is told in words', async () => {
    const none = await chooseEngines({ ...settings, CAPTIONS_FOLDER: path.join(folder.path, 'nowhere') });
    expect(none.engines).toEqual([]);
    expect(none.problems.join(' ')).toMatch(/tokens\.txt.*npm run build/);
    const cut = path.join(folder.path, 'voices');
    await mkdir(cut);
    await writeFile(
      path.join(cut, 'silero_vad_v5.onnx'),
      (await readFile(path.join(settings.CAPTIONS_FOLDER, 'silero_vad_v5.onnx'))).subarray(0, 99),
    );
    const broken = await chooseEngines({ ...settings, CAPTIONS_FOLDER: cut, CAPTIONS_ENGINES: senseVoice });
    expect(broken.engines).toEqual([]);
    expect(broken.problems.join(' ')).toContain('not whole');
  });

  it.each(['{}', '[{"engine":"whisper-node"}]', '[{"engine":"http","languages":["yue"],"url":"file:///etc/passwd"}]', 'rubbish'])(
    'is not guessed: %s refuses the start',
    (setting) => expect(() => readConfig({ CAUSEWAY_CAPTIONS_ENGINES: setting })).toThrow('CAUSEWAY_CAPTIONS_ENGINES'),
  );
});

describe('a server that transcribes', () => {
  let server: Server | undefined;
  let answer: (request: IncomingMessage, body: Buffer) => { status?: number; body: string } | 'never' | 'hang up';
  let url: string;

  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}/v1/audio/transcriptions`;
    server = createServer(async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part);
      const given = answer(request, Buffer.concat(parts));
      if (given === 'never') return;
      if (given === 'hang up') return void request.socket.destroy();
      response.writeHead(given.status ?? 200, { 'content-type': 'application/json' }).end(given.body);
    });
    await new Promise<void>((resolve) => server?.listen(port, '127.0.0.1', resolve));
  });

  afterAll(async () => {
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve));
  });

  const open = (decodeMs = 20_000) => {
    const engine = new HttpEngine({
      url,
      model: 'large-v3',
      key: 'the key',
      languages: ['yue', 'auto'],
      tell: { yue: 'zh' },
      parallel: 2,
      decodeMs,
    });
    opened.push(engine);
    return engine;
  };
  const audio = new Float32Array(16_000).fill(0.25);

  it('gets a WAV file, the model and the language by its own name', async () => {
    let heard = '';
    answer = (request, body) => {
      expect(request.headers.authorization).toBe('Bearer the key');
      heard = body.toString('latin1');
      return { body: JSON.stringify({ text: ' 我哋\n而家開會 ' }) };
    };
    expect(await open().recognize(audio, 'yue')).toEqual({ text: '我哋 而家開會', language: null });
    expect(heard).toContain('RIFF');
    expect(heard).toMatch(/name="language"\r\n\r\nzh\r\n/);
    expect(heard).toMatch(/name="model"\r\n\r\nlarge-v3\r\n/);
  });

  it('is asked to find the language out', async () => {
    let heard = '';
    answer = (_, body) => {
      heard = body.toString('latin1');
      return { body: JSON.stringify({ text: 'Hello', language: 'en' }) };
    };
    expect(await open().recognize(audio, 'auto')).toEqual({ text: 'Hello', language: 'en' });
    expect(heard).not.toContain('name="language"');
  });

  it('that says there was silence has said nothing', async () => {
    answer = () => ({ body: JSON.stringify({ text: ' [BLANK_AUDIO] (music) ' }) });
    expect((await open().recognize(audio, 'yue')).text).toBe('');
  });

  it.each([
    ['rubbish', { body: '<html>' }],
    ['JSON of something else', { body: '{"words":[]}' }],
    ['a failure', { status: 500, body: '{}' }],
    ['more than anybody can say', { body: JSON.stringify({ text: 'x'.repeat(300_000) }) }],
    ['a redirect', { status: 302, body: '' }],
    ['nothing', 'hang up' as const],
  ])('that answers %s costs that line alone', async (_, given) => {
    const engine = open();
    answer = () => given;
    await expect(engine.recognize(audio, 'yue')).rejects.toMatchObject({ name: 'EngineError' });
    expect(engine.problem).not.toBeNull();
    answer = () => ({ body: JSON.stringify({ text: 'again' }) });
    expect((await engine.recognize(audio, 'yue')).text).toBe('again');
    expect(engine.problem).toBeNull();
  });

  it('that hangs is given up', async () => {
    answer = () => 'never';
    await expect(open(1_000).recognize(audio, 'yue')).rejects.toMatchObject({ code: 'hung' });
  });
});
