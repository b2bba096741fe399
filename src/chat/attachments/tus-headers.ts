/** The headers of the tus protocol 1.0.0 (https://tus.io/protocols/resumable-upload). */
import type { z } from 'zod';
import { CausewayError } from '../../platform/errors.js';
import { uploadMetadata } from './schema.js';

export const tusVersion = '1.0.0';
export const tusContentType = 'application/offset+octet-stream';
export const tusExtensions = 'creation,creation-with-upload,expiration,termination';

const mostMetadata = 8_192;
const largestSize = 2 ** 50;

type Header = string | string[] | undefined;

/** @throws UPLOAD_VERSION */
export function checkVersion(header: Header): void {
  if (header !== tusVersion) throw new CausewayError('UPLOAD_VERSION');
}

/** @throws REQUEST_INVALID */
export function readLength(header: Header, name: string): number {
  const length = typeof header === 'string' && /^\d{1,16}$/.test(header) ? Number(header) : Number.NaN;
  if (!(length <= largestSize)) throw invalid(`${name} must be a number of bytes`);
  return length;
}

/** @throws REQUEST_INVALID */
export function readMetadata(header: Header): z.output<typeof uploadMetadata> {
  if (typeof header !== 'string' || header.length > mostMetadata) throw invalid('Upload-Metadata must name the conversation and the file');
  const values: Record<string, string> = {};
  for (const pair of header.split(',')) {
    const [key = '', value = '', ...rest] = pair.trim().split(' ');
    if (rest.length > 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(value)) throw invalid('Upload-Metadata must be keys and values in Base64');
    values[key] = decodeText(value);
  }
  const result = uploadMetadata.safeParse(values);
  if (!result.success) throw invalid(`Upload-Metadata: ${result.error.issues[0]?.path.join('.') ?? ''} is missing or too long`);
  return result.data;
}

function decodeText(base64: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64, 'base64'));
  } catch {
    throw invalid('Upload-Metadata must be UTF-8');
  }
}

function invalid(detail: string): CausewayError {
  return new CausewayError('REQUEST_INVALID', { fill: { detail } });
}
