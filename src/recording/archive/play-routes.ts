/** Playing and downloading over HTTP. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CausewayError } from '../../platform/errors.js';
import { type HttpApp, principalOf } from '../../platform/http/index.js';
import type { Principal } from '../../platform/principal.js';
import type { Offer, RecordingAccess, RecordingRows } from '../ports.js';
import type { Recording } from '../recording.js';
import { sendFile } from '../send-file.js';
import type { Takings } from '../takings.js';
import type { Downloads } from './downloads.js';
import type { ArchivedFile, Files } from './files.js';
import type { PageShared } from './ports.js';
import {
  bytesSchema,
  downloadParams,
  downloadSchema,
  fileParams,
  fileQuery,
  hlsParams,
  noneSchema,
  playParams,
  playSchema,
  recordingParams,
  viewingsSchema,
} from './schema.js';
import type { Viewings } from './viewings.js';

export interface PlayRoutesDeps {
  readonly access: RecordingAccess;
  readonly rows: Pick<RecordingRows, 'get'>;
  readonly files: Files;
  readonly viewings: Viewings;
  readonly downloads: Downloads;
  readonly takings: Takings;
  readonly shared: PageShared;
}

const tags = ['Recordings'];
/** A player asks for a piece each few seconds, and an office sits behind one address. */
export const piecesPerMinute = 6_000;
export const viewingCookie = 'causeway_viewing';
/** What belongs to the page of a recording, for everybody who sees it. */
const shownKinds: readonly string[] = ['thumbnail', 'waveform', 'report'];
const bytesAnswers = { 200: bytesSchema, 206: bytesSchema, 304: noneSchema };

export function playRoutes(app: HttpApp, deps: PlayRoutesDeps): void {
  const { viewings, files, downloads, rows, takings, shared } = deps;

  app.route({
    method: 'POST',
    url: '/api/recordings/:id/plays',
    config: { access: 'person' },
    schema: {
      tags,
      summary: 'Begin to watch a recording',
      description: 'Sets a cookie that opens the stream for a few minutes; it is written down who watches.',
      params: recordingParams,
      response: { 200: playSchema },
    },
    handler: async (request, reply) => {
      const { play, secret } = await viewings.begin(principalOf(request), request.params.id, clientOf(request));
      keepViewing(reply, secret, `/api/recordings/${request.params.id}/hls`, shared);
      return play;
    },
  });

  app.route({
    method: 'POST',
    url: '/api/recordings/:id/plays/:playId',
    config: { access: 'person' },
    schema: { tags, summary: 'Go on watching: more time for the stream', params: playParams, response: { 200: playSchema } },
    handler: (request) => viewings.renew(principalOf(request), request.params.id, request.params.playId),
  });

  app.route({
    method: 'GET',
    url: '/api/recordings/:id/hls/*',
    exposeHeadRoute: false,
    // The cookie of a viewing: players send no other credentials.
    config: { access: 'public', ratePerMinute: piecesPerMinute },
    schema: { tags, summary: 'The stream of a recording (HLS, RFC 8216)', params: hlsParams, response: bytesAnswers },
    handler: async (request, reply) => {
      const { orgId, recordingId } = await viewings.granted(request.cookies[viewingCookie], { recordingId: request.params.id });
      const name = pieceName(request.params['*']);
      const file = await files.file(await rows.get(orgId, recordingId), `hls/${name}`);
      return sendPiece(request, reply, files, file, name);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/recordings/:id/viewings',
    config: { access: 'person' },
    schema: { tags, summary: 'Who has watched a recording, newest first', params: recordingParams, response: { 200: viewingsSchema } },
    handler: (request) => viewings.list(principalOf(request), request.params.id),
  });

  app.route({
    method: 'GET',
    url: '/api/recordings/:id/files/:name',
    exposeHeadRoute: false,
    config: { access: 'person', ratePerMinute: piecesPerMinute },
    schema: {
      tags,
      summary: 'A file of a recording, or a part of it (Range)',
      description: 'Thumbnails, waveform and composed.json for everybody who sees it; picture and sound for who may download.',
      params: fileParams,
      querystring: fileQuery,
      response: bytesAnswers,
    },
    handler: async (request, reply) => {
      const by = principalOf(request);
      const { recording, file, offer } = await openFile(deps, by, request.params);
      return sendFile(request, reply, {
        file,
        read: (range) => files.read(file, range),
        name: savedName(recording, file),
        inline: request.query.inline === '1' || offer === undefined,
        ...(offer ? { taken: (begins: boolean) => takings.note(offer, by.signInId, begins) } : {}),
      });
    },
  });

  app.route({
    method: 'POST',
    url: '/api/recordings/:id/downloads',
    config: { access: 'person', ratePerMinute: 30 },
    schema: {
      tags,
      summary: 'Ask for a copy with the name of the caller in the picture',
      description: 'Made in the background, kept for a day. Asked again, the one that is there.',
      params: recordingParams,
      response: { 200: downloadSchema },
    },
    handler: (request) => downloads.ask(principalOf(request), request.params.id),
  });

  app.route({
    method: 'GET',
    url: '/api/recordings/:id/downloads/:downloadId',
    config: { access: 'person' },
    schema: { tags, summary: 'How far a copy is', params: downloadParams, response: { 200: downloadSchema } },
    handler: (request) => downloads.get(principalOf(request), request.params.id, request.params.downloadId),
  });

  app.route({
    method: 'GET',
    url: '/api/recordings/:id/downloads/:downloadId/file',
    exposeHeadRoute: false,
    config: { access: 'person' },
    schema: { tags, summary: 'The copy, or a part of it (Range)', params: downloadParams, response: bytesAnswers },
    handler: async (request, reply) => {
      const by = principalOf(request);
      const offer = await downloads.file(by, request.params.id, request.params.downloadId);
      const taken = (begins: boolean) => takings.note(offer, by.signInId, begins);
      return sendFile(request, reply, { file: offer, read: (range) => offer.read(range), name: offer.saveAs, inline: false, taken });
    },
  });
}

/** A file for who may download it. @throws RECORDING_NOT_FOUND, RECORDING_FORBIDDEN, RECORDING_WATERMARK, RECORDING_FILE_NOT_FOUND */
export async function offeredFile(deps: Pick<PlayRoutesDeps, 'access' | 'files'>, by: Principal, id: string, name: string): Promise<Offer> {
  const { offer } = await openFile(deps, by, { id, name });
  // Small, and no download: the page shows it.
  if (!offer) throw new CausewayError('RECORDING_FILE_NOT_FOUND');
  return offer;
}

/** With `offer` for what counts as a download. @throws RECORDING_NOT_FOUND, RECORDING_FORBIDDEN, RECORDING_WATERMARK, RECORDING_FILE_NOT_FOUND */
async function openFile(
  { access, files }: Pick<PlayRoutesDeps, 'access' | 'files'>,
  by: Principal,
  { id, name }: { id: string; name: string },
): Promise<{ recording: Recording; file: ArchivedFile; offer?: Offer }> {
  const recording = await access.assert(by, id, 'view');
  const file = await files.file(recording, name);
  if (shownKinds.includes(file.kind)) return { recording, file };
  const rights = await access.rights(by, recording);
  if (!rights.download) throw new CausewayError('RECORDING_FORBIDDEN');
  // Who governs has the original in the export of evidence too.
  if (rights.watermark && !rights.govern) throw new CausewayError('RECORDING_WATERMARK');
  const offer: Offer = {
    recording,
    what: `file ${file.name}`,
    saveAs: savedName(recording, file),
    mediaType: file.mediaType,
    bytes: file.bytes,
    sha256: file.sha256,
    read: (range) => files.read(file, range),
    entry: {
      orgId: recording.orgId,
      actor: { id: by.personId, name: by.name },
      action: 'recording.downloaded',
      subject: { recording: recording.id },
      detail: { file: file.name, watermark: false, bytes: file.bytes, sha256: file.sha256, version: recording.version },
    },
  };
  return { recording, file, offer };
}

export function savedName({ title, startedAt }: Recording, { name }: Pick<ArchivedFile, 'name'>): string {
  if (!/^(?:meeting|audio)\./.test(name)) return name;
  return `${title} ${startedAt.toISOString().slice(0, 10)}${name.slice(name.lastIndexOf('.'))}`;
}

/** Compose names pieces so. @throws RECORDING_FILE_NOT_FOUND */
export function pieceName(asked: string): string {
  if (!/^[\w-]{1,60}\.(?:m3u8|mp4|m4s)$/.test(asked)) throw new CausewayError('RECORDING_FILE_NOT_FOUND');
  return asked;
}

export function sendPiece(
  request: FastifyRequest,
  reply: FastifyReply,
  files: Files,
  file: ArchivedFile,
  name: string,
): Promise<FastifyReply> {
  return sendFile(request, reply, { file, read: (range) => files.read(file, range), name, inline: true });
}

/** Of this browser, for this stream alone, and gone with it. */
export function keepViewing(reply: FastifyReply, secret: string, path: string, { secureCookies }: PageShared): void {
  reply.setCookie(viewingCookie, secret, { httpOnly: true, sameSite: 'strict', secure: secureCookies, path });
}

export function clientOf(request: FastifyRequest): string {
  return (request.headers['user-agent'] ?? '').replace(/\p{Cc}/gu, '').slice(0, 300);
}
