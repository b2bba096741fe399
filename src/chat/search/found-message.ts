/** Whether a message is what was looked for, and where in it. The last word: the index only proposes. */
import type { Message, StoredAttachment } from '../message.js';
import { foldWithPlaces } from './folded-text.js';
import { findNeedle, joinRanges, type Needle, type Range } from './query.js';
import type { ConversationName } from './readable-messages.js';
import type { FoundMessage } from './schema.js';

/** Where the needles are in one message. */
export interface Finds {
  readonly body: readonly Range[];
  /** For each attachment, in its name. */
  readonly files: readonly (readonly Range[])[];
}

/** UTF-16 units. */
const snippetUnits = 240;
/** Shown before the first highlight. */
const leadUnits = 60;

/** Each needle must be somewhere in the message; null: one is nowhere. */
export function findNeedles(message: Message, needles: readonly Needle[]): Finds | null {
  const body = foldWithPlaces(message.body);
  const files = attachmentsOf(message).map(({ name }) => foldWithPlaces(name));
  const options = (message.extra?.poll?.options ?? []).map((option) => foldWithPlaces(option));
  const inBody: Range[] = [];
  const inFiles: Range[][] = files.map(() => []);
  for (const needle of needles) {
    const here = findNeedle(body, needle);
    inBody.push(...(here ?? []));
    let found = here !== null || options.some((option) => findNeedle(option, needle) !== null);
    for (const [index, file] of files.entries()) {
      const ranges = findNeedle(file, needle);
      inFiles[index]?.push(...(ranges ?? []));
      found ||= ranges !== null;
    }
    if (!found) return null;
  }
  return { body: joinRanges(inBody), files: inFiles.map(joinRanges) };
}

export function presentFound(message: Message, finds: Finds, conversation: ConversationName): FoundMessage {
  return {
    conversation: { id: conversation.id, kind: conversation.kind, title: conversation.title },
    number: message.number,
    thread: message.thread,
    kind: message.kind,
    sender: { id: message.senderId, name: message.senderName, app: message.byApp },
    sentAt: message.sentAt.toISOString(),
    edited: message.editedAt !== null,
    highlights: pairs(finds.body),
    snippet: snippetOf(message.body, finds.body),
    attachments: attachmentsOf(message).map(({ id, name, type, size }, index) => ({
      id,
      name,
      type,
      size,
      highlights: pairs(finds.files[index] ?? []),
    })),
  };
}

export function attachmentsOf(message: Message): readonly StoredAttachment[] {
  return message.extra?.attachments ?? [];
}

function snippetOf(body: string, ranges: readonly Range[]): FoundMessage['snippet'] {
  const first = ranges[0]?.[0] ?? 0;
  const start = body.length <= snippetUnits ? 0 : wholeCharacters(body, Math.max(0, first - leadUnits));
  const end = wholeCharacters(body, Math.min(body.length, start + snippetUnits));
  const inside = ranges.filter(([from]) => from < end).map(([from, to]): Range => [from - start, Math.min(to, end) - start]);
  return { text: body.slice(start, end), start, highlights: pairs(inside) };
}

/** Not between the halves of a surrogate pair, nor between a letter and its accent. */
function wholeCharacters(text: string, at: number): number {
  let place = at;
  while (place > 0 && place < text.length && /^[\udc00-\udfff\p{M}\u200d]/u.test(text.slice(place))) place -= 1;
  return place;
}

function pairs(ranges: readonly Range[]): [number, number][] {
  return ranges.map(([start, end]) => [start, end]);
}
