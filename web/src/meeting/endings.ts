/** How the end of a visit looks to the person. Pure. */
import type { EndReason, Phase } from '@/core';
import type { Ending } from './end-page';

export interface EndingFacts {
  readonly ending: Ending;
  readonly error?: { readonly message: string; readonly code: string; readonly local: boolean };
}

const byReason: Readonly<Record<EndReason, Ending>> = {
  left: 'left',
  ended: 'ended',
  removed: 'removed',
  denied: 'denied',
  replaced: 'replaced',
  'signed-out': 'signedOut',
};

const byCode: Readonly<Record<string, Ending>> = {
  MEETING_NOT_FOUND: 'notFound',
  MEETING_ENDED: 'over',
  MEETING_LOCKED: 'locked',
  MEETING_REMOVED: 'removed',
  MEETING_DENIED: 'denied',
  MEETING_FULL: 'full',
  BROWSER_UNSUPPORTED: 'unsupported',
  AUTH_REQUIRED: 'signedOut',
  AUTH_EXPIRED: 'signedOut',
  AUTH_SIGNED_OUT: 'signedOut',
};

const noWayBack: ReadonlySet<Ending> = new Set(['ended', 'over', 'removed', 'notFound', 'signedOut', 'unsupported']);

export function endingOf(phase: Extract<Phase, { kind: 'ended' | 'failed' }>): EndingFacts {
  if (phase.kind === 'ended') return { ending: byReason[phase.reason] };
  const { code, message } = phase.error;
  const known = byCode[code];
  if (known) return { ending: known };
  return { ending: 'failed', error: { code, message, local: code.startsWith('SOCKET_') || code === 'CALL_TIMEOUT' } };
}

export function mayComeBack(ending: Ending): boolean {
  return !noWayBack.has(ending);
}
