/** Promises and requests in English, also as speech engines write it: without capitals and full stops. */
import type { Intent, IntentRules, Reply } from './intent.js';
import type { NamedPerson } from './roster.js';
import type { SpokenSentence } from './spoken-sentence.js';

const filler =
  '(?:(?:okay|ok|so|and|but|yes|yeah|yep|great|good|right|well|alright|all right|then|also|perfect|sure|thanks|thank you|lovely|fine|oh|um|uh|er|actually|now|maybe|cool|nice|noted|wonderful|brilliant|even better|anyway|first|second|finally|lastly|one more thing|one last thing|in that case|no worries|no problem|agreed)\\b[\\s,.:!-]*)*';

/** Done while it is said, or no deed at all. */
const noDeed =
  /^(?:not\b|never\b|be\b(?! there\b| in touch)|see\b|say\b|stop\b|start\b|begin\b|go (?:first|through|over|ahead|on|back|now|next|with)\b|keep\b|leave (?:it|that|this|you)\b(?! (?:to|with) me)|share (?:my|the|a|this|these) (?:screen|timeline|slides?|agenda|picture|window)\b(?!.*\b(?:by|tomorrow|after)\b)|show\b|explain\b|pass\b|hand (?:over|it over|back)\b(?! my| the| our)|mute\b|unmute\b|turn\b|admit\b|assume\b|believe\b|bet\b|come\b|remember\b|wait\b|need\b|know\b|like\b|love\b|miss\b|read (?:it|this|that) out\b|give (?:you|her|him|them|it|this)\b(?!.*\b(?:answer|draft|list|number|report|update|version)\b)|pretend\b|mention\b|move on\b|skip\b|jump\b|walk (?:you|us)\b|talk about\b|repeat\b|think\b|make (?:a|the|my|that) decision\b|make it (?:short|quick|brief)\b|try my best\b|see what\b|do my best\b|grab (?:a|some)\b|drink\b|eat\b|sleep\b|stay\b|join\b|drop off\b|have to (?:go|run|leave|drop)\b|run\b(?! the\b| that\b| a\b| it\b)|head\b|quickly (?:go|run|show|walk|share)\b|agree\b|decide\b|want\b|understand\b|live with\b|hear\b|imagine\b|feel\b|hope\b|guess\b|tell you (?:what|why|how|something|that)\b|let you (?:go|get)\b|probably need\b|answer that\b|stick\b|happily\b)/;

/** What one has when it is done: "I'll have a draft by Monday". */
const haves = /^have\b(?=.*\b(?:ready|done|finished|draft|version|report|list|by|prizes?|two|for you|today|tomorrow|tonight)\b)/;

const deeds =
  '(?:send|email|e-mail|mail|write|draft|prepare|update|check|confirm|book|schedule|arrange|call|phone|ring|text|message|contact|follow(?:[ -]up)?|fix|repair|review|share|circulate|create|finish|complete|submit|order|ask|talk|speak|set|look|investigate|chase|ping|get|find|collect|gather|revise|upload|organi[sz]e|test|deploy|file|raise|sort|handle|take|own|deliver|provide|put|pull|compile|translate|print|sign|pay|transfer|remind|invite|merge|publish|measure|document|reach|report|bring|buy|do|add|remove|change|replace|renew|run|make|build|install|move|read|rewrite|redo|design|clean|close|open|reply|respond|answer|present|announce|tell|inform|notify|introduce|include|post|forward|return|verify|calculate|analy[sz]e|summari[sz]e|record|register|approve|plan|estimate|order|cancel|reschedule|migrate|configure|enable|disable|re-enable|restart|archive|back|copy|scan|negotiate|propose|discuss|clarify|let|hand|join|visit|meet|pick|drop|lead|start|host|monitor|track)';

const adverbs =
  '(?:also |just |then |definitely |probably |personally |certainly |maybe |quickly |please |still |now |try to |try and |need to |have to |make sure to |make sure that i |go and |go ahead and |be able to |happily |actually )*';

const promises: readonly { readonly pattern: RegExp; readonly deed: boolean; readonly weak: boolean }[] = [
  {
    pattern: new RegExp(`\\b(?:i'll|i will|i'm going to|i am going to|i'm gonna|i shall)\\s+${adverbs}(?=[a-z])`, 'g'),
    deed: false,
    weak: false,
  },
  { pattern: new RegExp(`\\b(?:i can|i could)\\s+${adverbs}(?=${deeds}\\b|be there\\b)`, 'g'), deed: true, weak: true },
  {
    pattern: new RegExp(
      `\\b(?:i need to|i have to|i must|i should|i've got to|i gotta|i ought to|i still have to)\\s+${adverbs}(?=${deeds}\\b)`,
      'g',
    ),
    deed: true,
    weak: true,
  },
  { pattern: new RegExp(`\\b(?:i'd better|i had better)\\s+${adverbs}(?=${deeds}\\b)`, 'g'), deed: true, weak: false },
  {
    pattern:
      /\blet me\s+(?=(?:get back|check with|follow up|ask|look into|find out|send|talk to|speak to|confirm|arrange|organi[sz]e|book|draft|write|chase|call|email)\b)/g,
    deed: true,
    weak: false,
  },
];

/** Asked first: it counts when the other says yes. */
const offers = new RegExp(
  `\\b(?:do you want me to|would you like me to|shall i|should i|so i should|want me to) (?:also |just |then )?(?=${deeds}\\b)`,
  'g',
);
/** "Bank statements are yours." "The letters are mine." */
const yours = /\b(?:is|are) (?:all )?yours\b/;
const mineAlone = /\b(?:is|are) (?:all )?mine\b/;

const generic =
  /^(?:do|take|handle|sort|own|fix|get|look into|follow up on|take care of|leave)\s+(?:it|that|this|them|those|both|one|care of (?:it|that|this)|on (?:it|that)|these)\b(?:\s+(?:out|on|over|up|myself|too))?[\s.,!]*(?:$|by|before|on|today|tomorrow|tonight|this|next|then|later|after|for|at|right|with|and)/;
const genericPromise =
  /\bleave (?:it|that|this|them) (?:to|with) me\b|\b(?:i'm|i am) on it\b|^(?:okay,? |ok,? |yes,? )?on it\b|\bi've got (?:it|this|that)\b|\byou(?:'ll| will) (?:have|get) (?:it|that|them|this)\b|\bconsider it done\b/;
const left = /\bleave (?:the|that|this) [a-z ]{2,40} (?:to|with) me\b/;

const noAsk =
  /^(?:hear|see|repeat|say|explain|share (?:your|the) screen|mute|unmute|scroll|zoom|go (?:back|on|ahead|first|next)|speak (?:up|louder)|show|turn|give us|start|begin|stop|wait|imagine|believe|tell (?:me|us)|hold|be|know|remember|pass|walk (?:me|us)|comment|elaborate|no\b|do\b(?! (?:it|that|this|the|a)\b)|don't|not|come|go\b|have a look|look at (?:this|that)|think|note|feel|join|let (?!\w+(?: \w+){0,3} know\b)|let me|put (?:it|that|this|the link|a link|your \w+) (?:in|into) (?:the )?chat|paste|type|read (?:this|that|it) out|open the door|keep|bear|stay|excuse|introduce yourself|all\b|everyone|everybody|everybody|live|find (?:attached|below))/;

const requests: readonly RegExp[] = [
  /\b(?:can|could|will|would) you (?:please |also |maybe |just |then |quickly |possibly |perhaps )*(?:mind )?(?=[a-z])/g,
  /\bi(?:'d like| want| need| would like) you to (?=[a-z])/g,
  /\bplease (?:also |then |just )*(?=[a-z])/g,
  /\byou (?:need to|have to|should|must|will need to|'ll need to|will have to) (?=[a-z])/g,
  /\byou (?=(?:take care of|take over|handle|own|follow up)\b)/g,
  /\bmake sure (?:you |that you )?(?=[a-z])/g,
];

const imperative = new RegExp(
  `^${filler}(?:just )?(?=(?:send|email|call|phone|text|ask|write|prepare|update|book|schedule|arrange|contact|fix|review|circulate|create|submit|order|chase|ping|remove|print|upload|draft|collect|set up|follow up|put together|organi[sz]e|remind|talk to|speak to|find out|look into|forward|check with|pay|transfer|sign|buy|invite|test|clean|translate|scan|file|finish|complete|upload|revise|rewrite|measure|deliver|confirm|notify|inform|let (?!me|us|'s)[a-z]+(?: [a-z]+)? know|get (?:me|us|three|two|a quote|quotes)|share the|add the|change the)\\b(?! (?:is|was|are|were|will|has|had|takes|took|went|looks|needs|goes|and|or|of|days?)\\b))`,
);

const open: readonly { readonly pattern: RegExp; readonly weak: boolean }[] = [
  {
    pattern: new RegExp(`\\b(?:somebody|someone|one of us|one of you) (?:needs to|has to|should|must|can|could|will) (?=${deeds}\\b)`, 'g'),
    weak: false,
  },
  {
    pattern: new RegExp(`\\bi (?:need|want|am looking for) (?:someone|somebody) to (?=${deeds}\\b|be there\\b)`, 'g'),
    weak: true,
  },
  {
    pattern: new RegExp(`\\b(?:can|could|would|will) (?:someone|somebody|anyone|anybody|one of you) (?:please )?(?=${deeds}\\b)`, 'g'),
    weak: false,
  },
  {
    pattern: new RegExp(`\\b(?:action item|action|to-?do|todo|next step)s?(?: is| for [a-z]+)?[:,]? (?:to )?(?=${deeds}\\b)`, 'g'),
    weak: false,
  },
  {
    pattern: new RegExp(
      `\\b(?:we need to|we have to|we must|we should|we'll have to|we will have to) (?:also )?(?=${deeds}\\b)(?!(?:discuss|talk|look at|start|make a decision|take a (?:break|look)|do better)\\b)`,
      'g',
    ),
    weak: true,
  },
];

const subject =
  /^,? (?:will|is going to|needs to|has to|must|to|is to|is responsible for|takes care of|takes over|owns|handles|should|please) (?:also |please |then )*(?=[a-z])/;
const addressed = new RegExp(`^[,.!]? (?:please |you |can you |could you |would you |will you |you can |${deeds}\\b)`);
const someoneElse = /\b(?:if|unless|whether|in case|suppose|when we|would have|could have|should have)\b[^,.]*$/;

export const englishIntents: IntentRules = { intents, reply };

function intents(sentence: SpokenSentence, names: readonly NamedPerson[], dated: boolean): Intent[] {
  const { folded } = sentence;
  const found: Intent[] = [];
  const add = (intent: Partial<Intent> & Pick<Intent, 'kind' | 'begin'>) => {
    if (someoneElse.test(folded.slice(0, intent.begin)) && intent.kind === 'promise') return;
    found.push({ personId: null, generic: false, weak: false, group: false, ...intent });
  };

  for (const { pattern, deed, weak } of promises) {
    for (const match of folded.matchAll(pattern)) {
      const begin = match.index + match[0].length;
      const rest = folded.slice(begin);
      const isGeneric = generic.test(rest);
      if (rest.startsWith('have ') ? !haves.test(rest) : noDeed.test(rest) && !/^let (?!me|'s|you (?:go|get))[a-z' ]+ know\b/.test(rest))
        continue;
      if (!deed && rest.startsWith('let ') && !/^let .*know\b/.test(rest)) continue;
      // "I'll text." says nothing to do, unless it answers somebody.
      if (!isGeneric && !/^[a-z'-]+\s+\S+/.test(rest) && !dated) continue;
      if (sentence.question && !/\bby then\b/.test(folded) && !/[a-z]\s*[!.]/.test(folded)) continue;
      add({ kind: 'promise', begin, generic: isGeneric, weak: weak && !dated });
    }
  }
  for (const match of folded.matchAll(offers)) add({ kind: 'promise', begin: match.index + match[0].length, weak: true });
  if (mineAlone.test(folded) && !sentence.question) add({ kind: 'promise', begin: 0 });
  const given = yours.test(folded) && !sentence.question ? vocative(sentence, names) : null;
  if (given !== null) add({ kind: 'request', begin: 0, personId: given });
  const promised = genericPromise.exec(folded);
  if (promised && found.length === 0)
    add({ kind: 'promise', begin: /\byou(?:'ll| will)/.test(promised[0]) ? 0 : promised.index, generic: true });
  const mine = left.exec(folded);
  if (mine) add({ kind: 'promise', begin: mine.index });

  for (const pattern of requests) {
    for (const match of folded.matchAll(pattern)) {
      const begin = match.index + match[0].length;
      const rest = folded.slice(begin);
      if (noAsk.test(rest) || names.some((name) => name.begin === begin)) continue;
      if (match[0].startsWith('please') && !new RegExp(`^(?:${deeds}|re-|take|make|have|try|use)\\b`).test(rest)) continue;
      add({ kind: 'request', begin, personId: vocative(sentence, names), generic: generic.test(rest) });
    }
  }
  for (const name of names) {
    const [lead, tail] = [folded.slice(0, name.begin), folded.slice(name.end)];
    const asked =
      new RegExp(`^${filler}(?:can|could|will|would) $`).test(lead) || /\b(?:i want|i need|i'd like|i would like|let's have) $/.test(lead);
    const object =
      /\b(?:ask|tell|to|for|with|from|by|remind|call|thank|thanks|and|that|if|email|ping|at|about|than|as|of|had|have|let) $/.test(lead);
    const will = subject.exec(tail);
    if (asked) {
      const verb = /^,? (?:to )?(?=[a-z])/.exec(tail);
      if (verb && !noAsk.test(tail.slice(verb[0].length)) && new RegExp(`^${deeds}\\b`).test(tail.slice(verb[0].length)))
        add({ kind: 'request', begin: name.end + verb[0].length, personId: name.personId });
    } else if (will && !object) {
      const begin = name.end + will[0].length;
      const rest = folded.slice(begin);
      const known = new RegExp(`^${deeds}\\b`).test(rest);
      if (!noDeed.test(rest) && (known || / (?:responsible for|takes care of|handles|owns) /.test(will[0])))
        add({ kind: 'request', begin, personId: name.personId });
    } else if (new RegExp(`^${filler}$`).test(lead) && addressed.test(tail) && found.length === 0) {
      const begin = name.end + (/^[,.!]? (?:please |you |can you |could you |would you |will you |you can )*/.exec(tail)?.[0].length ?? 0);
      const rest = folded.slice(begin);
      if (
        !noAsk.test(rest) &&
        !/^(?:did|are|is|do|does|have you|has|was|were|what|where|how|when|why)\b/.test(rest) &&
        new RegExp(`^${deeds}\\b`).test(rest) &&
        !sentence.question
      )
        add({ kind: 'request', begin, personId: name.personId, generic: generic.test(rest) });
    }
  }
  if (found.length === 0 && !sentence.question) {
    const match = imperative.exec(folded);
    if (match) add({ kind: 'request', begin: match[0].length, personId: vocative(sentence, names) });
  }
  for (const { pattern, weak } of open) {
    for (const match of folded.matchAll(pattern)) add({ kind: 'open', begin: match.index + match[0].length, weak });
  }
  const when =
    /\b(?:when|by when|how soon) (?:can|could|will|would|do) you (?:think you (?:can|will) )?(?!(?:need|want|expect|like|see|think|know)\b)(?=[a-z])/.exec(
      folded,
    );
  if (when && found.every((intent) => intent.kind !== 'request'))
    add({ kind: 'when', begin: when.index + when[0].length, personId: vocative(sentence, names) });

  found.sort((a, b) => a.begin - b.begin);
  // "Send me the numbers and I'll decide": the second half is what for.
  const [first] = found;
  return first?.kind === 'request' ? found.filter((intent) => intent.kind !== 'promise') : found;
}

/** Who is called by name at the beginning or the end of the sentence. */
function vocative({ folded }: SpokenSentence, names: readonly NamedPerson[]): string | null {
  for (const { personId, begin, end } of names) {
    if (new RegExp(`^${filler}$`).test(folded.slice(0, begin)) && !/^'s\b/.test(folded.slice(end))) return personId;
    if (/^[\s.?!]*$/.test(folded.slice(end)) && /,\s*$/.test(folded.slice(0, begin))) return personId;
    if (/,\s*$/.test(folded.slice(0, begin)) && /^,/.test(folded.slice(end))) return personId;
  }
  const called = names.find(({ end }) => /^,? (?:can|could|would|will) you\b|^,? please\b|^,? you\b/.test(folded.slice(end)));
  return called?.personId ?? null;
}

function reply({ folded }: SpokenSentence): Reply | null {
  if (
    /\b(?:never mind|forget (?:it|that|about (?:it|that))|scratch that|don't bother|no need(?: to| for)?|not necessary any ?more)\b/.test(
      folded,
    )
  )
    return 'cancel';
  if (
    /\balready (?:did|done|sent|fixed|finished)\b|\bi (?:already )?did (?:it|that) (?:already|this morning|yesterday|last)\b|\bit's (?:already )?done\b/.test(
      folded,
    )
  )
    return 'done';
  if (
    /\b(?:i can't|i cannot|i can not|i don't have (?:the )?time|no way|i(?:'m| am) (?:on leave|away|on holiday|not here)|not me|i'd rather not|i won't)\b|^no\b(?! problem| worries| blockers| idea)/.test(
      folded,
    )
  )
    return 'refuse';
  if (
    /^(?:(?:oh|okay|ok|and|well|right|great)[\s,.]+)*(?:yes|yeah|yep|sure|ok|okay|will do|of course|no problem|absolutely|definitely|got it|on it|fine|happy to|with pleasure|not at all|i think so|can do|consider it done|alright|understood|perfect|great|gladly|i can|you(?:'ll| will) (?:have|get))\b/.test(
      folded,
    )
  )
    return 'accept';
  return null;
}
