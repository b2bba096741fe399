/** Files as tests upload them, by the tus protocol. */
import { type Upload, uploadSchema } from '../../src/chat/attachments/schema.js';
import type { Api } from './api.js';

/** Upload-Metadata. */
export function metadata(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
    .join(',');
}

/** One call of the protocol, with the headers that it always has. */
export function tus(
  api: Api,
  method: string,
  path: string,
  accessToken: string,
  headers: Readonly<Record<string, string>> = {},
  body?: Uint8Array | ReadableStream,
): Promise<Response> {
  return fetch(`${api.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${accessToken}`,
      'tus-resumable': '1.0.0',
      ...(body ? { 'content-type': 'application/offset+octet-stream' } : {}),
      ...headers,
    },
    ...(body instanceof ReadableStream ? { body, duplex: 'half' } : body ? { body: Buffer.from(body) } : {}),
  });
}

/** Uploads a whole file at once; it waits to be sent with a message. */
export async function uploadTo(
  api: Api,
  accessToken: string,
  conversationId: string,
  filename: string,
  content: Uint8Array,
  more: Readonly<Record<string, string>> = {},
): Promise<Upload> {
  const headers = { 'upload-length': String(content.byteLength), 'upload-metadata': metadata({ conversationId, filename, ...more }) };
  const made = await tus(api, 'POST', '/api/uploads', accessToken, headers, content);
  if (made.status !== 201) throw new Error(`The upload of ${filename} answered ${made.status}: ${await made.text()}`);
  return api.get(uploadSchema, 'GET', made.headers.get('location') ?? '', undefined, accessToken);
}
