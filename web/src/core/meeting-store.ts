/** What the page knows of the meeting it is in: the shared state, and what concerns this page alone. */

import type { MeetingState, ParticipantState, RecordingNow } from '@server/signaling/meeting-state';
import { causeway } from '#proto';
import type { ChatClient } from './chat-client';
import type { RpcError } from './rpc-error';
import { Store } from './store';

export type EndReason = 'left' | 'ended' | 'removed' | 'denied' | 'replaced' | 'signed-out';

export type Phase =
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'lobby' }
  /** A recording is on: one is asked before one is in. */
  | { readonly kind: 'consent'; readonly question: ConsentQuestion }
  | { readonly kind: 'joined' }
  /** The socket is lost and comes back by itself; sound and picture may go on meanwhile. */
  | { readonly kind: 'reconnecting' }
  | { readonly kind: 'ended'; readonly reason: EndReason }
  | { readonly kind: 'failed'; readonly error: RpcError };

export interface ConsentQuestion {
  readonly kind: causeway.RecordingKind;
  readonly startedByName: string;
  readonly notice: RecordingNow['notice'];
  /** It is another one than the one that was answered a moment ago. */
  readonly changed: boolean;
  /** The answer is on its way. */
  readonly answering: boolean;
}

export interface WaitingPerson {
  readonly id: string;
  readonly personId: string;
  readonly name: string;
  readonly guest: boolean;
  readonly since: number;
}

export interface MeetingStoreState {
  readonly phase: Phase;
  readonly meeting: MeetingState | null;
  readonly myId: string | null;
  /** Oneself as Join answered. A viewer of a webinar is no participant of the meeting: ask `myself`. */
  readonly self: ParticipantState | null;
  /** Viewers with a raised hand, in order; empty for those who are no hosts or co-hosts. */
  readonly viewerHands: readonly ParticipantState[];
  /** Who waits to be let in; empty for those who may not decide it. */
  readonly waiting: readonly WaitingPerson[];
  /** The meeting's conversation, once one is in. */
  readonly chat: ChatClient | null;
}

export class MeetingStore extends Store<MeetingStoreState> {
  constructor() {
    super({ phase: { kind: 'idle' }, meeting: null, myId: null, self: null, viewerHands: [], waiting: [], chat: null });
  }
}

export function myself({ meeting, myId, self }: MeetingStoreState): ParticipantState | null {
  return (myId === null ? null : meeting?.participants.get(myId)) ?? self;
}

/** Sees and hears the stage of a webinar, and sends nothing. */
export function isViewer(participant: ParticipantState | null | undefined): boolean {
  return participant?.role === causeway.Role.ROLE_VIEWER;
}

export function isWebinar(meeting: MeetingState | null | undefined): boolean {
  return meeting?.kind === causeway.MeetingKind.MEETING_KIND_WEBINAR;
}

export function isHost(participant: ParticipantState | null | undefined): boolean {
  return participant?.role === causeway.Role.ROLE_HOST;
}

/** Hosts and co-hosts: lobby, lock, mute, remove. */
export function isModerator(participant: ParticipantState | null | undefined): boolean {
  return isHost(participant) || participant?.role === causeway.Role.ROLE_CO_HOST;
}

/** Raised hands, the first raised first. */
export function raisedHands(meeting: MeetingState): readonly ParticipantState[] {
  return [...meeting.participants.values()].filter((p) => p.handRaisedAt > 0).sort((a, b) => a.handRaisedAt - b.handRaisedAt);
}

export function isSending(participant: ParticipantState, source: causeway.Source): boolean {
  return participant.producers.some((p) => p.source === source && !p.paused);
}

export function producerOf(participant: ParticipantState, source: causeway.Source): string | null {
  return participant.producers.find((p) => p.source === source)?.id ?? null;
}
