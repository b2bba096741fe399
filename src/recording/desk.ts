/**
 * What a meeting that is on asks of recording: may it, begin, pause, stop, and write down who agreed.
 * Whom to tap is the meeting's to decide, from what stands here.
 */
import type { Language } from '../platform/errors.js';
import { CausewayError } from '../platform/errors.js';
import type { Principal } from '../platform/principal.js';
import type { ConsentWhat, Recording, RecordingKind, RecordingPolicy } from './recording.js';
import type { Recordings } from './recordings.js';

export type MeetingKind = 'meeting' | 'webinar';

/** What people are told: see ConsentNotice in proto/causeway/recording.proto. */
export interface Notice {
  readonly hash: string;
  readonly version: string;
  readonly asks: boolean;
  readonly texts: Readonly<Record<Language, NoticeText>>;
}

export interface NoticeText {
  readonly title: string;
  readonly what: string;
  readonly purpose: string;
  readonly kept: string;
  readonly seenBy: string;
  readonly voluntary: string;
  readonly contact: string;
}

/** A recording that is on, and who has said what to it. */
export interface OnAir {
  readonly recording: Recording;
  readonly notice: Notice;
  /** By person, the last of each. */
  readonly standing: ReadonlyMap<string, ConsentWhat>;
}

/** Who stands in the ledger. */
export interface Answering {
  readonly personId: string;
  readonly personName: string;
  readonly what: ConsentWhat;
  readonly language: Language;
  /** Browser or program, as it named itself. */
  readonly client: string;
}

export interface RecordedMeeting {
  readonly orgId: string;
  readonly id: string;
  readonly kind: MeetingKind;
  readonly title: string;
  readonly conversationId: string;
}

export interface DeskDeps {
  readonly recordings: Recordings;
  readonly policyOf: (orgId: string, kind: MeetingKind) => Promise<RecordingPolicy>;
  /** The notice for such a recording, kept under its hash. */
  readonly noticeFor: (meeting: RecordedMeeting, kind: RecordingKind, policy: RecordingPolicy) => Promise<Notice>;
  readonly notice: (orgId: string, hash: string, policy: RecordingPolicy) => Promise<Notice>;
  readonly standing: (recording: Recording) => Promise<ReadonlyMap<string, ConsentWhat>>;
  readonly write: (recording: Recording, entries: readonly Answering[]) => Promise<void>;
  /** @throws RECORDING_QUOTA */
  readonly assertRoom: (orgId: string) => Promise<void>;
  /** For the chat and the audit log. */
  readonly happened: (
    what: 'started' | 'paused' | 'resumed' | 'stopped',
    recording: Recording,
    by: Pick<Principal, 'personId' | 'name'> | null,
  ) => Promise<void>;
  /** It is to be put together. */
  readonly stopped: (recording: Recording) => void;
  /** As the sign-in's device named itself. */
  readonly clientOf: (principal: Principal) => Promise<string>;
  readonly captionLanguages: () => readonly string[];
  /** What somebody wants of captions of his own words, also of those that are made afterwards. */
  readonly chose: (recording: Recording, personId: string, choice: { optOut: boolean; language: string }) => Promise<void>;
}

export class RecordingDesk {
  readonly #deps: DeskDeps;

  constructor(deps: DeskDeps) {
    this.#deps = deps;
  }

  policy(meeting: RecordedMeeting): Promise<RecordingPolicy> {
    return this.#deps.policyOf(meeting.orgId, meeting.kind);
  }

  /** BCP 47; `auto` where an engine finds it out. Empty: no captions here. */
  get captionLanguages(): readonly string[] {
    return this.#deps.captionLanguages();
  }

  /** What somebody wants of captions of his own words, also of those that are made afterwards. */
  chose(recording: Recording, personId: string, choice: { optOut: boolean; language: string }): Promise<void> {
    return this.#deps.chose(recording, personId, choice);
  }

  clientOf(principal: Principal): Promise<string> {
    return this.#deps.clientOf(principal);
  }

  /** The one that is on in a meeting, also after a restart; null: none. */
  async onAir(meeting: Pick<RecordedMeeting, 'orgId' | 'id'>): Promise<OnAir | null> {
    const recording = await this.#deps.recordings.on(meeting.orgId, meeting.id);
    return recording && this.#onAir(recording);
  }

  /**
   * Begins; where one of the kind is on already, gives that one.
   * @throws RECORDING_NOT_ALLOWED, RECORDING_OTHER_KIND, RECORDING_QUOTA
   */
  async begin(meeting: RecordedMeeting, kind: RecordingKind, by: Principal): Promise<OnAir> {
    const { recordings, noticeFor, assertRoom, happened } = this.#deps;
    const policy = await this.policy(meeting);
    if (policy.consent === 'forbidden') throw new CausewayError('RECORDING_NOT_ALLOWED');
    await assertRoom(meeting.orgId);
    const notice = await noticeFor(meeting, kind, policy);
    const { recording, isNew } = await recordings.begin({
      orgId: meeting.orgId,
      meetingId: meeting.id,
      conversationId: meeting.conversationId,
      kind,
      title: meeting.title,
      by: { id: by.personId, name: by.name },
      noticeHash: notice.hash,
      policy,
    });
    if (recording.kind !== kind) throw new CausewayError('RECORDING_OTHER_KIND');
    if (isNew) await happened('started', recording, by);
    return isNew ? { recording, notice, standing: new Map() } : this.#onAir(recording);
  }

  async setPaused(recording: Recording, paused: boolean, by: Principal): Promise<void> {
    if (await this.#deps.recordings.setPaused(recording, paused, by.personId))
      await this.#deps.happened(paused ? 'paused' : 'resumed', recording, by);
  }

  /** Harmless when it was stopped before. */
  async stop(recording: Recording, by: Principal | null): Promise<void> {
    const { recordings, happened, stopped } = this.#deps;
    if (!(await recordings.stop(recording, by?.personId ?? null))) return;
    stopped(recording);
    await happened('stopped', recording, by);
  }

  /** Rows of the ledger, before anything follows from them. */
  write(recording: Recording, entries: readonly Answering[]): Promise<void> {
    return this.#deps.write(recording, entries);
  }

  async #onAir(recording: Recording): Promise<OnAir> {
    const [notice, standing] = await Promise.all([
      this.#deps.notice(recording.orgId, recording.noticeHash, recording.policy),
      this.#deps.standing(recording),
    ]);
    return { recording, notice, standing };
  }
}
