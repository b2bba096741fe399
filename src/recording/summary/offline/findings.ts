/** Decisions, and questions that stayed open. Rules look for what people say when they decide, or don't know. */
import type { SpokenSentence } from './spoken-sentence.js';

const decided = {
  en: /\b(?:we(?:'ve| have)? (?:just |already |all |now |finally )?(?:decided|agreed)|(?:is|are|was|been|now|then|so) (?:now |all |hereby )?(?:decided|settled|agreed)|decided:|decision:|the decision (?:is|was)|i(?:'ve| have) (?:made up my mind|decided)|let's (?:go with|drop|skip|stick with|take|use|keep|choose|adopt|settle on)|we(?:'ll| will|'re going to| are going to| shall) (?:go with|stick with|drop|use|keep|choose|adopt|take the|refund|switch to|move to|cancel)|that's (?:final|settled|decided)|it's (?:final|settled|decided)|(?:settled|agreed) then|we(?:'re| are) going with|^(?:(?:okay|ok|right|so|good),? )*(?:then|so) it's (?:the )?[a-z]+(?: [a-z]+){0,2}(?=[.!]?$)|^(?:(?:okay|ok|right|so|good),? )*(?!this|that|here|there|what|how)[a-z]+(?: [a-z]+){0,3} it is(?: then)?(?=[.!]?$)|(?:has|have) been approved|motion (?:is )?(?:carried|passed))\b/,
  zh: /决定(?!权|性|唔到|不了|先|再)|(?:就咁|就这样|这样|咁就|就)(?:定|话|决定)(?:咗|了|啦|吧|喇)?(?=[。，！]|$)|一致(?:同意|通过)|(?:^|[，。、]|就|已经|会议|咗)通过(?:咗|了)?(?!.{0,3}(?:电邮|审))|已经?(?:落实|拍板|敲定|定案)|拍板|敲定|(?:最后|最终|经过讨论|讨论后).{0,8}(?:决定|同意|定|选|agree|用)|(?:咁|就|那就|大家冇意见.{0,5}就)\s*(?:用|选|拣|揀|采用|去|offer)(?!唔|不)|咁(?:我哋|我们)就|confirm 咗|agree 咗|我(?:哋|们)同意|我(?:谂|想)(?:过|好)(?:喇|了|晒)|采用第/,
};

/** Not yet, not us, not now. */
const undecided = {
  en: /\b(?:haven't|hasn't|have not|has not|not|never|didn't|can't|cannot|won't|don't) (?:\w+ ){0,2}(?:decided?|agreed?|settled?|final)\b|\b(?:to|must|should|can|could|before we|when we|if we|until we|need to|have to|they) (?:decide|agree|settle)\b|\b(?:they|he|she|the \w+) (?:have |has )?(?:decided|agreed)\b|\bnot decided\b|\b(?:decided|agreed) (?:back|before|last|earlier|years? ago|in (?:january|february|march|april|may|june|july|august|september|october|november|december))\b/,
  zh: /(?:未|没有?|冇|不|唔|先|再|等.{0,8}|要|睇完先|之后)(?:.{0,3})决定|决定唔到|(?:佢哋|他们|佢)(?:话)?(?:已经)?决定|仲未定|还没定|未定|如果|假如|要是|会唔会|不如/,
};

const unknown = {
  en: /\b(?:i (?:really |honestly |still )?(?:don't|do not) know|(?:we|they) (?:still |really )?(?:don't|do not) know|nobody (?:really )?knows|no one knows|(?:no|have no|haven't any) idea|(?:i'm|i am|we're|we are) (?:still )?not sure|not sure yet|^not sure\b|who knows|(?:couldn't|could not|can't|cannot) (?:really |honestly )?tell you|that's (?:still )?(?:unclear|open)|that is (?:still )?(?:unclear|open)|(?:it's|it is|still) (?:unclear|open)|remains open|open question|(?:haven't|have not) figured (?:that|it|this) out|(?:can't|cannot) (?:really )?say (?:yet|when|if|whether)|can't really say|really can't say|not decided yet|not been decided|to be decided|tbd|let's park (?:that|this|it)|(?:we'll|we will) have to find out)\b/,
  zh: /唔知|不知道|冇人知|没人知道|(?:仲)?未(?:知|定|讲得|清楚|有答案|覆(?!嘅|的))|唔清楚|不清楚|还没定|仲未(?:覆|定|讲|决定)|(?:暂时)?(?:没有|冇)答案|不确定|唔确定|唔肯定|好难讲|很难说|要(?:拆开|试过|test 过|睇过|等).{0,8}(?:先知|才知道|答复|回复)|还不确定|待定|(?:一直|还|都)没(?:有)?(?:回|答)|再观察|未讲/,
};

/** Only that: about nothing. */
const mere = /^(?:(?:i don't know|no idea|not sure|i'm not sure|nobody knows|唔知|不知道|不清楚|唔清楚)[\s.,!。，！]*)$/;

export function findDecisions(sentences: readonly SpokenSentence[]): SpokenSentence[] {
  const found: SpokenSentence[] = [];
  for (const [index, sentence] of sentences.entries()) {
    const { folded, question } = sentence;
    const key = sentence.chinese ? 'zh' : 'en';
    if (question || !decided[key].test(folded) || undecided[key].test(folded)) continue;
    const about =
      /^[^，。]{0,4}(?:settled|agreed|就咁话|decided)[.!。]?$|^okay, settled/.test(folded) ||
      (folded.length < (sentence.chinese ? 6 : 16) && !/\bit(?:'s| is)\b/.test(folded));
    // "Okay, settled." says that it was; what, was said just before.
    const before = about
      ? sentences
          .slice(Math.max(0, index - 3), index)
          .findLast((one) => one.line.personId === sentence.line.personId && !one.question && one.folded.length > 20)
      : undefined;
    const told = before ?? sentence;
    if (found.at(-1)?.line.id !== told.line.id) found.push(told);
  }
  return found;
}

/** The question, where one was asked just before; else the sentence that says that nobody knows. */
export function findQuestions(sentences: readonly SpokenSentence[]): SpokenSentence[] {
  const found: SpokenSentence[] = [];
  for (const [index, sentence] of sentences.entries()) {
    const key = sentence.chinese ? 'zh' : 'en';
    if (sentence.question || !unknown[key].test(sentence.folded)) continue;
    const asked = sentences
      .slice(Math.max(0, index - 4), index)
      .findLast((one) => one.question && sentence.turn - one.turn <= 2 && one.folded.length > (one.chinese ? 4 : 14));
    const bare = mere.test(sentence.folded) || sentence.folded.length < (sentence.chinese ? 8 : 24);
    if (!asked && bare) continue;
    const told = asked ?? sentence;
    if (found.some((one) => one.index === told.index || Math.abs(one.turn - told.turn) <= 2)) continue;
    found.push(told);
  }
  return found;
}
