/** What nodes say to each other about meetings, and the sessions in them. */
import type { causeway } from '#proto';
import type { ErrorCode, Language } from '../platform/errors.js';
import type { Principal } from '../platform/principal.js';

/** A session as another node must know it. */
export interface SessionFace {
  readonly id: string;
  readonly principal: Principal;
  readonly language: Language;
  readonly connected: boolean;
}

/** What a session is in the meeting that it joined. */
export interface Stay {
  readonly participantId: string;
  readonly stayId: string;
}

/** Null: waits in the lobby. */
export interface AttachedSession {
  readonly session: SessionFace;
  readonly stay: Stay | null;
}

/** What a node has of a meeting whose home another one becomes. */
export interface Claimed {
  /** An encoded MeetingSnapshot. Null: the node has seen nothing of it. */
  readonly snapshot: Uint8Array | null;
  readonly sessions: readonly AttachedSession[];
}

export interface ForwardedCall {
  readonly meetingId: string;
  /** "MeetingService.Join" */
  readonly method: string;
  readonly session: SessionFace;
  readonly payload: Uint8Array;
}

/** `stay`: what the session is in the meeting after the call. */
export interface ForwardedReply {
  readonly payload: Uint8Array;
  readonly stay: Stay | null;
}

declare module '../platform/cluster/cluster.js' {
  interface Calls {
    /** A page's call, at the home of the meeting. Null: this node is not its home. */
    'meeting.call': { request: ForwardedCall; reply: ForwardedReply | null };
    /** The caller is the home from now on: what do you have of the meeting? */
    'meeting.claim': { request: { meetingId: string }; reply: Claimed };
    /** Sessions that are in the meeting as they know it, for its new home. False: this node is not its home. */
    'meeting.attach': { request: { meetingId: string; sessions: readonly AttachedSession[] }; reply: boolean };
    /** An encoded MeetingSnapshot. Null: this node is not its home. */
    'meeting.snapshot': { request: { meetingId: string }; reply: Uint8Array | null };
    /** People in the meeting. Null: this node is not its home. */
    'meeting.size': { request: { meetingId: string }; reply: number | null };
    /** Ends it for all. False: this node is not its home. */
    'meeting.end': { request: { meetingId: string }; reply: boolean };
    /** Nothing more of the person is recorded when it answers. False: this node is not its home. */
    'meeting.cut': { request: { meetingId: string; personId: string }; reply: boolean };
  }
  interface Words {
    /** Its record was changed: read it again. */
    'meeting.changed': { meetingId: string };
    /** The disk of the speaker is full or slow, or well again. */
    'meeting.recording-troubled': { meetingId: string; recordingId: string; trouble: boolean };
    /** Engines of the speaker can't keep up with its captions, or can again. */
    'meeting.captions-behind': { meetingId: string; behind: boolean };
    /** The speaker is no longer its home, and nobody is yet. */
    'meeting.resigned': { meetingId: string };
    /** From a home that had given the other node up: bring your sessions again. */
    'meetings.attach': null;
    /** From the home, for a session of the other node: an encoded SessionEvent. */
    'session.send': { sessionId: string; event: Uint8Array };
    'session.subscribe': { sessionId: string; topic: string };
    'session.unsubscribe': { sessionId: string; topic: string };
    'session.end': { sessionId: string; reason: ErrorCode };
    /** To the home: what became of a session. */
    'session.changed': { session: SessionFace; change: 'away' | 'back' | 'ended' };
  }
}

export function toFace(session: SessionFace): SessionFace {
  return { id: session.id, principal: session.principal, language: session.language, connected: session.connected };
}

/** The meeting that a request of MeetingService or MediaService is about; all of them say it. */
export function meetingOf(request: object): string {
  const id: unknown = Reflect.get(request, 'meetingId');
  return typeof id === 'string' ? id : '';
}

export function meetingTopic(meetingId: string): string {
  return `meeting/${meetingId}`;
}

export type Snapshot = causeway.MeetingSnapshot.$Properties;
