/** That somebody is to do something, as one sentence says it. */
import type { NamedPerson } from './roster.js';
import type { SpokenSentence } from './spoken-sentence.js';

/**
 * promise: "I'll do it". request: to somebody who is named or addressed. open: somebody has to, nobody is
 * named. when: it is asked when somebody does it, so an answer with a date makes it a promise.
 */
export type IntentKind = 'promise' | 'request' | 'open' | 'when';

export interface Intent {
  readonly kind: IntentKind;
  /** Where in the sentence it begins to say what. */
  readonly begin: number;
  /** Who is named. Null: the speaker of a promise, "you" of a request. */
  readonly personId: string | null;
  /** It stands for what was said before: "I'll do that", 交畀我. */
  readonly generic: boolean;
  /** Counts only when somebody agrees to it, or a day is named. */
  readonly weak: boolean;
  /** To all: nobody in particular. */
  readonly group: boolean;
}

export interface IntentRules {
  intents(sentence: SpokenSentence, names: readonly NamedPerson[], dated: boolean): Intent[];
  reply(sentence: SpokenSentence): Reply | null;
}

/** What an answer does to what was asked just before. */
export type Reply = 'accept' | 'refuse' | 'done' | 'cancel';
