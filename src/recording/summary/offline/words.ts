/** The words of a sentence that say what it is about. Chinese words are found by the dictionary of ICU. */
import { isChinese } from './spoken-sentence.js';

const segmenters = {
  en: new Intl.Segmenter('en', { granularity: 'word' }),
  zh: new Intl.Segmenter('zh-Hans', { granularity: 'word' }),
};

const stopWords: ReadonlySet<string> = new Set(
  `a about above actually after again all almost alright also although always am an and another any anybody anyone anything anyway are around as
  ask at away back be because been before being believe best better between bit both but by bye call came can can't cannot come coming could
  couldn't day did didn't do does doesn't doing don't done down each either else end enough even ever every everybody everyone everything exactly
  far few fine first for forget friday from get gets getting give given go goes going gonna gone good got great guess guys had haha happen happy
  has have haven't having he he's hear hello help her here hers hey hi him his honestly how i i'd i'll i'm i've idea if in into is isn't it it's
  its just keep kind know last late later least less let let's like little long look looks lot love made make making many may maybe me mean
  meeting might mine minute moment monday month months morning most much must my need needs never next nice no nobody none not nothing now of off
  oh ok okay on once one only or other our out over own part people perfect perhaps please possible pretty probably put quick quickly quite rather
  ready really right said same saturday say says second see seem seen send sense shall she should show since so some somebody someone something
  soon sorry still stuff such sunday sure take talk tell than thank thanks that that's the their them then there there's these they they're thing
  things think this those though thought three through thursday time to today together told tomorrow tonight too tuesday two under until up us
  use used very wait want wanted was wasn't way we we'll we're we've wednesday week weeks well went were what what's when where which while who
  whole why will with without wonder work works would wouldn't yeah year years yep yes yesterday yet you you'd you'll you're you've your yours`
    .split(/\s+/)
    .concat(
      `我 你 佢 他 她 它 我们 你们 他们 我哋 你哋 佢哋 大家 各位 自己 的 了 着 过 得 地 嘅 咗 嚟 喺 啲 咁 呢 嗰 个 有 冇 没 没有 系 是 不 唔 也 都 就 又 再 还 仲 先 而家 现在 今日
      今天 听日 明天 后日 后天 昨天 寻日 时候 可以 可能 应该 因为 所以 但是 但系 不过 如果 同埋 同 和 与 及 或者 或 在 去 来 要 想 会 能 好 好的 很 太 多 少 一 二 两 三 四 五 六 七 八 九 十 几
      一个 一下 这个 那个 呢个 嗰个 什么 乜 乜嘢 咩 点 点样 点解 怎么 为什么 边个 边度 谁 几时 哪里 觉得 知道 知 讲 说 话 问 睇 看 见 做 搞 整 畀 给 被 把 将 对 从 到 由 之前 之后 以后 前 后 上 下
      里 内 中 外 时 日 月 年 号 星期 礼拜 下星期 上星期 今个 一样 其他 另外 然后 那么 那 这 吧 啊 呀 啦 喇 嘞 嘛 吗 喎 㗎 噃 囉 咯 哈哈 收到 明白 冇问题 没问题 开始 最后 首先 我会 我来 大概 真是 真系
      一定 需要 已经 仍然 还是 还有 没 等 好似 好像 嘢 东西 事 人 次`.split(/\s+/),
    ),
);

export interface ContentWord {
  /** What makes two forms of it the same word. */
  readonly key: string;
  /** In the sentence. */
  readonly begin: number;
  readonly end: number;
}

/** In order, with repetitions. `folded`: see foldText. */
export function contentTokens(folded: string): ContentWord[] {
  const words: ContentWord[] = [];
  for (const { segment, index, isWordLike } of segmenters[isChinese(folded) ? 'zh' : 'en'].segment(folded)) {
    if (!isWordLike || stopWords.has(segment) || /^\d+$/.test(segment)) continue;
    // A single character says little, and ICU leaves many of what it does not know.
    if (isChinese(segment) ? segment.length < 2 : segment.length < 3) continue;
    words.push({ key: isChinese(segment) ? segment : stem(segment), begin: index, end: index + segment.length });
  }
  return words;
}

export function contentWords(folded: string): string[] {
  return contentTokens(folded).map((word) => word.key);
}

/** English plurals and tenses, roughly: "quotes" and "quote" are about the same. Never shown. */
function stem(word: string): string {
  return word
    .replace(/'s$/, '')
    .replace(/(?<=[a-z]{3})ies$/, 'y')
    .replace(/(?<=[a-z]{3}(?:s|x|ch|sh))es$/, '')
    .replace(/(?<=[a-z]{3}[^s])s$/, '')
    .replace(/(?<=[a-z]{3})ing$/, '')
    .replace(/(?<=[a-z]{3})ed$/, '')
    .replace(/(?<=[a-z]{3})e$/, '');
}

/** Shared words by those of the shorter one: 0 to 1. */
export function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size === 0 || b.size === 0) return 0;
  let shared = 0;
  for (const word of a) if (b.has(word)) shared += 1;
  return shared / Math.min(a.size, b.size);
}
