/** Which of our languages a person reads. */
import type { Language } from '@server/platform/errors';
import { readStored, writeStored } from '@/shell/storage';

export type { Language };

/** Each by its own name, in its own script. */
export const languages: readonly { readonly value: Language; readonly label: string; readonly lang: string }[] = [
  { value: 'en', label: 'English', lang: 'en' },
  { value: 'zh-Hant', label: '繁體中文', lang: 'zh-Hant' },
  { value: 'zh-Hans', label: '简体中文', lang: 'zh-Hans' },
];

const storageKey = 'causeway.language';

/** What was chosen on this device, else the first of the browser's languages that we speak. */
export function chooseLanguage(): Language {
  const stored = languages.find((language) => language.value === readStored(storageKey));
  if (stored) return stored.value;
  for (const tag of navigator.languages) {
    const language = ofTag(tag);
    if (language) return language;
  }
  return 'en';
}

export function rememberLanguage(language: Language): void {
  writeStored(storageKey, language);
}

/** The conventions of dates and numbers that go with a language where Causeway is used. */
export function localeOf(language: string): string {
  if (language === 'zh-Hant') return 'zh-HK';
  return language === 'zh-Hans' ? 'zh-CN' : 'en-HK';
}

/** The script decides; without one the place does (RFC 5646 section 2.2.3: zh-TW and zh-HK are written Traditional). */
export function ofTag(tag: string): Language | null {
  const parts = tag.toLowerCase().split('-');
  if (parts[0] === 'en') return 'en';
  if (parts[0] === 'yue') return parts.includes('hans') || parts.includes('cn') ? 'zh-Hans' : 'zh-Hant';
  if (parts[0] !== 'zh') return null;
  if (parts.includes('hans')) return 'zh-Hans';
  if (parts.includes('hant') || parts.some((part) => part === 'hk' || part === 'tw' || part === 'mo')) return 'zh-Hant';
  return 'zh-Hans';
}
