/** Recording and captions of the meeting, as far as this page asks for something: what is on is in the meeting's state. */
import type { MeetingState } from '@server/signaling/meeting-state';
import { causeway } from '#proto';
import { consentAfter, type OwnConsent, toOwnConsent } from './consent';
import { type MeetingStore, myself } from './meeting-store';
import { type RpcError, toRpcError } from './rpc-error';
import { Store } from './store';

export interface MeetingRecordingDeps {
  readonly meetingId: string;
  readonly rpc: causeway.RecordingService;
  readonly meeting: MeetingStore;
  readonly refused: (error: RpcError) => void;
  /** The snapshot anew. */
  readonly refresh: () => Promise<void>;
}

export interface MeetingRecordingState {
  readonly consent: OwnConsent;
  /** The last one that was on during this visit. */
  readonly lastId: string | null;
}

/** changed: the notice is another one by now, and has to be read first. */
export type Answered = 'done' | 'changed' | 'refused';

const { RecordingKind } = causeway;

export class MeetingRecording extends Store<MeetingRecordingState> {
  readonly #deps: MeetingRecordingDeps;

  constructor(deps: MeetingRecordingDeps) {
    super({ consent: 'none', lastId: null });
    this.#deps = deps;
  }

  /** Oneself is in, with what one has answered before. */
  joined(meeting: MeetingState, consent: string): void {
    this.update({ consent: consentAfter(toOwnConsent(consent), null, meeting.recording, this.#personId) });
    this.#keep(meeting);
  }

  changed(before: MeetingState, now: MeetingState): void {
    if (before.recording === now.recording) return;
    this.update({ consent: consentAfter(this.get().consent, before.recording, now.recording, this.#personId) });
    this.#keep(now);
  }

  start(kind: 'recording' | 'transcript'): Promise<boolean> {
    return this.#act((meetingId) =>
      this.#deps.rpc.start({
        meetingId,
        kind: kind === 'transcript' ? RecordingKind.RECORDING_KIND_TRANSCRIPT : RecordingKind.RECORDING_KIND_RECORDING,
      }),
    );
  }

  setPaused(paused: boolean): Promise<boolean> {
    return this.#act((meetingId) => this.#deps.rpc.setPaused({ meetingId, paused }));
  }

  stop(): Promise<boolean> {
    return this.#act((meetingId) => this.#deps.rpc.stop({ meetingId }));
  }

  /** `language`: in which the notice was read. */
  async answer(yes: boolean, noticeHash: string, language: string): Promise<Answered> {
    const { meetingId, rpc, refused, refresh } = this.#deps;
    const before = this.get().consent;
    try {
      await rpc.answerConsent({ meetingId, answer: { noticeHash, yes, language } });
    } catch (thrown) {
      const error = toRpcError(thrown);
      if (error.code === 'RECORDING_NOTICE_CHANGED') {
        await refresh();
        return 'changed';
      }
      // What is off needs no answer.
      if (error.code === 'RECORDING_NOT_ON') return 'done';
      refused(error);
      return 'refused';
    }
    if (this.#deps.meeting.get().meeting?.recording) {
      this.update({ consent: yes ? 'yes' : before === 'yes' || before === 'informed' || before === 'withdrawn' ? 'withdrawn' : 'no' });
    }
    return 'done';
  }

  /** For all. */
  setCaptions(on: boolean, language: string): Promise<boolean> {
    return this.#act((meetingId) => this.#deps.rpc.setCaptions({ meetingId, on, language }));
  }

  /** Of one's own speech. `optIn`: also while one is not recorded. Empty language: the meeting's. */
  setOwnCaptions(choice: { readonly optOut: boolean; readonly optIn: boolean; readonly language: string }): Promise<boolean> {
    return this.#act((meetingId) => this.#deps.rpc.setOwnCaptions({ meetingId, ...choice }));
  }

  get #personId(): string {
    return myself(this.#deps.meeting.get())?.personId ?? '';
  }

  #keep({ recording }: MeetingState): void {
    if (recording) this.update({ lastId: recording.id });
  }

  async #act(call: (meetingId: string) => Promise<unknown>): Promise<boolean> {
    try {
      await call(this.#deps.meetingId);
      return true;
    } catch (thrown) {
      this.#deps.refused(toRpcError(thrown));
      return false;
    }
  }
}
