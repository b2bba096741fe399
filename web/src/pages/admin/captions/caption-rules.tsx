import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, type CaptionSettings } from '@/api';
import { Banner, Card, Choice, Field, Select, Switch } from '@/design';
import { languages as pageLanguages } from '@/i18n';
import { useLanguageName } from '@/meeting/captions/use-language-name';
import admin from '../admin.module.css';
import { adminKeys } from '../admin-queries';
import { useCaptionChange } from './use-caption-change';

export function CaptionRules({ settings }: { readonly settings: CaptionSettings }) {
  const { t } = useTranslation('admin');
  const languageName = useLanguageName();
  const change = useCaptionChange();
  const server = useQuery({ queryKey: adminKeys.captionLanguages, queryFn: ({ signal }) => api.captionLanguages(signal) });
  const { language, script, profanity, translateTo } = settings;
  const spoken = server.data ? [...(server.data.detects ? ['auto'] : []), ...server.data.languages.filter((tag) => tag !== 'auto')] : [];
  const offered = language === null || spoken.includes(language) ? spoken : [...spoken, language];
  return (
    <Card title={t('captions.rules')} description={t('captions.rulesWords')}>
      <div className={admin.stack}>
        {server.data && (server.data.problem !== null || server.data.languages.length === 0) && (
          <Banner tone="attention" title={t(server.data.languages.length === 0 ? 'captions.noEngine' : 'captions.someMissing')}>
            {server.data.problem && <span lang="en">{server.data.problem}</span>}
          </Banner>
        )}
        {server.error && (
          <Banner tone="wrong" announce="status">
            {server.error.message}
          </Banner>
        )}
        <Field label={t('captions.language')} hint={t('captions.languageHint')}>
          <Select value={language ?? ''} onChange={(event) => change.mutate({ language: event.target.value || null })}>
            <option value="">
              {server.data?.fallback ? t('captions.firstNamed', { language: languageName(server.data.fallback) }) : t('captions.first')}
            </option>
            {offered.map((tag) => (
              <option key={tag} value={tag}>
                {languageName(tag)}
              </option>
            ))}
          </Select>
        </Field>
        <Choice
          label={t('captions.script')}
          hint={t('captions.scriptHint')}
          value={script}
          onChange={(next) => change.mutate({ script: next })}
          choices={[
            { value: 'hant', label: t('captions.scripts.hant') },
            { value: 'hans', label: t('captions.scripts.hans') },
          ]}
        />
        <Switch
          label={t('captions.mask')}
          description={t('captions.maskWords')}
          checked={profanity === 'mask'}
          onChange={(wanted) => change.mutate({ profanity: wanted ? 'mask' : 'keep' })}
        />
        {(server.data?.translations.length ?? 0) > 0 ? (
          pageLanguages.map(({ value, label, lang }) => (
            <Switch
              key={value}
              label={
                <>
                  {t('captions.translateTo')} <span lang={lang}>{label}</span>
                </>
              }
              checked={translateTo.includes(value)}
              disabled={!server.data?.translations.includes(value)}
              onChange={(wanted) =>
                change.mutate({ translateTo: wanted ? [...translateTo, value] : translateTo.filter((other) => other !== value) })
              }
            />
          ))
        ) : (
          <p className={admin.small}>{t('captions.noTranslation')}</p>
        )}
      </div>
    </Card>
  );
}
