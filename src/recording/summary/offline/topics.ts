/**
 * Where a meeting turns to something else, and which sentences stand for what was said.
 *
 * Topics: Hearst, TextTiling (Computational Linguistics 23, 1997): the words of a few sentences are
 * compared with those of the next few, and where they have least in common, a topic ends; what people say
 * when they turn to the next item counts as well. Where the agenda was marked it says so better. Weight of a sentence: how near it is to the centroid of
 * all by TF-IDF (Radev et al., MEAD, 2004), and not near to one that was taken already (Carbonell and
 * Goldstein, MMR, 1998). Our own code, because the packages for it are abandoned.
 */
import type { AgendaTurn } from '../../agenda.js';
import { cutText } from '../cut-text.js';
import { bounds } from '../schema.js';
import { type SpokenSentence, tidy } from './spoken-sentence.js';
import { type ContentWord, contentTokens } from './words.js';

export interface TopicSpan {
  readonly title: string;
  readonly beginMs: number;
  readonly sentences: readonly SpokenSentence[];
}

type Vector = ReadonlyMap<string, number>;

const shortestMs = 40_000;
const fewestSentences = 6;
const turning =
  /^(?:(?:okay|ok|so|right|great|good|now|and|alright|thanks|perfect|cool)\b[\s,.]*)*(?:(?:the )?(?:next|first|second|third|last) (?:item|topic|point|thing)|moving on|let's move on|let's (?:talk about|turn to|look at)|one (?:more|last) thing|what about|how about|finally|lastly)\b|^(?:好[，。])?(?:第[一二三四五六七八九十](?:样|项|件|个)|首先|另外|接下来|跟住|之后(?:讲|系)|最后|而家讲|关于|至于|下一(?:个|项)|仲有[，,])/;

export class Topics {
  readonly #sentences: readonly SpokenSentence[];
  readonly #words: readonly (readonly ContentWord[])[];
  readonly #vectors: readonly Vector[];
  readonly #weights: ReadonlyMap<string, number>;

  /** `names`: words that call people, which no topic is about. */
  constructor(sentences: readonly SpokenSentence[], names: ReadonlySet<string>) {
    this.#sentences = sentences;
    this.#words = sentences.map(({ folded }) => contentTokens(folded).filter((word) => !names.has(word.key)));
    this.#weights = inverseFrequency(this.#words);
    this.#vectors = this.#words.map((words) => vectorOf(words, this.#weights));
  }

  /** In order; together they are the whole meeting. An item of the agenda is one topic, of that title. */
  spans(agenda: readonly AgendaTurn[] = []): TopicSpan[] {
    if (this.#sentences.length === 0) return [];
    const turns = this.#turns(agenda);
    const open = this.#cuts().filter((cut) => !isPlanned(turns, cut));
    const inner = [...new Set([...open, ...turns.keys()])].filter((cut) => cut > 0).sort((a, b) => a - b);
    const cuts = [0, ...inner.slice(0, bounds.topics - 1), this.#sentences.length];
    const spans = cuts.slice(0, -1).map((begin, index) => ({ begin, end: cuts[index + 1] ?? begin }));
    const counts = spans.map(({ begin, end }) => countsOf(this.#words.slice(begin, end)));
    return spans.map(({ begin, end }, index) => {
      const planned = turns.get(begin);
      const said = this.#sentences[begin]?.atMs ?? 0;
      return {
        title: cutText(planned?.title ?? this.#title(begin, end, counts[index] ?? new Map(), counts), bounds.title),
        beginMs: planned?.title ? Math.max(0, Math.min(planned.atMs, said)) : said,
        sentences: this.#sentences.slice(begin, end),
      };
    });
  }

  /** The sentences that say most of what these say, in their order. */
  best(among: readonly SpokenSentence[], count: number): SpokenSentence[] {
    const centroid = sumOf(among.map(({ index }) => this.#vectors[index] ?? new Map()));
    const open = among.filter((sentence) => this.#tells(sentence));
    const near = new Map(open.map((sentence) => [sentence, cosine(this.#vectors[sentence.index] ?? new Map(), centroid)]));
    const taken: SpokenSentence[] = [];
    while (taken.length < count && open.length > 0) {
      let best = -1;
      let most = Number.NEGATIVE_INFINITY;
      for (const [place, sentence] of open.entries()) {
        const vector = this.#vectors[sentence.index] ?? new Map();
        const twin = Math.max(0, ...taken.map((one) => cosine(vector, this.#vectors[one.index] ?? new Map())));
        const value = 0.7 * (near.get(sentence) ?? 0) - 0.3 * twin;
        if (value > most) [best, most] = [place, value];
      }
      const [next] = open.splice(best, 1);
      if (next) taken.push(next);
    }
    return taken.sort((a, b) => a.index - b.index);
  }

  /** Long enough to be understood alone, and no question. */
  #tells({ index, question, folded }: SpokenSentence): boolean {
    return !question && (this.#words[index]?.length ?? 0) >= 3 && folded.length >= 12;
  }

  /** By the first sentence that was said after each. Of those without one, the last counts. */
  #turns(agenda: readonly AgendaTurn[]): Map<number, AgendaTurn> {
    const turns = new Map<number, AgendaTurn>();
    for (const turn of agenda) {
      const begin = this.#sentences.findIndex(({ atMs }) => atMs >= turn.atMs);
      if (begin !== -1) turns.set(begin, turn);
    }
    return turns;
  }

  #cuts(): number[] {
    const sentences = this.#sentences;
    const count = sentences.length;
    const minutes = ((sentences.at(-1)?.atMs ?? 0) - (sentences[0]?.atMs ?? 0)) / 60_000;
    const most = Math.min(bounds.topics - 1, Math.max(Math.floor(minutes / 4), minutes > 1.2 ? 2 : 0));
    if (count < fewestSentences * 2 || most === 0) return [];
    const block = Math.min(12, Math.max(4, Math.round(count / 10)));
    const likeness = Array.from({ length: count - 1 }, (_, gap) =>
      cosine(sumOf(this.#vectors.slice(Math.max(0, gap + 1 - block), gap + 1)), sumOf(this.#vectors.slice(gap + 1, gap + 1 + block))),
    );
    const depths = likeness.map((value, gap) => peak(likeness, gap, -1) + peak(likeness, gap, 1) - 2 * value);
    const mean = depths.reduce((sum, depth) => sum + depth, 0) / depths.length;
    const spread = Math.sqrt(depths.reduce((sum, depth) => sum + (depth - mean) ** 2, 0) / depths.length);
    const ranked = depths
      .map((depth, gap) => ({ at: gap + 1, depth: depth + (turning.test(sentences[gap + 1]?.folded ?? '') ? 0.5 : 0) }))
      .filter(({ depth }) => depth > mean + spread / 2)
      .sort((a, b) => b.depth - a.depth);
    const cuts: number[] = [];
    const far = (a: number, b: number) =>
      Math.abs(a - b) >= fewestSentences && Math.abs((sentences[a]?.atMs ?? 0) - (sentences[b]?.atMs ?? 0)) >= shortestMs;
    for (const { at } of ranked) {
      if (cuts.length >= most) break;
      if (at >= fewestSentences && count - at >= fewestSentences / 2 && cuts.every((cut) => far(at, cut))) cuts.push(at);
    }
    return cuts.sort((a, b) => a - b);
  }

  /** The words that are frequent here and not elsewhere, with a neighbour that keeps coming with them. */
  #title(begin: number, end: number, counts: ReadonlyMap<string, number>, all: readonly ReadonlyMap<string, number>[]): string {
    const surfaces = new Map<string, string>();
    const pairs = new Map<string, number>();
    for (let index = begin; index < end; index += 1) {
      const { text = '', folded = '' } = this.#sentences[index] ?? {};
      let previous: ContentWord | undefined;
      for (const word of this.#words[index] ?? []) {
        if (!surfaces.has(word.key)) surfaces.set(word.key, tidy(text.slice(word.begin, word.end)));
        if (previous && /^[ -]?$/.test(folded.slice(previous.end, word.begin))) {
          const key = `${previous.key} ${word.key}`;
          pairs.set(key, (pairs.get(key) ?? 0) + 1);
          if (!surfaces.has(key)) surfaces.set(key, tidy(text.slice(previous.begin, word.end)));
        }
        previous = word;
      }
    }
    const value = (key: string): number => {
      const elsewhere = all.filter((other) => other.has(key)).length;
      return (counts.get(key) ?? 0) * Math.log(1 + all.length / Math.max(1, elsewhere)) * Math.sqrt(this.#weights.get(key) ?? 1);
    };
    const phrases = [
      ...[...counts.keys()].map((key) => ({ key, value: value(key) })),
      ...[...pairs].map(([key, times]) => ({
        key,
        value: times * key.split(' ').reduce((sum, part) => sum + value(part) / (counts.get(part) ?? 1), 0) * 0.9,
      })),
    ].sort((a, b) => b.value - a.value);
    const chosen: string[] = [];
    for (const { key } of phrases) {
      if (chosen.length === 3) break;
      if (chosen.some((other) => other.split(' ').some((part) => key.split(' ').includes(part)))) continue;
      chosen.push(key);
    }
    const title = chosen.map((key) => surfaces.get(key) ?? key).join(' · ');
    const named = title === '' ? tidy(this.#sentences[begin]?.text ?? '') : title.charAt(0).toUpperCase() + title.slice(1);
    return cutText(named, bounds.title);
  }
}

function isPlanned(turns: ReadonlyMap<number, AgendaTurn>, cut: number): boolean {
  const begin = Math.max(-1, ...[...turns.keys()].filter((key) => key <= cut));
  return (turns.get(begin)?.title ?? null) !== null;
}

function inverseFrequency(sentences: readonly (readonly ContentWord[])[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const words of sentences) for (const key of new Set(words.map((word) => word.key))) counts.set(key, (counts.get(key) ?? 0) + 1);
  return new Map([...counts].map(([key, count]) => [key, Math.log(1 + sentences.length / count)]));
}

function countsOf(sentences: readonly (readonly ContentWord[])[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { key } of sentences.flat()) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

function vectorOf(words: readonly ContentWord[], weights: ReadonlyMap<string, number>): Vector {
  const vector = new Map<string, number>();
  for (const { key } of words) vector.set(key, (vector.get(key) ?? 0) + (weights.get(key) ?? 0));
  return vector;
}

function sumOf(vectors: readonly Vector[]): Vector {
  const sum = new Map<string, number>();
  for (const vector of vectors) for (const [key, value] of vector) sum.set(key, (sum.get(key) ?? 0) + value);
  return sum;
}

function cosine(a: Vector, b: Vector): number {
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  let dot = 0;
  for (const [key, value] of small) dot += value * (large.get(key) ?? 0);
  if (dot === 0) return 0;
  return dot / (norm(a) * norm(b));
}

function norm(vector: Vector): number {
  let sum = 0;
  for (const value of vector.values()) sum += value * value;
  return Math.sqrt(sum);
}

/** The height of the hill beside a gap. */
function peak(likeness: readonly number[], from: number, step: -1 | 1): number {
  let highest = likeness[from] ?? 0;
  for (let gap = from + step; gap >= 0 && gap < likeness.length; gap += step) {
    const value = likeness[gap] ?? 0;
    if (value < highest) break;
    highest = value;
  }
  return highest;
}
