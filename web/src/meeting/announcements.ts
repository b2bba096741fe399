/** Puts what happened within a moment into as few sentences as possible. Pure. */
import type { Notice } from '@/core';

export type Announcement =
  | { readonly kind: 'joined' | 'left' | 'hand' | 'lobby'; readonly names: readonly string[] }
  | { readonly kind: 'chat'; readonly name: string; readonly text: string; readonly count: number }
  | { readonly kind: 'share'; readonly name: string }
  | Extract<Notice, { kind: 'recording' | 'captions' | 'agenda' }>;

/** Notices that have a message on the screen of their own are read from there and not repeated. */
export function coalesce(notices: readonly Notice[]): readonly Announcement[] {
  const joined: string[] = [];
  const left: string[] = [];
  const announcements: Announcement[] = [];
  const hands: string[] = [];
  const lobby: string[] = [];
  for (const notice of notices) {
    if (notice.kind === 'joined') {
      // Gone and back within the same moment is nothing to tell.
      if (!takeOut(left, notice.name)) joined.push(notice.name);
    } else if (notice.kind === 'left') {
      if (!takeOut(joined, notice.name)) left.push(notice.name);
    } else if (notice.kind === 'hand') hands.push(notice.name);
    else if (notice.kind === 'lobby') lobby.push(notice.name);
    else if (notice.kind === 'share') announcements.push({ kind: 'share', name: notice.name });
    // What follows its start is a message on the screen.
    else if (notice.kind === 'recording' && notice.what === 'started') announcements.push(notice);
    else if (notice.kind === 'captions') announcements.push(notice);
  }
  // Whoever steps through it talks about the last.
  const turned = notices.findLast((notice) => notice.kind === 'agenda');
  const written = notices.flatMap((notice) => (notice.kind === 'chat' ? [notice.message] : []));
  const latest = written.at(-1);
  const named = (kind: 'joined' | 'left' | 'hand' | 'lobby', names: readonly string[]): Announcement[] =>
    names.length > 0 ? [{ kind, names }] : [];
  return [
    ...named('lobby', lobby),
    ...named('joined', joined),
    ...named('left', left),
    ...named('hand', hands),
    ...announcements,
    ...(turned ? [turned] : []),
    ...(latest ? [{ kind: 'chat' as const, name: latest.senderName, text: latest.body, count: written.length }] : []),
  ];
}

function takeOut(names: string[], name: string): boolean {
  const index = names.indexOf(name);
  if (index >= 0) names.splice(index, 1);
  return index >= 0;
}
