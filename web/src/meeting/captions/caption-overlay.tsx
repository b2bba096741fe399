import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type CaptionEntry, useStore } from '@/core';
import { colourOf } from '@/design';
import { useMeeting } from '../meeting-context';
import { linesNow, nextEnd, splitStable, translationFor } from './caption-lines';
import styles from './caption-overlay.module.css';
import type { CaptionSettings } from './caption-settings';
import { hasHan, useHanScript, type Written } from './use-han-script';

export const captionColours = 8;

/**
 * What is said now, over the stage. Text grows at its end and rolls up by whole lines, so that no word
 * changes its place. Screen readers are spared each partial line: they have the list of what was said.
 */
export function CaptionOverlay({ settings }: { readonly settings: CaptionSettings }) {
  const { t, i18n } = useTranslation('recording');
  const { client } = useMeeting();
  const on = useStore(client.store, (state) => state.meeting?.captions.on ?? false);
  const behind = useStore(client.store, (state) => state.meeting?.captions.behind ?? false);
  const lines = useLinesNow(on && settings.shown);
  const written = useHanScript(settings, hasHan(lines));
  if (!on || !settings.shown) return null;
  return (
    <div className={styles.overlay} data-size={settings.size} data-place={settings.place} aria-hidden="true" data-testid="captions">
      {behind && <p className={styles.behind}>{t('captions.behind')}</p>}
      {lines.length > 0 && (
        <div className={styles.lines}>
          <div className={styles.roll}>
            {lines.map((line, at) => (
              <Line
                key={line.id}
                line={line}
                named={lines[at - 1]?.personId !== line.personId}
                translation={settings.translate ? translationFor(line, i18n.language) : null}
                written={written}
              />
            ))}
          </div>
        </div>
      )}
    </div>
  );
}

interface LineProps {
  readonly line: CaptionEntry;
  readonly named: boolean;
  readonly translation: string | null;
  readonly written: Written;
}

function Line({ line, named, translation, written }: LineProps) {
  const [stable, rest] = splitStable(line.text, line.stable);
  return (
    <>
      <p className={styles.line} lang={line.language}>
        {named && (
          <span className={styles.name} data-colour={colourOf(line.personId, captionColours)}>
            {line.name}
          </span>
        )}
        {written(stable, line.language)}
        {rest !== '' && <span className={styles.rest}>{written(rest, line.language)}</span>}
      </p>
      {translation !== null && <p className={styles.translation}>{translation}</p>}
    </>
  );
}

/** Looked at again when one comes and when one has been there long enough. */
function useLinesNow(wanted: boolean): readonly CaptionEntry[] {
  const { client } = useMeeting();
  const lines = useStore(client.captions, (state) => state.lines);
  const [now, setNow] = useState(() => Date.now());
  const shown = wanted ? linesNow(lines, Math.max(now, lines.at(-1)?.changedAt ?? 0)) : [];
  const end = nextEnd(shown);
  useEffect(() => {
    if (end === null) return;
    const timer = setTimeout(() => setNow(Date.now()), Math.max(0, end - Date.now()) + 20);
    return () => clearTimeout(timer);
  }, [end]);
  return shown;
}
