/** The process that listens, when it fails itself. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Captioner, type CaptionerDeps, type Listener } from '../../../../src/recording/captions/captioner.js';
import { chooseEngines } from '../../../../src/recording/captions/engine-setting.js';
import type { CaptionStream } from '../../../../src/recording/captions/index.js';
import { testConfig, testLog, waitFor } from '../../../support/index.js';
import { isAlive } from '../../../support/server-process.js';
import { standIn } from '../../../support/speech.js';

vi.setConfig({ testTimeout: 180_000 });

const patient = { deadlineMs: 120_000 };
const opened: Captioner[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((captioner) => captioner.close()));
});

async function open(over: Partial<CaptionerDeps> = {}): Promise<Captioner> {
  const setting = JSON.stringify([{ engine: 'sense-voice', languages: ['yue'], folder: standIn }]);
  const chosen = await chooseEngines(testConfig({ CAPTIONS_ENGINES: setting }));
  const captioner = new Captioner({
    log: testLog(),
    engines: chosen.engines,
    voiceModel: chosen.voiceModel,
    decodeMs: 30_000,
    patienceMs: 30_000,
    behind: () => undefined,
    problems: () => undefined,
    ...over,
  });
  opened.push(captioner);
  return captioner;
}

const stream = (id: string, ssrc: number): CaptionStream => ({
  id,
  ssrc,
  kind: 'audio',
  context: {},
  payloadType: 100,
  mimeType: 'audio/opus',
  clockRate: 48_000,
  channels: 2,
});

const quiet = (over: Partial<Listener> = {}): Listener => ({
  partial: () => undefined,
  final: () => undefined,
  left: () => undefined,
  heard: () => undefined,
  ended: () => undefined,
  ...over,
});

describe('the captioner', () => {
  it('that hangs is killed, and those who were captioned are captioned again', async () => {
    const captioner = await open({ hangMs: 3_000 });
    const lost: boolean[] = [];
    let restarted = 0;
    captioner.onRestarted(() => {
      restarted += 1;
    });
    await captioner.begin(stream('one', 11), 'yue', quiet({ ended: (isLost) => lost.push(isLost) }));
    const { captioner: pid = 0 } = captioner.pids;
    process.kill(pid, 'SIGSTOP');
    await waitFor(() => restarted > 0, 'it is started again', patient);
    expect(lost).toEqual([true]);
    await captioner.begin(stream('two', 12), 'yue', quiet());
    expect(captioner.pids.captioner).not.toBe(pid);
  });

  it('ends when nobody has been captioned for a while, and comes back when somebody is', async () => {
    const captioner = await open({ idleMs: 200 });
    const receiver = await captioner.begin(stream('one', 11), 'yue', quiet());
    receiver.end();
    receiver.end();
    await waitFor(() => captioner.pids.captioner === undefined, 'it has ended', patient);
    await captioner.begin(stream('two', 12), 'yue', quiet());
    expect(captioner.pids.captioner).toBeDefined();
  });

  it('refuses two taps that nobody could tell apart, and a language that nobody has', async () => {
    const captioner = await open();
    await captioner.begin(stream('one', 11), 'yue', quiet());
    await expect(captioner.begin(stream('two', 11), 'yue', quiet())).rejects.toThrow('SSRC');
    await expect(captioner.begin(stream('three', 13), 'en', quiet())).rejects.toThrow('no engine takes en');
    await expect(captioner.read('en', quiet())).rejects.toThrow('no engine takes en');
  });

  it('that is closed takes nobody any more', async () => {
    const captioner = await open();
    await captioner.begin(stream('one', 11), 'yue', quiet());
    const { captioner: pid = 0 } = captioner.pids;
    await captioner.close();
    await captioner.close();
    await waitFor(() => !isAlive(pid), 'its process is gone', patient);
    await expect(captioner.begin(stream('two', 12), 'yue', quiet())).rejects.toThrow('closed');
  });
});
