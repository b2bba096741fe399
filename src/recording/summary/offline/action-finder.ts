/**
 * Puts together what is to be done: a request, the answer to it, the day that is named two sentences
 * later are one thing. Goes through the meeting once, looking back a few sentences.
 */
import { cutText } from '../cut-text.js';
import type { FoundAction, MeetingText } from '../meeting-text.js';
import { bounds } from '../schema.js';
import { chineseIntents } from './chinese-intents.js';
import { dueDate, type FoundDate } from './date-finder.js';
import { englishIntents } from './english-intents.js';
import type { Intent, IntentKind } from './intent.js';
import { Roster } from './roster.js';
import { asSentence, type SpokenSentence, tidy } from './spoken-sentence.js';
import { contentWords, overlap } from './words.js';

interface Item {
  kind: IntentKind;
  what: string;
  words: Set<string>;
  personId: string | null;
  due: FoundDate | null;
  weak: boolean;
  /** So far there is only the question when it will be done. */
  asked: boolean;
  /** Somebody agreed to it. */
  accepted: boolean;
  /** Somebody said "I" about it. */
  promised: boolean;
  /** It was said to nobody in particular, on purpose. */
  readonly group: boolean;
  said: SpokenSentence;
  last: SpokenSentence;
}

/** An answer comes within so many turns. */
const answerTurns = 3;
const whatCharacters = 240;
const restEvery = 100;
/** What may stand beside a day that answers "when?". */
const onlyDay =
  /^(?:[\s.,!，。！]|\b(?:by|before|on|until|till|at|the|latest|is|was|would|will|be|fine|good|great|works?|enough|ok|okay|yes|yeah|sure|please|say|let's|make|it|maybe|probably|ideally|i|think|that|this|not|no|later|than|problem|then|for|me|you|you'll|i'll|have|done|get|can|do|in|asap|end|of|morning|afternoon|noon|evening|should|ready|possible|if|need|want|hopefully|tops|max)\b|[前之内或啦吧呀好得可以就行咁交到畀给你出做搞掂完成喇嘛嘅我哋们会系是应该最迟定喺在下上午晚朝早点话知答覆复])*$/;
/** A date that nothing is due on. */
const event =
  /\b(?:meet|meets|meeting|holiday|leave|birthday|party|see you)\b|会议|开会|举行|放假|生日|再见|散会|生效|先这样|先咁|到此|到这|到呢|结束/;

/** `rest` is called now and then, with how far it is: others want to be served in between. */
export async function findActions(
  meeting: MeetingText,
  sentences: readonly SpokenSentence[],
  rest: (ratio: number) => Promise<void>,
): Promise<FoundAction[]> {
  const finder = new ActionFinder(meeting, sentences);
  for (const sentence of sentences) {
    finder.read(sentence);
    if (sentence.index % restEvery === restEvery - 1) await rest(sentence.index / sentences.length);
  }
  return finder.end();
}

class ActionFinder {
  readonly #meeting: MeetingText;
  readonly #sentences: readonly SpokenSentence[];
  readonly #roster: Roster;
  #items: Item[] = [];

  constructor(meeting: MeetingText, sentences: readonly SpokenSentence[]) {
    this.#meeting = meeting;
    this.#sentences = sentences;
    this.#roster = new Roster(meeting.people);
  }

  read(sentence: SpokenSentence): void {
    const rules = sentence.chinese ? chineseIntents : englishIntents;
    const at = new Date(this.#meeting.startedAt.getTime() + sentence.atMs);
    const due =
      /[\d\p{sc=Han}]|day|week|month|tonight|tomorrow|noon|eod|cob|eow|end of|january|february|march|april|may|june|july|august|september|october|november|december/u.test(
        sentence.folded,
      )
        ? dueDate(sentence, at, this.#meeting.timeZone)
        : null;
    const intents = rules.intents(sentence, this.#roster.in(sentence), due !== null);
    this.#reply(sentence, rules.reply(sentence));
    if (intents.length === 0) {
      if (due) this.#dateAlone(sentence, due);
      return;
    }
    const whos = new Set<string | null>();
    for (const intent of intents) {
      const personId = this.#who(sentence, intent);
      // "I'll tell them tomorrow, I'll send an email" is one thing; two people are two.
      if (whos.has(personId) || (whos.size > 0 && personId === null)) continue;
      whos.add(personId);
      this.#take(sentence, intent, personId, due);
    }
  }

  end(): FoundAction[] {
    const found: Item[] = [];
    for (const item of this.#items) {
      if (item.kind === 'when' || (item.weak && !item.accepted && !item.due)) continue;
      const twin = found.find((other) => sameTask(other, item));
      if (!twin) {
        found.push(item);
        continue;
      }
      twin.due ??= item.due;
      twin.personId ??= item.personId;
    }
    return found.slice(0, bounds.items).map(({ what, personId, due, said }) => ({
      what,
      assigneeId: personId,
      dueOn: due?.day ?? null,
      dueText: due?.text ?? null,
      said: asSentence(said),
    }));
  }

  #take(sentence: SpokenSentence, intent: Intent, personId: string | null, due: FoundDate | null): void {
    const words = new Set(contentWords(sentence.folded));
    const before = intent.kind === 'promise' ? this.#answered(sentence, intent, words) : this.#repeated(sentence, personId, words);
    if (before) {
      before.personId = intent.kind === 'promise' ? sentence.line.personId : (before.personId ?? personId);
      if (due && (!before.due || intent.kind === 'promise' || before.said.line.personId === sentence.line.personId)) before.due = due;
      if (intent.kind === 'promise') before.promised = before.accepted = true;
      if (before.kind === 'when' && intent.kind !== 'when') before.kind = intent.kind;
      // What was asked for says more than how somebody means to do it.
      if (!intent.generic && (before.words.size === 0 || before.asked)) before.what = whatOf(sentence, intent);
      if (before.asked) before.said = sentence;
      before.asked = false;
      for (const word of words) before.words.add(word);
      before.last = sentence;
      return;
    }
    // "I'll do that" about nothing that was asked is talk.
    const asked = intent.generic && intent.kind === 'promise' ? this.#questionBefore(sentence) : null;
    if (intent.generic && intent.kind === 'promise' && !due && !asked) return;
    this.#items.push({
      kind: intent.kind,
      what: asked ? whatOf(asked, { ...intent, begin: 0 }) : whatOf(sentence, intent),
      words: asked ? new Set(contentWords(asked.folded)) : words,
      personId,
      due,
      weak: intent.weak,
      asked: intent.kind === 'when',
      accepted: false,
      promised: intent.kind === 'promise',
      group: intent.group,
      said: sentence,
      last: sentence,
    });
  }

  /** What this promise answers, or says once more. */
  #answered(sentence: SpokenSentence, intent: Intent, words: ReadonlySet<string>): Item | undefined {
    const me = sentence.line.personId;
    const more = /^(?:(?:and|okay|ok|sure|yes),? )?(?:i'll|i will) also\b|\balso\b|同埋|另外|还会|仲会/.test(sentence.folded);
    return this.#recent(sentence, (item) => {
      const mine = item.personId === me;
      if (item.kind === 'promise') {
        // Said by himself a moment ago: more of the same.
        return mine && !more && (overlap(item.words, words) > 0.3 || (intent.generic && item.last.turn === sentence.turn)) ? 'yes' : 'no';
      }
      const taken = intent.generic && !item.group && !item.accepted && sentence.turn - item.last.turn === 1;
      const forMe = mine || (item.personId === null && !item.group) || taken;
      if (!forMe || more) return 'no';
      if (!item.promised) return item.said.line.personId === me && !mine ? (item.kind === 'open' ? 'yes' : 'no') : 'yes';
      return item.last.turn === sentence.turn || overlap(item.words, words) > 0.3 ? 'yes' : 'no';
    });
  }

  /** The same request once more, or with more to it. */
  #repeated(sentence: SpokenSentence, personId: string | null, words: ReadonlySet<string>): Item | undefined {
    return this.#recent(sentence, (item) => {
      const same = item.personId === personId || personId === null || item.personId === null;
      const close = item.last.turn === sentence.turn && (item.words.size === 0 || words.size === 0);
      return same && (close || overlap(item.words, words) >= 0.5) ? 'yes' : 'no';
    });
  }

  #reply(sentence: SpokenSentence, reply: ReturnType<typeof englishIntents.reply>): void {
    if (reply === null) return;
    const me = sentence.line.personId;
    const item = this.#recent(sentence, (one) => {
      if (reply === 'cancel') return sentence.turn - one.last.turn <= 1 ? 'yes' : 'no';
      const offered =
        reply === 'accept' &&
        one.kind === 'promise' &&
        one.weak &&
        one.personId !== me &&
        sentence.turn - one.last.turn === 1 &&
        !event.test(sentence.folded);
      return offered || (one.said.line.personId !== me && (one.personId === me || one.personId === null) && !one.group) ? 'yes' : 'no';
    });
    if (!item) return;
    if (reply === 'cancel' || (reply === 'done' && !item.promised)) this.#items = this.#items.filter((one) => one !== item);
    else if (reply === 'refuse') {
      if (!item.promised) item.personId = null;
    } else if (item.kind !== 'when') {
      item.accepted = true;
      if (item.kind === 'request') item.personId ??= me;
      item.last = sentence;
    }
  }

  /** "By when? — End of next week is fine." */
  #dateAlone(sentence: SpokenSentence, due: FoundDate): void {
    const rest = `${sentence.folded.slice(0, due.begin)} ${sentence.folded.slice(due.end)}`;
    if (sentence.question || event.test(sentence.folded)) return;
    // "Could you write it? The first version is due on Tuesday."
    const latest = this.#items.at(-1);
    const sameBreath = latest?.last.turn === sentence.turn && (due.deadline || latest.personId === sentence.line.personId);
    if (!sameBreath && !onlyDay.test(rest)) return;
    const item = this.#recent(sentence, (one) => (one.due === null ? 'yes' : 'no'));
    if (!item) return;
    const me = sentence.line.personId;
    if (item.kind === 'when') {
      if (item.personId !== null && item.personId !== me) return;
      item.personId = me;
      item.kind = 'promise';
    } else if (item.personId !== me && item.said.line.personId !== me) return;
    item.due = due;
    item.last = sentence;
  }

  /** "Firewall rule 呢？ — 交畀我啦": what it is about was asked. */
  #questionBefore(sentence: SpokenSentence): SpokenSentence | null {
    const before = this.#sentences.slice(Math.max(0, sentence.index - 5), sentence.index);
    const asked = before.filter((one) => one.question && one.line.personId !== sentence.line.personId && sentence.turn - one.turn <= 2);
    return asked.find((one) => contentWords(one.folded).length > 0) ?? null;
  }

  #recent(sentence: SpokenSentence, fits: (item: Item) => 'yes' | 'no'): Item | undefined {
    for (let index = this.#items.length - 1; index >= 0; index -= 1) {
      const item = this.#items[index];
      if (!item || sentence.turn - item.last.turn > answerTurns) continue;
      if (fits(item) === 'yes') return item;
    }
    return undefined;
  }

  #who(sentence: SpokenSentence, intent: Intent): string | null {
    if (intent.kind === 'promise') return sentence.line.personId;
    if (intent.personId !== null) return intent.personId;
    if (intent.kind === 'open' || intent.group) return null;
    return this.#you(sentence);
  }

  /** Whom "you" means: who was called by name just before, else who answers, else who spoke before. */
  #you(sentence: SpokenSentence): string | null {
    const me = sentence.line.personId;
    // "I'll update the form. — Yes, and make sure that all get it": it goes on.
    const latest = this.#items.at(-1);
    if (
      latest?.promised &&
      latest.personId !== me &&
      sentence.turn - latest.last.turn === 1 &&
      /^(?:yes|yeah|ok|okay|good|great|perfect|thanks|and|also|好|得|嗯)/.test(sentence.folded)
    )
      return latest.personId;
    for (let index = sentence.index - 1; index >= 0; index -= 1) {
      const before = this.#sentences[index];
      if (!before || before.turn !== sentence.turn) break;
      const [name, ...others] = this.#roster.in(before);
      if (
        name &&
        others.length === 0 &&
        /^[a-z, ]{0,12}$/.test(before.folded.slice(0, name.begin)) &&
        !/^'s/.test(before.folded.slice(name.end))
      )
        return name.personId;
      if (name && before.chinese && name.begin < 4) return name.personId;
    }
    const next = this.#sentences
      .slice(sentence.index + 1, sentence.index + 6)
      .find((one) => one.line.personId !== me && one.line.origin === sentence.line.origin);
    if (next && next.turn - sentence.turn <= 2) return next.line.personId;
    for (let index = sentence.index - 1; index >= Math.max(0, sentence.index - 6); index -= 1) {
      const before = this.#sentences[index];
      if (before && before.line.personId !== me) return before.line.personId;
    }
    return null;
  }
}

/** Said again at the end of a meeting, in other words. */
function sameTask(a: Item, b: Item): boolean {
  const samePerson = a.personId === b.personId || a.personId === null || b.personId === null;
  return samePerson && a.words.size > 1 && b.words.size > 1 && overlap(a.words, b.words) >= 0.7;
}

/** English from the verb on; Chinese whole, without how it was begun. */
function whatOf(sentence: SpokenSentence, intent: Intent): string {
  const text = sentence.chinese || intent.kind === 'when' ? sentence.text : sentence.text.slice(intent.begin);
  const plain = tidy(sentence.chinese ? text : lowerShouting(text, sentence))
    .replace(/^(?:好|咁|OK|Okay|得|嗯|噉|另外|仲有|最後|最后|同埋|吖|啊|哦)[，,、\s]+/i, '')
    .replace(/[\s.?!。？！,，]+$/u, '');
  return cutText(plain.charAt(0).toUpperCase() + plain.slice(1), whatCharacters);
}

function lowerShouting(text: string, { cased }: SpokenSentence): string {
  return !cased && /\p{Lu}{2}/u.test(text) ? text.toLowerCase().replace(/\bi\b/g, 'I') : text;
}
