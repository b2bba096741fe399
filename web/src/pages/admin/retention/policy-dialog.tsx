import { useTranslation } from 'react-i18next';
import { api } from '@/api';
import { Choice, Field, Input, Select } from '@/design';
import { FormDialog } from '@/pages/forms/form-dialog';
import { useForm } from '@/pages/forms/use-form';
import { adminKeys, useConversationOptions, useDomainOptions } from '../admin-queries';
import { useSaved } from '../use-saved';
import type { Policy } from './policy';

type Values = { scope: Policy['scope']; id: string; keep: 'days' | 'ever'; days: string };

const mostDays = 36_500;

export function PolicyDialog({ policy, onClose }: { readonly policy: Policy | null; readonly onClose: () => void }) {
  const { t } = useTranslation('admin');
  const saved = useSaved(adminKeys.retention, onClose);
  const domains = useDomainOptions();
  const conversations = useConversationOptions();
  const form = useForm<Values>({
    initial: {
      scope: policy?.scope ?? 'domain',
      id: policy?.id ?? '',
      keep: policy && policy.days === null ? 'ever' : 'days',
      days: String(policy?.days ?? 365),
    },
    check: ({ scope, id, keep, days }) => ({
      ...(scope !== 'organisation' && id === '' && { id: t('check.chooseOne') }),
      ...(keep === 'days' && !isDays(days) && { days: t('policies.checkDays') }),
    }),
    submit: async ({ scope, id, keep, days }) => {
      await api.admin.retention.set({ scope, id: scope === 'organisation' ? null : id }, keep === 'ever' ? null : Number(days));
      await saved();
    },
  });
  const { values, set, errors } = form;
  return (
    <FormDialog
      form={form}
      title={policy ? (policy.scope === 'organisation' ? t('policies.organisation') : policy.name) : t('policies.new')}
      description={t('policies.dialogWords')}
      onClose={onClose}
    >
      {!policy && (
        <>
          <Choice
            label={t('policies.for')}
            value={values.scope === 'conversation' ? 'conversation' : 'domain'}
            onChange={(scope) => {
              set('scope', scope);
              set('id', '');
            }}
            choices={[
              { value: 'domain', label: t('policies.scope.domain') },
              { value: 'conversation', label: t('policies.scope.conversation') },
            ]}
          />
          <Field label={t(values.scope === 'conversation' ? 'policies.scope.conversation' : 'policies.scope.domain')} error={errors.id}>
            <Select value={values.id} onChange={(event) => set('id', event.target.value)}>
              <option value="">{t('policies.choose')}</option>
              {(values.scope === 'conversation' ? conversations : domains).map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </Select>
          </Field>
        </>
      )}
      <Choice
        label={t('policies.keep')}
        value={values.keep}
        onChange={(keep) => set('keep', keep)}
        choices={[
          { value: 'days', label: t('policies.someDays') },
          { value: 'ever', label: t('policies.ever') },
        ]}
      />
      {values.keep === 'days' && (
        <Field label={t('policies.days')} hint={t('policies.daysHint')} error={errors.days}>
          <Input
            type="number"
            inputMode="numeric"
            min={1}
            max={mostDays}
            value={values.days}
            onChange={(event) => set('days', event.target.value)}
          />
        </Field>
      )}
    </FormDialog>
  );
}

function isDays(text: string): boolean {
  const days = Number(text);
  return Number.isInteger(days) && days >= 1 && days <= mostDays;
}
