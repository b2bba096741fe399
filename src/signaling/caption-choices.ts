/** Captions of a meeting: on or off for all, in which language, and what each wants of his own words. */
import { CausewayError } from '../platform/errors.js';
import type { Session } from '../platform/gateway/index.js';
import type { OnAir, RecordingDesk } from '../recording/index.js';
import type { Meeting } from './meeting.js';
import type { Presences } from './presences.js';

export interface CaptionChoicesDeps {
  readonly desk: Pick<RecordingDesk, 'captionLanguages' | 'chose'>;
  readonly machine: Meeting;
  readonly presences: Presences;
  readonly onAir: () => OnAir | null | undefined;
}

export class CaptionChoices {
  readonly #deps: CaptionChoicesDeps;

  constructor(deps: CaptionChoicesDeps) {
    this.#deps = deps;
  }

  /** Empty: in the first language that can be understood here. @throws CAPTIONS_UNAVAILABLE */
  assertPossible(language = ''): void {
    const known = this.#deps.desk.captionLanguages;
    if (known.length === 0 || (language !== '' && !known.includes(language))) throw new CausewayError('CAPTIONS_UNAVAILABLE');
  }

  /** For all, by a host. @throws MEETING_NOT_IN, MEETING_FORBIDDEN, CAPTIONS_UNAVAILABLE */
  set(session: Session, on: boolean, language: string): void {
    const { machine, presences } = this.#deps;
    machine.assertModerates(presences.get(session).participantId);
    if (on) this.assertPossible(language);
    machine.setCaptions({ on, behind: false, ...(on && { language: language || this.#first }) });
  }

  /** A transcript is made of captions. */
  ensureOn(): void {
    const { machine } = this.#deps;
    if (!machine.state.captions.on) machine.setCaptions({ on: true, language: this.#first });
  }

  /** One's own words. @throws MEETING_NOT_IN, MEETING_FORBIDDEN, CAPTIONS_UNAVAILABLE */
  async setOwn(session: Session, optOut: boolean, language: string): Promise<void> {
    const { machine, presences, desk, onAir } = this.#deps;
    const { participantId, personId } = presences.get(session);
    // Whoever views says nothing, and everybody is told of each who chooses.
    if (!machine.state.participants.has(participantId)) throw new CausewayError('MEETING_FORBIDDEN');
    if (language !== '') this.assertPossible(language);
    const { captions } = machine.state;
    const optedOut = new Set(captions.optedOut);
    if (optOut) optedOut.add(personId);
    else optedOut.delete(personId);
    const spoken = new Map(captions.languages);
    if (language === '') spoken.delete(personId);
    else spoken.set(personId, language);
    const isSo = captions.optedOut.has(personId) === optOut && (captions.languages.get(personId) ?? '') === language;
    if (!isSo) machine.setCaptions({ optedOut, languages: spoken });
    const now = onAir();
    if (now) await desk.chose(now.recording, personId, { optOut, language });
  }

  /** What people had chosen before anything was kept. */
  async tell({ recording }: OnAir): Promise<void> {
    const { machine, desk } = this.#deps;
    const { optedOut, languages } = machine.state.captions;
    for (const personId of new Set([...optedOut, ...languages.keys()])) {
      // As it is now: he may have chosen anew meanwhile.
      const { captions } = machine.state;
      await desk.chose(recording, personId, { optOut: captions.optedOut.has(personId), language: captions.languages.get(personId) ?? '' });
    }
  }

  /** The engines are behind, or not any more. */
  behind(behind: boolean): void {
    const { machine } = this.#deps;
    if (machine.state.captions.on && machine.state.captions.behind !== behind) machine.setCaptions({ behind });
  }

  get #first(): string {
    return this.#deps.desk.captionLanguages[0] ?? '';
  }
}
