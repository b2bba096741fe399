import { ArrowDown, CaptionsOff, Search } from 'lucide-react';
import { memo, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type CaptionEntry, isModerator, myself, useStore } from '@/core';
import { Banner, Button, CopyButton, colourOf, EmptyState, Field, Input, TabPanel, Tabs } from '@/design';
import { useFormat } from '@/i18n';
import { useMeeting } from '../meeting-context';
import { SidePanel } from '../side-panel';
import { CaptionChoices } from './caption-choices';
import { saidLines, translationFor } from './caption-lines';
import { captionColours } from './caption-overlay';
import styles from './caption-panel.module.css';
import type { CaptionSettings } from './caption-settings';
import { hasHan, useHanScript, type Written } from './use-han-script';

export interface CaptionPanelProps {
  readonly settings: CaptionSettings;
  readonly onSettings: (settings: CaptionSettings) => void;
  readonly onClose: () => void;
}

type Tab = 'lines' | 'settings';

/** What was said, to read back, and how one reads it. */
export function CaptionPanel({ settings, onSettings, onClose }: CaptionPanelProps) {
  const { t } = useTranslation('recording');
  const { client } = useMeeting();
  const on = useStore(client.store, (state) => state.meeting?.captions.on ?? false);
  const [tab, setTab] = useState<Tab>(on ? 'lines' : 'settings');
  return (
    <SidePanel title={t('captions.title')} closeLabel={t('captions.close')} onClose={onClose}>
      <Tabs
        value={tab}
        onChange={setTab}
        label={t('captions.title')}
        className={styles.tabs}
        tabs={[
          { value: 'lines', label: t('captions.lines') },
          { value: 'settings', label: t('captions.settings') },
        ]}
      >
        <TabPanel value="lines" className={styles.tabPanel}>
          <Said settings={settings} on={on} />
        </TabPanel>
        <TabPanel value="settings" className={styles.scroll}>
          <CaptionChoices settings={settings} onSettings={onSettings} />
        </TabPanel>
      </Tabs>
    </SidePanel>
  );
}

function Said({ settings, on }: { readonly settings: CaptionSettings; readonly on: boolean }) {
  const { t, i18n } = useTranslation('recording');
  const { client } = useMeeting();
  const { time } = useFormat();
  const lines = useStore(client.captions, (state) => state.lines);
  const kept = useStore(client.store, (state) => state.meeting?.captions.kept ?? false);
  const behind = useStore(client.store, (state) => state.meeting?.captions.behind ?? false);
  const moderates = useStore(client.store, (state) => isModerator(myself(state)));
  const [query, setQuery] = useState('');
  const said = useMemo(() => saidLines(lines, ''), [lines]);
  const written = useHanScript(
    settings,
    useMemo(() => hasHan(said), [said]),
  );
  const found = useMemo(
    () =>
      query.trim() === ''
        ? said
        : saidLines(
            said.map((line) => inWriting(line, written)),
            query,
          ),
    [said, query, written],
  );
  const { list, away, toNewest } = useNewest(found.length);
  const text = useMemo(
    () => said.map((line) => `${time(new Date(line.beginMs))} ${line.name}: ${written(line.text, line.language)}`).join('\n'),
    [said, written, time],
  );
  if (said.length === 0) {
    return on ? (
      <EmptyState title={t('captions.empty')}>{t('captions.emptyWords')}</EmptyState>
    ) : (
      <EmptyState
        icon={<CaptionsOff size={24} aria-hidden="true" />}
        title={t('captions.off')}
        action={
          moderates && (
            <Button variant="primary" onClick={() => void client.recording.setCaptions(true, '')}>
              {t('captions.turnOn')}
            </Button>
          )
        }
      >
        {t(moderates ? 'captions.offWordsHost' : 'captions.offWords')}
      </EmptyState>
    );
  }
  return (
    <>
      <div className={styles.tools}>
        <Field label={t('captions.search')} labelHidden className={styles.search}>
          <Input type="search" value={query} placeholder={t('captions.search')} onChange={(event) => setQuery(event.target.value)} />
        </Field>
        <CopyButton iconOnly text={text} label={t('captions.copy')} />
      </div>
      {behind && (
        <Banner tone="attention" announce="status" className={styles.behind}>
          {t('captions.behind')}
        </Banner>
      )}
      {found.length === 0 && (
        <p className={styles.none}>
          <Search size={18} aria-hidden="true" />
          {t('captions.noneFound')}
        </p>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <div ref={list} className={styles.list} role="log" aria-label={t('captions.lines')} tabIndex={0}>
        {found.map((line, at) => (
          <SaidLine
            key={line.id}
            line={line}
            named={found[at - 1]?.personId !== line.personId}
            time={time(new Date(line.beginMs))}
            translation={settings.translate ? translationFor(line, i18n.language) : null}
            written={written}
          />
        ))}
      </div>
      {away && (
        <Button className={styles.newest} icon={<ArrowDown size={18} aria-hidden="true" />} onClick={toNewest}>
          {t('captions.newest')}
        </Button>
      )}
      <p className={styles.foot}>{t(kept ? 'captions.kept' : 'captions.notKept')}</p>
    </>
  );
}

interface SaidLineProps {
  readonly line: CaptionEntry;
  readonly named: boolean;
  readonly time: string;
  readonly translation: string | null;
  readonly written: Written;
}

const SaidLine = memo(function SaidLine({ line, named, time, translation, written }: SaidLineProps) {
  return (
    <div className={styles.said} data-named={named || undefined}>
      {named && (
        <p className={styles.head}>
          <span className={styles.name} data-colour={colourOf(line.personId, captionColours)}>
            {line.name}
          </span>
          <time className={styles.time}>{time}</time>
        </p>
      )}
      <p lang={line.language}>{written(line.text, line.language)}</p>
      {translation !== null && <p className={styles.translation}>{translation}</p>}
    </div>
  );
});

/** One searches for what one reads. */
function inWriting(line: CaptionEntry, written: Written): CaptionEntry {
  const text = written(line.text, line.language);
  return text === line.text ? line : { ...line, text };
}

const nearPixels = 48;

/** The list stays at its end unless somebody reads further up. */
function useNewest(count: number) {
  const list = useRef<HTMLDivElement>(null);
  const [away, setAway] = useState(false);
  const isAway = useRef(false);
  useEffect(() => {
    const element = list.current;
    if (!element) return;
    const scrolled = (): void => {
      isAway.current = element.scrollHeight - element.scrollTop - element.clientHeight > nearPixels;
      setAway(isAway.current);
    };
    element.addEventListener('scroll', scrolled, { passive: true });
    return () => element.removeEventListener('scroll', scrolled);
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a line that came is what there is to follow.
  useEffect(() => {
    if (!isAway.current) list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [count]);
  const toNewest = (): void => list.current?.scrollTo({ top: list.current.scrollHeight });
  return { list, away, toNewest };
}
