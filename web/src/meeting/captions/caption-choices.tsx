import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api, hasCode } from '@/api';
import { isModerator, isViewer, myself, useStore } from '@/core';
import { Banner, Choice, Field, Select, Skeleton, SkeletonGroup, Switch } from '@/design';
import { useMeeting } from '../meeting-context';
import styles from './caption-choices.module.css';
import { type CaptionSettings, captionPlaces, captionSizes, chineseScripts, scriptFor } from './caption-settings';
import { useLanguageName } from './use-language-name';

export interface CaptionChoicesProps {
  readonly settings: CaptionSettings;
  readonly onSettings: (settings: CaptionSettings) => void;
}

export function CaptionChoices({ settings, onSettings }: CaptionChoicesProps) {
  const { t, i18n } = useTranslation('recording');
  const { client } = useMeeting();
  const moderates = useStore(client.store, (state) => isModerator(myself(state)));
  const watches = useStore(client.store, (state) => isViewer(myself(state)));
  const languages = useQuery({
    queryKey: ['caption-languages'],
    queryFn: ({ signal }) => api.captionLanguages(signal),
    staleTime: 60_000,
    retry: false,
  });
  const change = (part: Partial<CaptionSettings>): void => onSettings({ ...settings, ...part });
  const spoken = languages.data?.languages ?? [];
  const offered = languages.data?.detects ? ['auto', ...spoken.filter((tag) => tag !== 'auto')] : spoken;
  const unavailable = languages.data !== undefined && spoken.length === 0;
  return (
    <div className={styles.groups}>
      {unavailable && <Banner tone="attention">{t('captions.unavailable')}</Banner>}
      {languages.error && !hasCode(languages.error, 'AUTH_FORBIDDEN') && <Banner tone="wrong">{languages.error.message}</Banner>}
      {languages.isPending && (
        <SkeletonGroup>
          <Skeleton width="60%" />
          <Skeleton width="90%" />
        </SkeletonGroup>
      )}
      {moderates && !unavailable && <ForAll languages={offered} />}
      <Group title={t('captions.shown')}>
        <Switch
          label={t('captions.show')}
          description={t('captions.shownWords')}
          checked={settings.shown}
          onChange={(shown) => change({ shown })}
        />
        <Choice
          label={t('captions.size')}
          value={settings.size}
          onChange={(size) => change({ size })}
          choices={captionSizes.map((value) => ({ value, label: t(`captions.sizes.${value}`) }))}
        />
        <Choice
          label={t('captions.place')}
          value={settings.place}
          onChange={(place) => change({ place })}
          choices={captionPlaces.map((value) => ({ value, label: t(`captions.places.${value}`) }))}
        />
        <Choice
          label={t('captions.script')}
          value={settings.script ?? scriptFor(i18n.language, navigator.languages)}
          onChange={(script) => change({ script })}
          choices={chineseScripts.map((value) => ({ value, label: t(`captions.scripts.${value}`) }))}
        />
        {(languages.data?.translations.length ?? 0) > 0 && (
          <Switch
            label={t('captions.translate')}
            description={t('captions.translateWords')}
            checked={settings.translate}
            onChange={(translate) => change({ translate })}
          />
        )}
      </Group>
      {!watches && <Own languages={offered} />}
    </div>
  );
}

/** What a host decides. */
function ForAll({ languages }: { readonly languages: readonly string[] }) {
  const { t } = useTranslation('recording');
  const { client } = useMeeting();
  const languageName = useLanguageName();
  const on = useStore(client.store, (state) => state.meeting?.captions.on ?? false);
  const language = useStore(client.store, (state) => state.meeting?.captions.language ?? '');
  return (
    <section className={styles.group} aria-label={t('captions.forAll')}>
      <Switch
        label={t('captions.forAll')}
        description={t('captions.forAllWords')}
        checked={on}
        onChange={(wanted) => void client.recording.setCaptions(wanted, '')}
      />
      {on && languages.length > 0 && (
        <Field label={t('captions.language')} hint={t('captions.languageWords')}>
          <Select value={language} onChange={(event) => void client.recording.setCaptions(true, event.target.value)}>
            {withCurrent(languages, language).map((tag) => (
              <option key={tag} value={tag}>
                {languageName(tag)}
              </option>
            ))}
          </Select>
        </Field>
      )}
    </section>
  );
}

/** What is done with one's own words. Who is not recorded while something is, is not captioned but at his own wish. */
function Own({ languages }: { readonly languages: readonly string[] }) {
  const { t } = useTranslation('recording');
  const { client } = useMeeting();
  const languageName = useLanguageName();
  const personId = useStore(client.store, (state) => myself(state)?.personId ?? '');
  const optOut = useStore(client.store, (state) => state.meeting?.captions.optedOut.has(personId) ?? false);
  const optIn = useStore(client.store, (state) => state.meeting?.captions.optedIn.has(personId) ?? false);
  const language = useStore(client.store, (state) => state.meeting?.captions.languages.get(personId) ?? '');
  const isLeftOut = useStore(client.store, ({ meeting }) => Boolean(meeting?.recording) && !meeting?.recording?.recorded.has(personId));
  const own = { optOut, optIn, language };
  return (
    <Group title={t('captions.own')}>
      {languages.length > 0 && (
        <Field label={t('captions.speak')}>
          <Select value={language} onChange={(event) => void client.recording.setOwnCaptions({ ...own, language: event.target.value })}>
            <option value="">{t('captions.asMeeting')}</option>
            {withCurrent(languages, language).map((tag) => (
              <option key={tag} value={tag}>
                {languageName(tag)}
              </option>
            ))}
          </Select>
        </Field>
      )}
      {isLeftOut ? (
        <Switch
          label={t('captions.optIn')}
          description={t('captions.optInWords')}
          checked={optIn && !optOut}
          onChange={(wanted) => void client.recording.setOwnCaptions({ optOut: optOut && !wanted, optIn: wanted, language })}
        />
      ) : (
        <Switch
          label={t('captions.optOut')}
          description={t('captions.optOutWords')}
          checked={optOut}
          onChange={(wanted) => void client.recording.setOwnCaptions({ ...own, optOut: wanted })}
        />
      )}
    </Group>
  );
}

function Group({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className={styles.group} aria-label={title}>
      <h3 className={styles.title}>{title}</h3>
      {children}
    </section>
  );
}

/** One that was chosen before the engines changed is shown all the same. */
function withCurrent(languages: readonly string[], current: string): readonly string[] {
  return current === '' || languages.includes(current) ? languages : [current, ...languages];
}
