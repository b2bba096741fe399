/**
 * Chinese as a reader writes it: as in Hong Kong, or Simplified. Engines write what they were taught,
 * mostly Simplified; a line is kept so and turned for each reader. Runs in the page too.
 */
import { Converter as toHongKong } from 'opencc-js/cn2t';
import { Converter as toSimplified } from 'opencc-js/t2cn';

let converters: { readonly hant: (text: string) => string; readonly hans: (text: string) => string } | undefined;

/** @param language Of the text: Japanese is written with the same signs and left alone. */
export function inScript(text: string, script: 'hant' | 'hans', language: string): string {
  if (language === 'ja' || !/\p{Script=Han}/u.test(text)) return text;
  // Dictionaries of megabytes, for those who need them.
  converters ??= { hant: toHongKong({ from: 'cn', to: 'hk' }), hans: toSimplified({ from: 'hk', to: 'cn' }) };
  if (script === 'hans') return converters.hans(text);
  return isTraditional(text, converters) ? text : converters.hant(text);
}

/**
 * Some characters are right in both (后 of 皇后 and of 之后, 里, 面, 只), and turned again they would become wrong:
 * what is Traditional already stays as it is.
 */
function isTraditional(text: string, { hant, hans }: NonNullable<typeof converters>): boolean {
  let traditional = 0;
  let simplified = 0;
  for (const sign of text) {
    if (hans(sign) !== sign) traditional += 1;
    else if (hant(sign) !== sign) simplified += 1;
  }
  return traditional > 0 && traditional >= simplified;
}
