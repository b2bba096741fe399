import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Field, Textarea } from '@/design';
import styles from './dlp.module.css';
import type { Detector, PatternDraft } from './rule-draft';
import type { SampleResult } from './try-sample';

export interface SampleCheckProps {
  readonly detectors: readonly Detector[];
  readonly patterns: readonly PatternDraft[];
  readonly onWrong: (wrong: ReadonlyMap<number, string>) => void;
}

const waitMs = 200;

/** Says while one writes what the rule would find in a text of one's own. */
export function SampleCheck({ detectors, patterns, onWrong }: SampleCheckProps) {
  const { t } = useTranslation('admin');
  const [sample, setSample] = useState('');
  const [result, setResult] = useState<SampleResult | null>(null);
  useEffect(() => {
    if (sample === '' && patterns.every(({ pattern }) => pattern === '')) {
      setResult(null);
      return;
    }
    let gone = false;
    const timer = setTimeout(async () => {
      const { trySample } = await import('./try-sample');
      if (gone) return;
      const next = trySample(sample, detectors, patterns);
      setResult(next);
      onWrong(next.wrong);
    }, waitMs);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [sample, detectors, patterns, onWrong]);
  return (
    <div>
      <Field label={t('dlp.sample')} hint={t('dlp.sampleHint')}>
        <Textarea rows={2} value={sample} onChange={(event) => setSample(event.target.value)} />
      </Field>
      <div role="status" className={styles.sample}>
        {sample !== '' &&
          result &&
          (result.found.length === 0 ? (
            t('dlp.sampleNothing')
          ) : (
            <ul className={styles.finds}>
              {result.found.map(({ what, texts }) => (
                <li key={what}>
                  <strong>{what}</strong> {texts.map((text) => `“${text}”`).join(', ')}
                </li>
              ))}
            </ul>
          ))}
      </div>
    </div>
  );
}
