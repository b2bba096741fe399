/**
 * Where only the loudest are heard, tells the server the moment one's own voice begins, so that the
 * first syllable is not lost. Listens only while that can be of use.
 */
import { causeway } from '#proto';
import { HintRules } from './hint-rules';
import type { LocalMedia } from './local-media';
import { isSending, type MeetingStore } from './meeting-store';
import { MicrophoneLevel } from './microphone-level';

export interface SpeakingHintDeps {
  readonly meetingId: string;
  readonly rpc: causeway.MediaService;
  readonly store: MeetingStore;
  readonly local: LocalMedia;
}

/** With so many microphones on, the server may put voices into slots with the next one. */
const manyMicrophones = 8;
const listenEveryMs = 20;

export class SpeakingHint {
  readonly #deps: SpeakingHintDeps;
  readonly #microphone: MicrophoneLevel;
  readonly #unsubscribe: readonly (() => void)[];
  #rules = new HintRules();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(deps: SpeakingHintDeps) {
    this.#deps = deps;
    this.#microphone = new MicrophoneLevel(deps.local);
    const look = (): void => this.#listen(this.#isOfUse());
    this.#unsubscribe = [deps.store.subscribe(look), deps.local.subscribe(look)];
  }

  /** Idempotent. */
  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#listen(false);
  }

  #isOfUse(): boolean {
    const { microphone } = this.#deps.local.get();
    const { phase, meeting } = this.#deps.store.get();
    if (!microphone.on || !microphone.track || !meeting || phase.kind !== 'joined') return false;
    if (meeting.heard.length > 0) return true;
    let on = 0;
    for (const participant of meeting.participants.values()) if (isSending(participant, causeway.Source.SOURCE_MICROPHONE)) on += 1;
    return on >= manyMicrophones;
  }

  #listen(wanted: boolean): void {
    if (wanted === (this.#timer !== undefined)) return;
    clearInterval(this.#timer);
    this.#timer = wanted ? setInterval(() => this.#hear(), listenEveryMs) : undefined;
    this.#rules = new HintRules();
    if (!wanted) this.#microphone.close();
  }

  #hear(): void {
    const { store, rpc, meetingId } = this.#deps;
    const { meeting, myId } = store.get();
    const heard = meeting?.heard ?? [];
    const situation = { level: this.#microphone.read(), slots: heard.length > 0, heard: myId !== null && heard.includes(myId) };
    if (this.#rules.decide(situation, performance.now())) rpc.speaking({ meetingId }).catch(() => undefined);
  }
}
