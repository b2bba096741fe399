import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type ActionItem, api, type RecordingDetail } from '@/api';
import { Field, Input, Select, Textarea } from '@/design';
import { FormDialog } from '@/pages/forms/form-dialog';
import { useForm } from '@/pages/forms/use-form';
import { keys } from '@/pages/queries';
import { archiveKeys } from '../archive-queries';

/** An action item put right, or one that the machine missed. */
export function ActionDialog({
  recording,
  item,
  onClose,
}: {
  readonly recording: RecordingDetail;
  readonly item: ActionItem | null;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation('archive');
  const queries = useQueryClient();
  const people = useQuery({ queryKey: keys.people, queryFn: ({ signal }) => api.people.list(signal) });
  const form = useForm({
    initial: { what: item?.what ?? '', assigneeId: item?.assignee?.id ?? '', dueOn: item?.dueOn ?? '', note: item?.note ?? '' },
    check: ({ what }) => (what.trim() === '' ? { what: t('actions.checkWhat') } : {}),
    submit: async ({ what, assigneeId, dueOn, note }) => {
      const body = { what: what.trim(), assigneeId: assigneeId || null, dueOn: dueOn || null, note };
      await (item ? api.recordings.changeAction(item.id, body) : api.recordings.addAction(recording.id, body));
      await queries.invalidateQueries({ queryKey: archiveKeys.summary(recording.id) });
      onClose();
    },
  });
  const { values, set, errors } = form;
  const known = people.data?.people ?? [];
  // Somebody who was in the meeting as a guest is in no list of colleagues.
  const options = [
    ...known.map(({ id, name }) => ({ id, name })),
    ...[...recording.people, ...(item?.assignee ? [item.assignee] : [])].filter(({ id }) => !known.some((one) => one.id === id)),
  ].filter((one, at, all) => all.findIndex(({ id }) => id === one.id) === at);
  return (
    <FormDialog form={form} title={t('actions.title')} action={item ? undefined : t('actions.add')} onClose={onClose}>
      <Field label={t('actions.what')} error={errors.what}>
        <Textarea
          autoFocus
          rows={2}
          maxLength={1_000}
          value={values.what}
          onChange={(event) => set('what', event.target.value.replaceAll('\n', ' '))}
        />
      </Field>
      <Field label={t('actions.who')} error={errors.assigneeId}>
        <Select value={values.assigneeId} onChange={(event) => set('assigneeId', event.target.value)}>
          <option value="">{t('actions.nobody')}</option>
          {options.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={t('actions.when')} hint={item?.dueText ? t('actions.said', { words: item.dueText }) : undefined} error={errors.dueOn}>
        <Input type="date" value={values.dueOn} onChange={(event) => set('dueOn', event.target.value)} />
      </Field>
      <Field label={t('actions.note')} error={errors.note}>
        <Textarea rows={2} maxLength={2_000} value={values.note} onChange={(event) => set('note', event.target.value)} />
      </Field>
    </FormDialog>
  );
}
