/** The HTTP API of captions and transcripts. */
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Audit } from '../../platform/audit.js';
import type { Database } from '../../platform/database/index.js';
import { CausewayError, pickLanguage } from '../../platform/errors.js';
import { type HttpApp, principalOf } from '../../platform/http/index.js';
import type { RecordingAccess, RecordingRows } from '../ports.js';
import type { Readings } from '../readings.js';
import type { Recording, TranscriptLine } from '../recording.js';
import {
  type CaptionLanguages,
  captionLanguagesSchema,
  captionSettingsBody,
  captionSettingsSchema,
  transcriptLinePatch,
  transcriptLineSchema,
  transcriptQuery,
  transcriptSchema,
} from './schema.js';
import type { SettingsStore } from './settings-store.js';
import { inScript } from './text/han-script.js';
import { docx, plainText } from './transcript/documents.js';
import { srt, webVtt } from './transcript/subtitles.js';
import type { TranscriptLines } from './transcript/transcript-lines.js';

export interface CaptionRoutesDeps {
  readonly database: Database;
  readonly audit: Audit;
  readonly access: RecordingAccess;
  readonly rows: RecordingRows;
  readonly lines: TranscriptLines;
  readonly settings: SettingsStore;
  readonly readings: Readings;
  readonly languages: () => CaptionLanguages;
}

const tags = ['Captions and transcripts'];
const id = z.uuid().toLowerCase();

const mediaTypes = {
  vtt: 'text/vtt; charset=utf-8',
  srt: 'application/x-subrip; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
} as const;

export function captionRoutes(app: HttpApp, deps: CaptionRoutesDeps): void {
  const { access, rows, lines, settings, readings, database, audit } = deps;

  app.route({
    method: 'GET',
    url: '/api/captions/languages',
    config: { access: 'guest' },
    schema: { tags, summary: 'Languages that captions can be made of', response: { 200: captionLanguagesSchema } },
    handler: async (request) => {
      const languages = deps.languages();
      const { role } = principalOf(request);
      // Where files lie is for those who can put them there.
      return role === 'owner' || role === 'admin' ? languages : { ...languages, problem: null };
    },
  });

  app.route({
    method: 'GET',
    url: '/api/captions/settings',
    config: { access: 'person' },
    schema: { tags, summary: 'Glossary, default language and other settings of captions', response: { 200: captionSettingsSchema } },
    handler: (request) => settings.read(principalOf(request).orgId),
  });

  app.route({
    method: 'PUT',
    url: '/api/captions/settings',
    config: { access: 'person' },
    schema: {
      tags,
      summary: 'Change settings of captions; what is left out stays',
      body: captionSettingsBody,
      response: { 200: captionSettingsSchema },
    },
    handler: (request) => settings.change(principalOf(request), request.body),
  });

  app.route({
    method: 'GET',
    url: '/api/recordings/:id/transcript',
    config: { access: 'person' },
    schema: {
      tags,
      summary: 'The transcript: JSON, or a file (WebVTT, SRT, text, DOCX)',
      params: z.object({ id }),
      querystring: transcriptQuery,
      response: { 200: z.union([transcriptSchema, z.unknown().describe('Or the bytes of the file.')]) },
    },
    handler: async (request, reply) => {
      const { format, script, spoken } = request.query;
      const principal = principalOf(request);
      const recording = await access.assert(principal, request.params.id, format === 'json' ? 'view' : 'download');
      const { settings: set } = await settings.inUse(recording.orgId);
      const found = (await rows.transcript(recording)).map((line) =>
        spoken ? line : { ...line, text: inScript(line.text, script ?? set.script, line.language) },
      );
      if (format === 'json') {
        if (found.length > 0) await readings.by(principal, recording, 'transcript');
        return transcriptSchema.parse(transcriptOf(recording, found));
      }
      await audit.recordAlone({
        orgId: recording.orgId,
        actor: { id: principal.personId, name: principal.name },
        action: 'recording.transcript-downloaded',
        subject: { recording: recording.id },
        detail: { format },
      });
      const language = pickLanguage(request.headers['accept-language']);
      attach(reply, recording, format);
      switch (format) {
        case 'vtt':
          return webVtt(found, recording.title);
        case 'srt':
          return srt(found);
        case 'txt':
          return plainText(found, recording, language);
        case 'docx':
          return docx(found, recording, language);
      }
    },
  });

  app.route({
    method: 'PATCH',
    url: '/api/recordings/:id/transcript/:lineId',
    config: { access: 'person' },
    schema: {
      tags,
      summary: 'Correct a line of the transcript',
      params: z.object({ id, lineId: id }),
      body: transcriptLinePatch,
      response: { 200: transcriptLineSchema },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      const { lineId } = request.params;
      const recording = await access.assert(principal, request.params.id, 'manage');
      const corrected = await database.transaction(async (tx) => {
        const found = await lines.correct(recording, lineId, request.body.text, principal.personId, tx);
        const actor = { id: principal.personId, name: principal.name };
        // The words themselves stay out of the log.
        if (found)
          await audit.record(tx, {
            orgId: recording.orgId,
            actor,
            action: 'recording.transcript-corrected',
            subject: { recording: recording.id, line: lineId },
          });
        return found;
      });
      const line = corrected ? (await rows.transcript(recording)).find((candidate) => candidate.id === lineId) : undefined;
      if (!line) throw new CausewayError('TRANSCRIPT_LINE_NOT_FOUND');
      return line;
    },
  });
}

function transcriptOf(recording: Recording, lines: readonly TranscriptLine[]) {
  return { recordingId: recording.id, title: recording.title, startedAt: recording.startedAt.toISOString(), lines };
}

/** RFC 6266 section 4.3, RFC 8187: a name in any script, and one for those who read ASCII alone. */
function attach(reply: FastifyReply, { title, startedAt }: Recording, format: keyof typeof mediaTypes): void {
  const day = startedAt.toISOString().slice(0, 10);
  const name = `${title.replace(/[\\/:*?"<>|\p{Cc}]+/gu, ' ').trim()} ${day}.${format}`;
  const ascii = `transcript-${day}.${format}`;
  const extended = encodeURIComponent(name).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  reply
    .type(mediaTypes[format])
    .header('x-content-type-options', 'nosniff')
    .header('content-disposition', `attachment; filename="${ascii}"; filename*=UTF-8''${extended}`);
}
