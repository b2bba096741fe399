/** The page's words: three languages, one file for each namespace, loaded when they are needed. */
import i18next, { type i18n, type ReadCallback } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { chooseLanguage, type Language, rememberLanguage } from './language';

type Words = Record<string, unknown>;

const files = import.meta.glob<{ default: Words }>('./{en,zh-Hant,zh-Hans}/*.json');

const loader = {
  type: 'backend',
  read(language: string, namespace: string, done: ReadCallback): void {
    const load = files[`./${language}/${namespace}.json`];
    if (!load) {
      done(new Error(`There are no words for ${namespace} in ${language}.`), null);
      return;
    }
    load().then(
      (module) => done(null, module.default),
      (error: Error) => done(error, null),
    );
  },
} as const;

/** Ready when the first page's words are there. */
export async function startI18n(): Promise<i18n> {
  i18next.use(loader).use(initReactI18next).on('languageChanged', markPage);
  await i18next.init({
    lng: chooseLanguage(),
    // No second language is loaded behind the first: a test holds the keys of all three together.
    fallbackLng: false,
    ns: ['common'],
    defaultNS: 'common',
    load: 'currentOnly',
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  return i18next;
}

/** Words of further pages, in the language of now; a change of language brings them along. */
export function loadWords(...namespaces: readonly string[]): Promise<void> {
  return i18next.loadNamespaces(namespaces);
}

export function currentLanguage(): string {
  return i18next.language;
}

export async function changeLanguage(language: Language): Promise<void> {
  rememberLanguage(language);
  await i18next.changeLanguage(language);
}

/** Screen readers take their voice from it, and browsers the shape of Han characters. */
function markPage(language: string): void {
  document.documentElement.lang = language === 'zh-Hant' ? 'zh-Hant-HK' : language;
}
