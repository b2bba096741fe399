/**
 * Promises and requests in Chinese, written and as Cantonese is spoken, with the English words that offices
 * mix in. Rules are written in Simplified characters: see foldText.
 */
import type { Intent, IntentRules, Reply } from './intent.js';
import type { NamedPerson } from './roster.js';
import type { SpokenSentence } from './spoken-sentence.js';

const deed = new RegExp(
  `跟进|跟住?(?:啦|返)?|负责|处理|准备|预备|整理|整|写|改|更新|发(?!现|觉|生)|寄|传|交|提交|送|打电话|打畀|打去|打(?=晒|[^算])|致电|联络|联系|通知|话(?=畀|返)|告诉|答复|回复|回覆|覆|问|查|检查|核对|确认|安排|约|订|预约|预订|
  买|租|搵|找|招聘|请人|摆|贴|登|上载|上传|测试|搭|做|搞|弄|计(?!划)|统计|收集|搜集|报价|报个价|报(?=告|价)|攞|拿|取|申请|汇报|倾|商量|讨论|沟通|追|催|印|签|翻译|设计|拟|起草|研究|了解|解决|修理|修改|维修|修|换|加(?!班|薪)|删|落单|落实|
  入数|过数|付|缴|执|搬|开(?!会|始|心|工)|完成|补|介绍|影相|拍|清理|备份|转发|转(?!头)|帮手|帮忙|提醒|邀请|出(?=电邮|通告|到|名单|信|张|份|邮件|个)|叫(?=大家)|收(?=集|拾)|调|核|审|定(?=期)|搜|写出|列|准备好|试(?=下)|睇(?=下|睇)|看(?=一下|看)|同.{1,10}?(?:讲|倾|说|谈)|跟.{1,10}?(?:讲|说|谈|汇报|沟通)|
  \\b(?:send|email|mail|whatsapp|call|contact|check|confirm|book|upload|deploy|update|draft|fix|test|follow|set|prepare|review|share|schedule|arrange|finish|backup|submit|print|order|post|reply|ask|write|design|offer|do|make|handle|take|chase|ping|merge|push|install|migrate|present|discuss|remind|invite|translate|research|collect|edit|revise|create|raise|file|scan|sign|pay|transfer|export|import|download|record|build|sync|debug|release|pack|clean|format|resize|publish|set up|look into)\\b`.replace(
    /\s*\n\s*/g,
    '',
  ),
);

/** It has happened, or always does. 了解 and 过数 are deeds. */
const happened =
  /咗|已经|啱啱|刚才|刚刚|头先|之前(?:已|都)|一直|成日|以前|寻日|琴日|昨|上(?:个)?(?:星期|礼拜|周|月|次)|(?<!受不|得不|罢|为)了(?!解)(?!.{0,2}(?:再|就|才|先))|过(?!数|账|户|来|去|期|程|两|几|咗)(?=[^。]{0,3}(?:[，。！？]|$|佢|他|她|药厂|师傅))/;
const supposed = /如果|假如|假若|要是|若果|若|除非|就算|即使/;
/** Done while it is said, or no deed. */
const saidNow =
  /^(?:会|想|要|先|就|再|快快|简单|同大家|同你哋|跟大家|我|嚟|来)*(?:讲|说|报告(?:一下|$)|介绍(?:一下)?$|解释|分享(?:个|下|一下)?画面|开始|走|返去|返工|放假|迟到|食|饮|休息|考虑|留意|注意|努力|难办|尽力|支持|同意|反对|赞成|等(?!阵|一阵)|听(?!日|朝|晚)|睇唔|坐|问下大家|想问|补充一?句|补充一点)/;
const opinion =
  /^(?:都|就|真系|真是|其实|个人|自己|谂|想|觉得|认为|以为|知|唔|不|冇|没|未|仲未|还没|识|认识|希望|同意|听讲|听说|见|睇到|看到|系|是|有(?!.{0,6}(?:可以|帮))|怕|建议|好想|好似|估|信|记得|明白|收到|住|够|今朝|啱|刚|已|一直|成日|以前|寻日|琴日|昨|上|而家|现在|依家|都唔|很|好(?!似|呀))/;

const polite = '(?:唔该|麻烦|劳烦|拜托|请|有劳|烦请)';
const askForm =
  '(?:可唔可以|可不可以|可以|能不能|能否|可否|得唔得|帮手|帮忙|帮我|帮下|记得|去|来|嚟|负责|跟进?|处理|要|先|就|再|都|会|需要|应该|有时间)';
const groups = /大家|各位|两位|各组|所有人|所有同事|你们各自|各自/;
/** A word after which a name or "you" is who it is done to. */
const objectOf =
  /(?:畀|给|同|和|与|对|向|问|搵|找|将|比|等|帮|请教|通知|告诉|联络|联系|提醒|约|见|谢谢|多谢|发给|交给|send|call|email|比)\s*$/;
const toldAbout =
  /^(?:嘅|的|话|说|讲|觉得|已经|寻日|昨天|琴日|上个?(?:星期|礼拜|周)|有冇|有没有|系咪|是不是|系|是|咗|度|嗰|那边|唔|不|冇|没|都|点|未|仲|还)/;

export const chineseIntents: IntentRules = { intents, reply };

function intents(sentence: SpokenSentence, names: readonly NamedPerson[], dated: boolean): Intent[] {
  const { folded } = sentence;
  const found: Intent[] = [];
  const add = (intent: Partial<Intent> & Pick<Intent, 'kind' | 'begin'>) => {
    found.push({ personId: null, generic: false, weak: false, group: false, ...intent });
  };
  if (!/^(?:吗|呢)?$/.test('') || folded === '') return found;

  const asking = sentence.question && !/可唔可以|可不可以|能不能|能否|可否|得唔得|好唔好|好吗|好不好|得吗|行吗|可以吗/.test(folded);
  const when = /(?:几时|什么时候|何时|边日|哪天)/.exec(folded);
  if (when && asking) {
    const name = names.find(({ begin }) => begin < when.index);
    const you = /你(?!哋|们)/.exec(folded.slice(0, when.index + 8));
    if ((name || you) && /(?:好|到|得|掂|完|V|畀|给|交|做|起)/.test(folded.slice(when.index)))
      add({ kind: 'when', begin: 0, personId: name?.personId ?? null });
    return found;
  }

  // Asked first: it counts when the other says yes.
  const offer = /(?:要唔要|使唔使|要不要|需不需要|需唔需要|用不用)我(?!哋|们)/.exec(folded);
  if (offer && deed.test(folded.slice(offer.index, offer.index + 24))) {
    add({ kind: 'promise', begin: offer.index, weak: true });
    return found;
  }
  requestsIn(sentence, names, asking, add);
  if (found.length > 0) return found;
  if (asking) return found;
  promisesIn(folded, dated, add);
  return found;
}

function requestsIn(
  { folded }: SpokenSentence,
  names: readonly NamedPerson[],
  asking: boolean,
  add: (intent: Partial<Intent> & Pick<Intent, 'kind' | 'begin'>) => void,
): void {
  if (asking) return;
  for (const { personId, begin, end } of names) {
    const lead = folded.slice(0, begin);
    const tail = folded.slice(end, end + 60);
    const given = /(?:由|叫|派|交畀|交给|唔该|麻烦|请|劳烦|拜托)\s*$/.test(lead);
    if (!given && (objectOf.test(lead) || toldAbout.test(tail.trimStart()))) continue;
    const rest = tail.replace(/^[，,、\s]+/, '');
    const direct =
      new RegExp(`^(?:${polite}|你(?!哋|们|有冇|觉得|知|话|系)|${askForm}|今|听日|明|后|下|月底|星期|周|礼拜|三日|尽快)`).test(rest) ||
      given;
    // "志强，教材你来更新"
    const later = /^[^。！？]{1,14}?(?:你(?!哋|们|有冇|觉得|知)|由你)/.test(rest) && /^[，,]/.test(tail);
    const bare = deed.exec(rest)?.index === 0;
    if (!direct && !later && !bare) continue;
    if (happenedBefore(rest) || supposed.test(lead) || isNow(rest)) continue;
    if (!deed.test(rest.slice(0, 40))) continue;
    add({ kind: 'request', begin: end + (tail.length - rest.length), personId });
    return;
  }
  const asked = new RegExp(`(?:${polite}(?!晒|人|问|坐|教|假|客)|你(?!有冇|觉得|知|话|睇|讲|估|系|们?有没有|唔|不))`, 'g');
  for (const match of folded.matchAll(asked)) {
    const lead = folded.slice(0, match.index);
    if (objectOf.test(lead) || supposed.test(lead)) continue;
    const rest = folded.slice(match.index + match[0].length).replace(/^(?:你哋|你们|哋|们|你)/, '');
    const clause = rest.split(/[。！？!?]/)[0] ?? '';
    if (happenedBefore(clause) || isNow(clause)) continue;
    const verb = deed.exec(clause);
    if (!verb || verb.index > 26) continue;
    const isPolite = new RegExp(`^${polite}$`).test(match[0]);
    // "你" alone is a request only where it is asked or told to do: 你負責, 你先攞, 你聽日send.
    if (
      !isPolite &&
      verb.index > 0 &&
      !new RegExp(`^[^，,]{0,12}?(?:${askForm}|今|听日|明|后日|下|月底|星期|周|礼拜|尽快|打|订|照|同|将|把)`).test(clause) &&
      verb.index > 8
    )
      continue;
    const group =
      groups.test(folded.slice(match.index, match.index + match[0].length + verb.index)) || (groups.test(lead.slice(-4)) && isPolite);
    add({ kind: group ? 'open' : 'request', begin: isPolite ? match.index : match.index + match[0].length, group });
    return;
  }
  ordersIn(folded, add);
  const somebody = /(?:要有人|需要有人|搵个人|找个人|边个可以|谁可以|谁来|有冇人可以|有没有人可以|要搵人|需要找人)/.exec(folded);
  if (somebody && deed.test(folded.slice(somebody.index))) add({ kind: 'open', begin: somebody.index });
  const must = /(?:我哋|我们)(?:一定)?(?:要|需要|必须)(?!唔要|不要)/.exec(folded);
  if (must && deed.test(folded.slice(must.index, must.index + 24))) add({ kind: 'open', begin: must.index, weak: true });
}

/** 上網登埋啦: nobody is named, and the particle makes it an order. It counts when somebody takes it. */
function ordersIn(folded: string, add: (intent: Partial<Intent> & Pick<Intent, 'kind' | 'begin'>) => void): void {
  if (/我|佢|他|她|我哋|我们|唔好|不要|别/.test(folded) || happened.test(folded) || supposed.test(folded)) return;
  const order = /(?:^|[，,。！!])([^，,。！!]{2,16})(?:啦|吧|喇)(?=[，,。！!]|$)/.exec(folded);
  const clause = order?.[1] ?? '';
  const verb = deed.exec(clause);
  if (!order || !verb || verb.index > 4 || isNow(clause) || /开会|散会|开工|收工|算|拜|多谢|再见|休息/.test(clause)) return;
  add({ kind: 'request', begin: order.index, weak: true });
}

function promisesIn(folded: string, dated: boolean, add: (intent: Partial<Intent> & Pick<Intent, 'kind' | 'begin'>) => void): void {
  const generic =
    /交畀我|交给我|包喺我身|包在我身|由我(?:嚟|来|负责|跟|处理|搞|做)|我(?:嚟|来|跟|搞|做|负责|处理|去)(?:啦|吧|喇|得喇|就得|就可以|咁)?(?=[。，！,!]|$)/.exec(
      folded,
    );
  for (const match of folded.matchAll(/(?<!自)我(?!哋|们|地|个人|嘅|的)/g)) {
    const lead = folded.slice(0, match.index);
    if (/(?:畀|给|同|跟|和|对|向|叫|搵|找|问|话|帮|比|教|陪|等|请|通知|联络|send|call|email)\s*$/.test(lead) || supposed.test(lead))
      continue;
    if (/(?:佢|他|她|佢哋|他们)(?:话|说|讲|问|叫)\s*$/.test(lead)) continue;
    const clause = folded.slice(match.index + 1).split(/[。！？!?；;]/)[0] ?? '';
    const first = clause.split(/[，,]/)[0] ?? '';
    if (opinion.test(first) || isNow(first) || happenedBefore(first)) continue;
    // An English word after "I tomorrow" is what one does, whatever it is.
    const verb = deed.exec(clause.slice(0, 40)) ?? /(?:会|日|晚|朝|再|先|去|帮|[一二三四五六])\s*[a-z]{3,}/.exec(clause.slice(0, 16));
    if (!verb) continue;
    const marked =
      /^.{0,16}?(?:会|嚟|来(?!自)|去|负责|跟|帮|再|先|要|需要|可以|试下|尽量|得|尽快|顺便|自己)/.test(clause) ||
      /(?:由|咁|那|那么)\s*$/.test(lead);
    if (!marked && !dated) continue;
    const offer = /^(?:都)?可以/.test(clause);
    add({
      kind: 'promise',
      begin: match.index,
      generic: generic !== null && clause.length < 8,
      weak: offer && !/(?:畀|给|send)/.test(clause) && !dated,
    });
    return;
  }
  if (generic) add({ kind: 'promise', begin: generic.index, generic: true });
}

function happenedBefore(clause: string): boolean {
  const first = clause.split(/[，,]/)[0] ?? clause;
  return happened.test(first) && !/(?:之前|前)(?:要|会|搞|做|打|交|改)/.test(first);
}

function isNow(clause: string): boolean {
  return saidNow.test(clause.replace(new RegExp(`^(?:${polite})?你?`), '')) || /^.{0,6}(?:而家|依家|现在)/.test(clause);
}

function reply({ folded }: SpokenSentence): Reply | null {
  if (/^(?:哦|啊|咁|不如|都系|还是)?[，,]?(?:算啦|算了|算吧|唔使(?:啦|喇|了|嘞)|不用了|不必了|当我冇讲|取消啦)/.test(folded))
    return 'cancel';
  if (/(?:我)?(?:已经|啱啱|刚刚|头先|今朝).{0,12}(?:咗|了|好)(?=[，。！]|$)|^做咗|^搞掂咗/.test(folded)) return 'done';
  if (/(?:唔得闲|做唔到|做不到|冇时间|没时间|没空|抽唔到时间|放假)|^(?:我)?(?:唔得|不行|唔可以|不可以)/.test(folded)) return 'refuse';
  if (
    /^(?:好|得|冇问题|没问题|没有问题|可以|ok|okay|yes|sure|收到|明白|知道|行|嗯|当然|冇|係|系|是的|无问题|遵命|包|当然|放心)/.test(folded)
  )
    return 'accept';
  return null;
}
