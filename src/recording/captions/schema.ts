/** Shapes of captions: the setting that names the engines, and the HTTP API. The page infers its types from here. */
import { z } from 'zod';
import { lineOfText } from '../../platform/text.js';

/**
 * Languages that people speak, as settings, sockets and lines name them (BCP 47): yue is Cantonese, cmn
 * Mandarin. `auto` lets the engine find out.
 */
const languageTag = z.string().regex(/^(auto|[a-z]{2,3}(-[A-Za-z]{2,8})?)$/, 'must be a language such as en, yue, cmn, or auto');
const spokenBy = z.array(languageTag).min(1).max(50);
const folder = z.string().min(1).max(1_000);

/** CAUSEWAY_CAPTIONS_ENGINES: who takes which language; the first that has it is asked. */
export const engineSpec = z.discriminatedUnion('engine', [
  z.strictObject({
    /** Moonshine (ONNX, merged decoder): English. */
    engine: z.literal('moonshine'),
    languages: spokenBy,
    folder,
  }),
  z.strictObject({
    /** SenseVoice-small (ONNX): Cantonese, Mandarin, English, Japanese, Korean; also finds out which. */
    engine: z.literal('sense-voice'),
    languages: spokenBy,
    folder,
  }),
  z.strictObject({
    /** A server that has `/v1/audio/transcriptions` as OpenAI's does: whisper-server, one with a GPU. */
    engine: z.literal('http'),
    languages: spokenBy,
    url: z.url({ protocol: /^https?$/ }),
    /** As the server names it. */
    model: z.string().max(200).default('whisper-1'),
    key: z.string().max(1_000).optional(),
    /** What the server is told instead of our name for the language, such as `{"yue":"zh"}`. */
    tell: z.record(z.string(), z.string()).default({}),
    /** So many at once. */
    parallel: z.int().min(1).max(64).default(2),
  }),
]);
export type EngineSpec = z.output<typeof engineSpec>;
export const engineSpecs = z.array(engineSpec).max(20);

/** CAUSEWAY_CAPTIONS_TRANSLATION: who translates final lines. */
export const translationSpec = z.discriminatedUnion('server', [
  z.strictObject({
    /** Any OpenAI-compatible `/v1/chat/completions`. */
    server: z.literal('openai'),
    url: z.url({ protocol: /^https?$/ }),
    model: z.string().min(1).max(200),
    key: z.string().max(1_000).optional(),
  }),
  z.strictObject({
    server: z.literal('libretranslate'),
    url: z.url({ protocol: /^https?$/ }),
    key: z.string().max(1_000).optional(),
  }),
]);
export type TranslationSpec = z.output<typeof translationSpec>;

/** How Chinese is written for a reader: as in Hong Kong, or Simplified. */
export const hanScripts = ['hant', 'hans'] as const;
export type HanScript = (typeof hanScripts)[number];

/** Languages of readers that lines can be translated to. */
export const readerLanguages = ['en', 'zh-Hant', 'zh-Hans'] as const;
export type ReaderLanguage = (typeof readerLanguages)[number];

/** GET /api/captions/languages */
export const captionLanguagesSchema = z.object({
  languages: z.array(z.string()).describe('That can be spoken: en, yue (Cantonese), cmn (Mandarin), and others that engines have.'),
  detects: z.boolean().describe('`auto` is possible: the engine finds out which language is spoken.'),
  fallback: z.string().nullable().describe('Of who set none. Null: no captions at all.'),
  translations: z.array(z.enum(readerLanguages)).describe('That final lines are translated to.'),
  problem: z.string().nullable().describe('Why languages are missing, in words for administrators; null: nothing is wrong.'),
});
export type CaptionLanguages = z.output<typeof captionLanguagesSchema>;

/** A name or a term that engines get wrong. */
export const glossaryTermSchema = z.object({
  term: lineOfText(100).describe('As it is written.'),
  heard: z.array(lineOfText(100)).max(20).default([]).describe('What engines make of it. Case and near misses are found without.'),
});
export type GlossaryTerm = z.output<typeof glossaryTermSchema>;

/** GET and PUT /api/captions/settings */
export const captionSettingsSchema = z.object({
  language: languageTag.nullable().describe('Of who set none, when a meeting has none. Null: the first that the server has.'),
  script: z.enum(hanScripts).describe('How Chinese is written in files, unless the reader asks for the other way.'),
  profanity: z.enum(['keep', 'mask']).describe('mask: swear words become asterisks.'),
  translateTo: z.array(z.enum(readerLanguages)).max(3).describe('Final lines are translated to these, where a server for it is set.'),
  glossary: z.array(glossaryTermSchema).max(1_000),
});
export type CaptionSettings = z.output<typeof captionSettingsSchema>;
export const captionSettingsBody = captionSettingsSchema.partial();

/** GET /api/recordings/:id/transcript?format= */
export const transcriptFormats = ['json', 'vtt', 'srt', 'txt', 'docx'] as const;
export type TranscriptFormat = (typeof transcriptFormats)[number];
export const transcriptQuery = z.object({
  format: z.enum(transcriptFormats).default('json'),
  script: z.enum(hanScripts).optional().describe('How Chinese is written. Default: as the organisation has set.'),
  spoken: z.stringbool().default(false).describe('Chinese stays as the engine wrote it.'),
});

export const transcriptLineSchema = z.object({
  id: z.uuid(),
  personId: z.uuid(),
  speaker: z.string(),
  beginMs: z.int().describe('Since the recording began.'),
  endMs: z.int(),
  language: z.string(),
  text: z.string(),
  engine: z.string().describe('Which engine and model wrote it.'),
  editedBy: z.uuid().nullable().describe('Who corrected it.'),
});
export const transcriptSchema = z.object({
  recordingId: z.uuid(),
  title: z.string(),
  startedAt: z.iso.datetime(),
  lines: z.array(transcriptLineSchema),
});
export type Transcript = z.output<typeof transcriptSchema>;

/** PATCH /api/recordings/:id/transcript/:lineId */
export const transcriptLinePatch = z.object({ text: lineOfText(4_000) });
