import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type CaptionSettings, type ChineseScript, scriptFor } from './caption-settings';

type InScript = (text: string, script: ChineseScript, language: string) => string;

export type Written = (text: string, language: string) => string;

const asItIs: Written = (text) => text;

/** Turns Chinese to what the reader reads. The dictionaries are large: they come with the first line that needs them. */
export function useHanScript(settings: CaptionSettings, hasHan: boolean): Written {
  const { i18n } = useTranslation();
  const [convert, setConvert] = useState<{ readonly inScript: InScript } | null>(null);
  const script = settings.script ?? scriptFor(i18n.language, navigator.languages);
  useEffect(() => {
    if (!hasHan || convert) return;
    let gone = false;
    import('@server/recording/captions/text/han-script').then(
      ({ inScript }) => {
        if (!gone) setConvert({ inScript });
      },
      // Without it Chinese is there all the same, as the engine wrote it.
      () => undefined,
    );
    return () => {
      gone = true;
    };
  }, [hasHan, convert]);
  return useMemo(() => (convert ? remembered((text, language) => convert.inScript(text, script, language)) : asItIs), [convert, script]);
}

const rememberedAtMost = 2_000;

/** Lines are drawn again with each that comes. */
function remembered(write: Written): Written {
  const known = new Map<string, string>();
  return (text, language) => {
    const key = `${language} ${text}`;
    let result = known.get(key);
    if (result === undefined) {
      result = write(text, language);
      if (known.size >= rememberedAtMost) known.clear();
      known.set(key, result);
    }
    return result;
  };
}

export function hasHan(texts: Iterable<{ readonly text: string }>): boolean {
  for (const { text } of texts) if (/\p{Script=Han}/u.test(text)) return true;
  return false;
}
