/** Constructs captions. */
import { z } from 'zod';
import type { Config } from '../../config.js';
import type { Audit } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/index.js';
import type { Log } from '../../platform/log.js';
import type { Metrics } from '../../platform/metrics.js';
import type { RecordingAccess, RecordingRows } from '../ports.js';
import { Readings } from '../readings.js';
import { captionMetrics } from './caption-metrics.js';
import { Captioner } from './captioner.js';
import type { Captions, TrackAudio } from './captions.js';
import { chooseEngines } from './engine-setting.js';
import { LiveCaptions } from './live-captions.js';
import { captionRoutes } from './routes.js';
import { type CaptionLanguages, readerLanguages, translationSpec } from './schema.js';
import { SettingsStore } from './settings-store.js';
import { TranscribeStep } from './transcript/transcribe-step.js';
import { TranscriptLines } from './transcript/transcript-lines.js';
import { Translations } from './translation/translations.js';
import { createTranslator } from './translation/translators.js';

export interface CaptionsDeps {
  readonly config: Pick<
    Config,
    'CAPTIONS_ENGINES' | 'CAPTIONS_FOLDER' | 'CAPTIONS_PROCESSES' | 'CAPTIONS_DECODE_MS' | 'CAPTIONS_PATIENCE_MS' | 'CAPTIONS_TRANSLATION'
  >;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly audit: Audit;
  readonly access: RecordingAccess;
  readonly rows: RecordingRows;
  readonly audio: TrackAudio;
}

/** For tests and the benchmark, which look at its processes. */
export interface OpenedCaptions extends Captions {
  readonly captioner: Captioner;
}

export async function openCaptions(deps: CaptionsDeps): Promise<OpenedCaptions> {
  const { config, database, clock, log, metrics, audit, access, rows, audio } = deps;
  const chosen = await chooseEngines(config);
  for (const problem of chosen.problems) log.warn({ problem }, 'captions: not all languages are available');
  const translator =
    config.CAPTIONS_TRANSLATION === '' ? null : createTranslator(translationSpec.parse(JSON.parse(config.CAPTIONS_TRANSLATION)));
  const settings = new SettingsStore({ database, clock, audit });
  const lines = new TranscriptLines(database);
  const readings = new Readings({ database, clock, audit });
  const translations = new Translations(translator, log);
  const speakable = [...new Set(chosen.engines.flatMap((engine) => engine.languages))];
  let broken: readonly string[] = [];
  const spoken = async (orgId: string, language: string): Promise<string | null> => {
    const wished = language === '' ? (await settings.inUse(orgId)).settings.language : language;
    if (wished === null || wished === '') return speakable[0] ?? null;
    // zh-HK and the like name a place; what is spoken there is what engines know.
    const name = speakable.includes(wished) ? wished : (spokenIn[wished] ?? wished.split('-')[0] ?? wished);
    if (speakable.includes(name)) return name;
    return speakable.includes('auto') ? 'auto' : null;
  };
  const captioner = new Captioner({
    log,
    engines: chosen.engines,
    voiceModel: chosen.voiceModel,
    decodeMs: config.CAPTIONS_DECODE_MS,
    patienceMs: config.CAPTIONS_PATIENCE_MS,
    behind: (behind) => live.behind(behind),
    problems: (problems) => {
      const news = problems.filter((problem) => !broken.includes(problem));
      for (const problem of news) log.error({ problem }, 'captions: an engine can not be used');
      broken = problems;
    },
  });
  const live = new LiveCaptions({ captioner, settings, lines, translations, metrics: captionMetrics(metrics), clock, log, spoken });
  const languages = (): CaptionLanguages => ({
    languages: speakable.filter((language) => language !== 'auto'),
    detects: speakable.includes('auto'),
    fallback: speakable[0] ?? null,
    translations: translations.available ? [...readerLanguages] : [],
    problem: [...chosen.problems, ...broken].join(' ') || null,
  });
  let closing: Promise<void> | undefined;
  return {
    captioner,
    sink: { begin: (stream) => live.begin(stream), onRestarted: (listener) => captioner.onRestarted(listener) },
    events: live.events,
    languages,
    languageOf: (orgId) => spoken(orgId, ''),
    transcribe: new TranscribeStep({ captioner, rows, audio, lines, settings, log, spoken }),
    choose: (recording, personId, choice) =>
      lines.choose(recording, personId, z.object({ optOut: z.boolean(), language: z.string() }).parse(choice), new Date(clock.now())),
    removePerson: (tx, recording, personId) => lines.removePerson(tx, recording, personId),
    routes: (app) => captionRoutes(app, { database, audit, access, rows, lines, settings, readings, languages }),
    close: () => {
      closing ??= live.settled().then(() => captioner.close());
      return closing;
    },
  };
}

const spokenIn: Readonly<Record<string, string>> = {
  'zh-HK': 'yue',
  'zh-Hant': 'yue',
  'zh-CN': 'cmn',
  'zh-TW': 'cmn',
  'zh-Hans': 'cmn',
  zh: 'cmn',
};
