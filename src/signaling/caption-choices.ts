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
  /** A recording is on, and does not take this person. */
  readonly isLeftOut: (personId: string) => boolean;
}

export interface OwnChoice {
  readonly optOut: boolean;
  readonly optIn: boolean;
  /** Empty: the meeting's. */
  readonly language: string;
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

  /**
   * One's own words. `optIn`: also while the recording that is on does not take them.
   * @throws MEETING_NOT_IN, MEETING_FORBIDDEN, CAPTIONS_UNAVAILABLE
   */
  async setOwn(session: Session, { optOut, optIn, language }: OwnChoice): Promise<void> {
    const { machine, presences, desk, onAir } = this.#deps;
    const { participantId, personId } = presences.get(session);
    // Whoever views says nothing, and everybody is told of each who chooses.
    if (!machine.state.participants.has(participantId)) throw new CausewayError('MEETING_FORBIDDEN');
    if (language !== '') this.assertPossible(language);
    const { captions } = machine.state;
    const optedOut = withOrWithout(captions.optedOut, personId, optOut);
    // Of somebody who is recorded, or where nothing is, there is nothing to choose: a no that comes later counts for captions, too.
    const optedIn = withOrWithout(captions.optedIn, personId, optIn && !optOut && this.#deps.isLeftOut(personId));
    const spoken = new Map(captions.languages);
    if (language === '') spoken.delete(personId);
    else spoken.set(personId, language);
    const isSo =
      captions.optedOut.has(personId) === optOut &&
      captions.optedIn.has(personId) === optedIn.has(personId) &&
      (captions.languages.get(personId) ?? '') === language;
    if (!isSo) machine.setCaptions({ optedOut, optedIn, languages: spoken });
    const now = onAir();
    if (now) await desk.chose(now.recording, personId, { optOut, language });
  }

  /** Whoever turned captions of himself on beside a recording has to do so anew: he answered it, or another one is on, or none. */
  forgetOptIn(personId?: string): void {
    const { machine } = this.#deps;
    const { optedIn } = machine.state.captions;
    if (personId === undefined ? optedIn.size > 0 : optedIn.has(personId))
      machine.setCaptions({ optedIn: personId === undefined ? new Set() : withOrWithout(optedIn, personId, false) });
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

function withOrWithout(persons: ReadonlySet<string>, personId: string, isIn: boolean): Set<string> {
  const now = new Set(persons);
  if (isIn) now.add(personId);
  else now.delete(personId);
  return now;
}
