import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, type RecordingPolicy } from '@/api';
import { Button, Card, Choice, Field, Input, Switch, useToast } from '@/design';
import { useFormat } from '@/i18n';
import { FormFailure } from '@/pages/forms/form-failure';
import { useForm } from '@/pages/forms/use-form';
import admin from '../admin.module.css';
import { adminKeys } from '../admin-queries';
import { NoticePreview } from './notice-preview';
import { areDays, type PolicyDraft, toDraft, toPolicy } from './policy-draft';

const consents = ['ask', 'inform', 'forbidden'] as const;
const starters = ['moderators', 'host'] as const;
const viewers = ['participants', 'moderators'] as const;

/** For recordings that are started from now on; those that are there keep what they were started with. */
export function PolicyForm({ policy }: { readonly policy: RecordingPolicy }) {
  const { t } = useTranslation(['admin', 'common']);
  const { moment } = useFormat();
  const queries = useQueryClient();
  const toast = useToast();
  const form = useForm<PolicyDraft>({
    initial: toDraft(policy),
    check: ({ consent, keep, days }) =>
      consent !== 'forbidden' && keep === 'days' && !areDays(days) ? { days: t('recording.checkDays') } : {},
    submit: async (draft) => {
      const safe = areDays(draft.days) ? draft : { ...draft, days: toDraft(policy).days };
      queries.setQueryData(adminKeys.recordingPolicies, await api.admin.recordingPolicies.set(toPolicy(policy.meetingKind, safe)));
      toast(t('list.saved'), { tone: 'good' });
    },
  });
  const { values, set, errors } = form;
  const allowed = values.consent !== 'forbidden';
  return (
    <Card
      title={t(`recording.of.${policy.meetingKind}`)}
      description={
        policy.changedAt === null ? t('recording.unchanged') : t('recording.changed', { time: moment(new Date(policy.changedAt)) })
      }
    >
      <form onSubmit={form.onSubmit} noValidate className={admin.stack} aria-label={t(`recording.of.${policy.meetingKind}`)}>
        <FormFailure failure={form.failure} />
        <Choice
          label={t('recording.consent')}
          hint={t(`recording.consentWords.${values.consent}`)}
          value={values.consent}
          onChange={(consent) => set('consent', consent)}
          choices={consents.map((value) => ({ value, label: t(`recording.consents.${value}`) }))}
        />
        {allowed && (
          <>
            <Choice
              label={t('recording.starters')}
              value={values.starters}
              onChange={(who) => set('starters', who)}
              choices={starters.map((value) => ({ value, label: t(`recording.starterChoices.${value}`) }))}
            />
            <Choice
              label={t('recording.keep')}
              hint={values.keep === 'ever' ? t('recording.everWords') : undefined}
              value={values.keep}
              onChange={(keep) => set('keep', keep)}
              choices={[
                { value: 'days', label: t('recording.someDays') },
                { value: 'ever', label: t('recording.ever') },
              ]}
            />
            {values.keep === 'days' && (
              <Field label={t('recording.days')} hint={t('recording.daysHint')} error={errors.days}>
                <Input
                  type="number"
                  inputMode="numeric"
                  min={1}
                  max={36_500}
                  value={values.days}
                  onChange={(event) => set('days', event.target.value)}
                />
              </Field>
            )}
            <Choice
              label={t('recording.viewers')}
              value={values.viewers}
              onChange={(who) => set('viewers', who)}
              choices={viewers.map((value) => ({ value, label: t(`recording.viewerChoices.${value}`) }))}
            />
            <Switch
              label={t('recording.download')}
              description={t('recording.downloadWords')}
              checked={values.download}
              onChange={(wanted) => set('download', wanted)}
            />
            <Switch
              label={t('recording.watermark')}
              description={t('recording.watermarkWords')}
              checked={values.watermark}
              onChange={(wanted) => set('watermark', wanted)}
            />
            <Field label={t('recording.contact')} hint={t('recording.contactHint')} error={errors.contact}>
              <Input value={values.contact} maxLength={200} onChange={(event) => set('contact', event.target.value)} />
            </Field>
            <NoticePreview meetingKind={policy.meetingKind} draft={values} />
          </>
        )}
        <div className={admin.actions}>
          <Button type="submit" variant="primary" busy={form.busy}>
            {t('common:action.save')}
          </Button>
        </div>
      </form>
    </Card>
  );
}
