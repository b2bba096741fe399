import { useTranslation } from 'react-i18next';
import { api } from '@/api';
import { Choice, Field, Input } from '@/design';
import { FormDialog } from '@/pages/forms/form-dialog';
import { useForm } from '@/pages/forms/use-form';
import { adminKeys, useConversationOptions, usePeopleOptions } from '../admin-queries';
import { CheckList } from '../check-list';
import { useSaved } from '../use-saved';
import { endOf, startOf } from './day-range';
import { Period } from './period';

type Values = {
  name: string;
  matter: string;
  reason: string;
  of: 'some' | 'everything';
  personIds: readonly string[];
  conversationIds: readonly string[];
  since: string;
  until: string;
};

export function HoldDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation('admin');
  const saved = useSaved(adminKeys.holds, onClose);
  const people = usePeopleOptions();
  const conversations = useConversationOptions();
  const form = useForm<Values>({
    initial: { name: '', matter: '', reason: '', of: 'some', personIds: [], conversationIds: [], since: '', until: '' },
    check: ({ name, matter, reason, of, personIds, conversationIds, since, until }) => ({
      ...(name.trim() === '' && { name: t('check.name') }),
      ...(matter.trim() === '' && { matter: t('holds.checkMatter') }),
      ...(reason.trim() === '' && { reason: t('check.reason') }),
      ...(of === 'some' && personIds.length + conversationIds.length === 0 && { personIds: t('holds.checkSome') }),
      ...(since !== '' && until !== '' && until < since && { until: t('check.period') }),
    }),
    submit: async ({ name, matter, reason, of, personIds, conversationIds, since, until }) => {
      const some = of === 'some';
      await api.admin.holds.make({
        name: name.trim(),
        matter: matter.trim(),
        reason: reason.trim(),
        personIds: some ? [...personIds] : [],
        conversationIds: some ? [...conversationIds] : [],
        since: startOf(since),
        until: endOf(until),
      });
      await saved(t('holds.made'));
    },
  });
  const { values, set, errors } = form;
  return (
    <FormDialog form={form} size="wide" title={t('holds.new')} description={t('holds.newWords')} action={t('holds.make')} onClose={onClose}>
      <Field label={t('field.name')} error={errors.name}>
        <Input autoFocus maxLength={120} value={values.name} onChange={(event) => set('name', event.target.value)} />
      </Field>
      <Field label={t('holds.matter')} hint={t('holds.matterHint')} error={errors.matter}>
        <Input maxLength={200} value={values.matter} onChange={(event) => set('matter', event.target.value)} />
      </Field>
      <Field label={t('field.reason')} hint={t('holds.reasonHint')} error={errors.reason}>
        <Input maxLength={500} value={values.reason} onChange={(event) => set('reason', event.target.value)} />
      </Field>
      <Choice
        label={t('holds.of')}
        hint={t(values.of === 'some' ? 'holds.ofSomeHint' : 'holds.ofEverythingHint')}
        value={values.of}
        onChange={(of) => set('of', of)}
        choices={[
          { value: 'some', label: t('holds.ofSome') },
          { value: 'everything', label: t('holds.everything') },
        ]}
      />
      {values.of === 'some' && (
        <>
          <CheckList
            label={t('field.people')}
            error={errors.personIds}
            options={people}
            chosen={values.personIds}
            onChange={(chosen) => set('personIds', chosen)}
          />
          <CheckList
            label={t('field.conversations')}
            hint={t('field.conversationsHint')}
            options={conversations}
            chosen={values.conversationIds}
            onChange={(chosen) => set('conversationIds', chosen)}
          />
        </>
      )}
      <Period since={values.since} until={values.until} error={errors.until} onChange={set} />
    </FormDialog>
  );
}
