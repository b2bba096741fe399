import { useTranslation } from 'react-i18next';
import { api } from '@/api';
import { Choice, Field, Input, Select } from '@/design';
import { FormDialog } from '@/pages/forms/form-dialog';
import { useForm } from '@/pages/forms/use-form';
import { adminKeys, useConversationOptions, useDomainOptions, usePeopleOptions } from '../admin-queries';
import { CheckList } from '../check-list';
import { useSaved } from '../use-saved';
import { endOf, startOf } from './day-range';
import { Period } from './period';

type Values = {
  of: 'conversations' | 'people' | 'domain';
  conversationIds: readonly string[];
  personIds: readonly string[];
  domainId: string;
  since: string;
  until: string;
  format: 'json' | 'html';
  reason: string;
};

export function ExportDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation('admin');
  const saved = useSaved(adminKeys.exports, onClose);
  const people = usePeopleOptions();
  const conversations = useConversationOptions();
  const domains = useDomainOptions();
  const form = useForm<Values>({
    initial: { of: 'conversations', conversationIds: [], personIds: [], domainId: '', since: '', until: '', format: 'html', reason: '' },
    check: ({ of, conversationIds, personIds, domainId, since, until, reason }) => ({
      ...(of === 'conversations' && conversationIds.length === 0 && { conversationIds: t('check.choose') }),
      ...(of === 'people' && personIds.length === 0 && { personIds: t('check.choose') }),
      ...(of === 'domain' && domainId === '' && { domainId: t('check.chooseOne') }),
      ...(since !== '' && until !== '' && until < since && { until: t('check.period') }),
      ...(reason.trim() === '' && { reason: t('check.reason') }),
    }),
    submit: async ({ of, conversationIds, personIds, domainId, since, until, format, reason }) => {
      await api.admin.exports.make({
        ...(of === 'conversations' && { conversationIds: [...conversationIds] }),
        ...(of === 'people' && { personIds: [...personIds] }),
        ...(of === 'domain' && { domainId }),
        since: startOf(since),
        until: endOf(until),
        format,
        reason: reason.trim(),
      });
      await saved(t('exports.begun'));
    },
  });
  const { values, set, errors } = form;
  return (
    <FormDialog
      form={form}
      size="wide"
      title={t('exports.new')}
      description={t('exports.newWords')}
      action={t('exports.make')}
      onClose={onClose}
    >
      <Choice
        label={t('exports.of')}
        value={values.of}
        onChange={(of) => set('of', of)}
        choices={[
          { value: 'conversations', label: t('field.conversations') },
          { value: 'people', label: t('field.people') },
          { value: 'domain', label: t('policies.scope.domain') },
        ]}
      />
      {values.of === 'conversations' && (
        <CheckList
          label={t('field.conversations')}
          hint={t('field.conversationsHint')}
          error={errors.conversationIds}
          options={conversations}
          chosen={values.conversationIds}
          onChange={(chosen) => set('conversationIds', chosen)}
        />
      )}
      {values.of === 'people' && (
        <CheckList
          label={t('field.people')}
          hint={t('exports.peopleHint')}
          error={errors.personIds}
          options={people}
          chosen={values.personIds}
          onChange={(chosen) => set('personIds', chosen)}
        />
      )}
      {values.of === 'domain' && (
        <Field label={t('policies.scope.domain')} error={errors.domainId}>
          <Select value={values.domainId} onChange={(event) => set('domainId', event.target.value)}>
            <option value="">{t('policies.choose')}</option>
            {domains.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Select>
        </Field>
      )}
      <Period since={values.since} until={values.until} error={errors.until} onChange={set} />
      <Choice
        label={t('exports.format')}
        hint={t(`exports.formatHint.${values.format}`)}
        value={values.format}
        onChange={(format) => set('format', format)}
        choices={[
          { value: 'html', label: t('exports.html') },
          { value: 'json', label: 'JSON' },
        ]}
      />
      <Field label={t('field.reason')} hint={t('exports.reasonHint')} error={errors.reason}>
        <Input maxLength={500} value={values.reason} onChange={(event) => set('reason', event.target.value)} />
      </Field>
    </FormDialog>
  );
}
