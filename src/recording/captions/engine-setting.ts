/** From the setting to engines: which files they need, and whether those are there. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../../config.js';
import type { EngineChoice } from './captioner-messages.js';
import { type EngineSpec, engineSpecs } from './schema.js';

type Settings = Pick<Config, 'CAPTIONS_ENGINES' | 'CAPTIONS_FOLDER' | 'CAPTIONS_PROCESSES'>;

/** As scripts/lib/speech.mjs names what it fetches. */
const englishFolder = 'moonshine-tiny-en';
const voiceFile = 'silero_vad_v5.onnx';
/** The library ends its process over a file that is cut short, so it is not given one. */
const voiceHash = '2623a2953f6ff3d2c1e61740c6cdb7168133479b267dfef114a4a3cc5bdd788f';

export interface ChosenEngines {
  readonly engines: readonly EngineChoice[];
  /** The detector of voice activity. */
  readonly voiceModel: string;
  /** What is missing, in words for administrators. */
  readonly problems: readonly string[];
}

export async function chooseEngines(config: Settings): Promise<ChosenEngines> {
  const { CAPTIONS_ENGINES: setting, CAPTIONS_FOLDER: folder } = config;
  const specs: EngineSpec[] =
    setting === ''
      ? [{ engine: 'moonshine', languages: ['en'], folder: path.join(folder, englishFolder) }]
      : engineSpecs.parse(JSON.parse(setting));
  const problems: string[] = [];
  const engines: EngineChoice[] = [];
  for (const spec of specs) {
    const chosen = choose(spec, config.CAPTIONS_PROCESSES);
    if (typeof chosen === 'string') problems.push(chosen);
    else engines.push(chosen);
  }
  const voiceModel = path.join(folder, voiceFile);
  const voice = await voiceProblem(voiceModel);
  return voice === null ? { engines, voiceModel, problems } : { engines: [], voiceModel, problems: [...problems, voice] };
}

/** The engine, or what it lacks. */
function choose(spec: EngineSpec, processes: number): EngineChoice | string {
  if (spec.engine === 'http') {
    const { engine: _, ...rest } = spec;
    return { kind: 'http', ...rest };
  }
  const find = (...names: string[]) => names.map((name) => path.join(spec.folder, name)).find((file) => existsSync(file));
  const missing = (what: string) => `The speech model in ${spec.folder} has no ${what}. npm run build fetches the one for English.`;
  const tokens = find('tokens.txt');
  if (tokens === undefined) return missing('tokens.txt');
  const shared = { kind: 'process' as const, name: `${spec.engine}:${path.basename(spec.folder)}`, languages: spec.languages, processes };
  if (spec.engine === 'moonshine') {
    const encoder = find('encoder_model.onnx', 'encoder_model.int8.onnx', 'encoder.int8.onnx', 'encoder.onnx');
    const decoder = find('decoder_model_merged.onnx', 'decoder_model_merged.int8.onnx', 'merged_decoder.int8.onnx');
    if (encoder === undefined) return missing('encoder_model.onnx');
    if (decoder === undefined) return missing('decoder_model_merged.onnx');
    return { ...shared, model: { engine: 'moonshine', encoder, decoder, tokens } };
  }
  const model = find('model.int8.onnx', 'model.onnx');
  return model === undefined ? missing('model.int8.onnx') : { ...shared, model: { engine: 'sense-voice', model, tokens } };
}

async function voiceProblem(file: string): Promise<string | null> {
  const again = 'npm run build fetches it.';
  try {
    const hash = createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
    return hash === voiceHash ? null : `The detector of voices ${file} is not whole. Delete it; ${again}`;
  } catch {
    return `There is no detector of voices at ${file}. ${again}`;
  }
}
