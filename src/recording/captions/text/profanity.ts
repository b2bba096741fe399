/** Swear words, for organisations that want them hidden: the plain ones of English and Chinese. */
const english = [
  'arsehole',
  'asshole',
  'bastard',
  'bitch',
  'bollocks',
  'bullshit',
  'cocksucker',
  'cunt',
  'dickhead',
  'dipshit',
  'fuck',
  'goddamn',
  'jackass',
  'motherfucker',
  'piss',
  'prick',
  'shit',
  'slut',
  'twat',
  'wanker',
  'whore',
];
/** Of forms such as `fucking` and `shitty`. */
const endings = '(?:s|es|ed|er|ers|ing|in|y|ty|ted|ting|head|heads)?';
/** Written in both scripts; words that also mean something else are left out. */
const chinese = [
  '屌你',
  '屌那',
  '𨳒你',
  '𨶙',
  '𨳊',
  '𡳞',
  '撚樣',
  '戇鳩',
  '戆鸠',
  '仆街',
  '扑街',
  '冚家鏟',
  '冚家铲',
  '冚家富貴',
  '冚家富贵',
  '含家鏟',
  '含家铲',
  '操你',
  '肏',
  '他妈的',
  '他媽的',
  '妈的',
  '媽的',
  '傻逼',
  '傻屄',
  '草泥马',
  '草泥馬',
  '王八蛋',
  '狗娘养的',
  '狗娘養的',
  '婊子',
  '滚蛋',
  '滾蛋',
];

const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${english.join('|')})${endings}(?![\\p{L}\\p{N}])|${chinese.join('|')}`, 'giu');

/** The first letter stays, so that a reader knows what was said. */
export function maskProfanity(text: string): string {
  return text.replace(pattern, (word) => {
    const [first = '', ...rest] = word;
    return first + '*'.repeat(rest.length);
  });
}
