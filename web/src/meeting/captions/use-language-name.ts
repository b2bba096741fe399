import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { localeOf } from '@/i18n';

const named = ['auto', 'en', 'yue', 'cmn', 'ja', 'ko'] as const;

/** What people call a language, in the language of the page: Cantonese, not Yue Chinese. */
export function useLanguageName(): (tag: string) => string {
  const { t, i18n } = useTranslation('recording');
  return useMemo(() => {
    const names = new Intl.DisplayNames(localeOf(i18n.language), { type: 'language', fallback: 'code' });
    return (tag) => {
      const known = named.find((name) => name === tag);
      if (known) return t(`captions.languages.${known}`);
      try {
        return names.of(tag) ?? tag;
      } catch {
        return tag;
      }
    };
  }, [t, i18n.language]);
}
