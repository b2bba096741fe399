/** What somebody wants to say, and the rules of its form. */
import { CausewayError } from '../platform/errors.js';
import { isId } from '../platform/ids.js';
import { cleanText } from '../platform/text.js';

export interface Draft {
  readonly conversationId: string;
  /** UUID, the sender's own: a resend is harmless. */
  readonly clientId: string;
  /** Markdown. */
  readonly body: string;
  readonly thread?: number;
  readonly replyTo?: number;
  readonly mentions?: readonly string[];
  readonly mentionsAll?: boolean;
  readonly attachmentIds?: readonly string[];
  readonly urgent?: boolean;
  readonly poll?: { readonly options: readonly string[]; readonly multiple: boolean; readonly anonymous: boolean };
  readonly forward?: { readonly conversationId: string; readonly number: number };
  /** What the person answered to a warning, or to the question for a reason. */
  readonly acknowledged?: boolean;
  readonly reason?: string;
  /** What an app calls itself in this message. */
  readonly alias?: string;
}

export const mostMentions = 50;
export const mostAttachments = 10;
const mostOptions = 20;
const optionCharacters = 200;

/** @throws CHAT_EMPTY, CHAT_TOO_LONG */
export function checkBody(body: string, limit: number, mayBeEmpty: boolean): string {
  const clean = cleanText(body);
  if (clean === '' && !mayBeEmpty) throw new CausewayError('CHAT_EMPTY', { field: 'body' });
  // A character takes one or two units: most texts are seen to be short enough without being counted.
  if (clean.length > limit && [...clean].length > limit) throw new CausewayError('CHAT_TOO_LONG', { field: 'body', fill: { limit } });
  return clean;
}

/** @throws CHAT_MENTIONS */
export function checkMentions(mentions: readonly string[]): string[] {
  if (mentions.length > mostMentions || !mentions.every(isId)) throw badMentions();
  return [...new Set(mentions.map((id) => id.toLowerCase()))];
}

export function badMentions(): CausewayError {
  return new CausewayError('CHAT_MENTIONS', { field: 'mentions', fill: { limit: mostMentions } });
}

/** @throws CHAT_ATTACHMENT */
export function checkAttachmentIds(ids: readonly string[]): string[] {
  const wanted = [...new Set(ids.map((id) => id.toLowerCase()))];
  if (wanted.length > mostAttachments || !wanted.every(isId)) throw new CausewayError('CHAT_ATTACHMENT', { field: 'attachmentIds' });
  return wanted;
}

/** @throws REQUEST_INVALID */
export function checkOptions(options: readonly string[]): string[] {
  const clean = options.map(cleanText);
  const good =
    clean.length >= 2 &&
    clean.length <= mostOptions &&
    new Set(clean).size === clean.length &&
    clean.every((option) => option !== '' && [...option].length <= optionCharacters);
  if (!good) {
    const detail = `poll: 2 to ${mostOptions} different options of at most ${optionCharacters} characters`;
    throw new CausewayError('REQUEST_INVALID', { field: 'poll', fill: { detail } });
  }
  return clean;
}
