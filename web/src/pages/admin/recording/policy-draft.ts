/** A policy as it is filled in, and what the notice says under it. Pure. */
import type { NoticeFacts } from '@server/recording/consent/notice-texts';
import type { RecordingPolicy } from '@/api';

export type PolicyDraft = {
  consent: RecordingPolicy['consent'];
  starters: RecordingPolicy['starters'];
  keep: 'days' | 'ever';
  days: string;
  viewers: RecordingPolicy['viewers'];
  download: boolean;
  watermark: boolean;
  contact: string;
};

const usualDays = 365;
const mostDays = 36_500;

export function toDraft(policy: RecordingPolicy): PolicyDraft {
  const { consent, starters, keepDays, viewers, download, watermark, contact } = policy;
  return {
    consent,
    starters,
    keep: keepDays === null ? 'ever' : 'days',
    days: String(keepDays ?? usualDays),
    viewers,
    download,
    watermark,
    contact: contact ?? '',
  };
}

export function toPolicy(meetingKind: RecordingPolicy['meetingKind'], draft: PolicyDraft): Omit<RecordingPolicy, 'changedAt'> {
  const { consent, starters, viewers, download, watermark } = draft;
  return {
    meetingKind,
    consent,
    starters,
    keepDays: draft.keep === 'ever' ? null : Number(draft.days),
    viewers,
    download,
    watermark,
    contact: draft.contact.trim() || null,
  };
}

export function areDays(text: string): boolean {
  const days = Number(text);
  return text.trim() !== '' && Number.isInteger(days) && days >= 1 && days <= mostDays;
}

/** Null: nobody is told anything, or it can't be said yet. */
export function factsOf(
  meetingKind: RecordingPolicy['meetingKind'],
  draft: PolicyDraft,
  { organisation, transcript }: { readonly organisation: string; readonly transcript: boolean },
): NoticeFacts | null {
  if (draft.consent === 'forbidden' || (draft.keep === 'days' && !areDays(draft.days))) return null;
  const { keepDays, contact, viewers, download, consent } = toPolicy(meetingKind, draft);
  return {
    organisation,
    contact: contact ?? organisation,
    webinar: meetingKind === 'webinar',
    transcript,
    asks: consent === 'ask',
    keepDays,
    viewers,
    download,
    // Which services the server engages only the server knows.
    outside: false,
  };
}
