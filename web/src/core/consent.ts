/** What oneself has said to the recording that is on. Pure. */
import type { RecordingNow } from '@server/signaling/meeting-state';

/** none: nothing yet, which is not recorded. informed: told, and recorded until one objects. */
export type OwnConsent = 'none' | 'yes' | 'no' | 'withdrawn' | 'informed';

const known: ReadonlySet<string> = new Set<OwnConsent>(['yes', 'no', 'withdrawn', 'informed']);

/** As the answer to Join has it. */
export function toOwnConsent(text: string | null | undefined): OwnConsent {
  return isOwnConsent(text) ? text : 'none';
}

/** What stands after the meeting has changed: one may have answered on another device, or another recording may have begun. */
export function consentAfter(own: OwnConsent, before: RecordingNow | null, now: RecordingNow | null, personId: string): OwnConsent {
  if (!now) return 'none';
  const kept = before === null || before.id === now.id ? own : 'none';
  if (!now.recorded.has(personId)) return kept === 'yes' || kept === 'informed' ? 'withdrawn' : kept;
  if (kept === 'yes' || kept === 'informed') return kept;
  return now.notice.asks ? 'yes' : 'informed';
}

function isOwnConsent(text: string | null | undefined): text is OwnConsent {
  return known.has(text ?? '');
}
