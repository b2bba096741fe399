import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, type OutgoingWebhook } from '@/api';
import { Choice, Field, Input, useToast } from '@/design';
import { FormDialog } from '@/pages/forms/form-dialog';
import { useForm } from '@/pages/forms/use-form';
import { AddressField } from '../address-field';
import { adminKeys, useConversationOptions } from '../admin-queries';
import { CheckList } from '../check-list';
import { AppSelect } from './app-select';

type Event = OutgoingWebhook['events'][number];

/** The words are found by names without dots. */
const events = [
  { id: 'message.posted', key: 'posted' },
  { id: 'message.edited', key: 'edited' },
  { id: 'message.recalled', key: 'recalled' },
  { id: 'message.pinned', key: 'pinned' },
  { id: 'reaction.changed', key: 'reaction' },
  { id: 'poll.changed', key: 'poll' },
  { id: 'conversation.changed', key: 'conversation' },
] as const satisfies readonly { id: Event; key: string }[];

type Values = {
  name: string;
  appId: string;
  url: string;
  events: readonly Event[];
  of: 'all' | 'some';
  conversationIds: readonly string[];
};

export interface OutgoingDialogProps {
  readonly webhook: OutgoingWebhook | null;
  readonly onClose: () => void;
  readonly onMade: (made: { name: string; secret: string }) => void;
}

export function OutgoingDialog({ webhook, onClose, onMade }: OutgoingDialogProps) {
  const { t } = useTranslation('admin');
  const queries = useQueryClient();
  const toast = useToast();
  const conversations = useConversationOptions();
  const form = useForm<Values>({
    initial: {
      name: webhook?.name ?? '',
      appId: webhook?.app.id ?? '',
      url: webhook?.url ?? '',
      events: webhook?.events ?? ['message.posted'],
      of: webhook?.conversationIds ? 'some' : 'all',
      conversationIds: webhook?.conversationIds ?? [],
    },
    check: (values) => ({
      ...(values.name.trim() === '' && { name: t('check.name') }),
      ...(values.appId === '' && { appId: t('check.chooseOne') }),
      ...(!URL.canParse(values.url.trim()) && { url: t('check.address') }),
      ...(values.events.length === 0 && { events: t('check.choose') }),
      ...(values.of === 'some' && values.conversationIds.length === 0 && { conversationIds: t('check.choose') }),
    }),
    submit: async (values) => {
      const body = {
        name: values.name.trim(),
        url: values.url.trim(),
        events: [...values.events],
        conversationIds: values.of === 'all' ? null : [...values.conversationIds],
      };
      const made = webhook ? null : await api.admin.outgoing.make({ ...body, appId: values.appId });
      if (webhook) await api.admin.outgoing.change(webhook.id, body);
      await queries.invalidateQueries({ queryKey: adminKeys.outgoing });
      onClose();
      if (made) onMade(made);
      else toast(t('list.saved'), { tone: 'good' });
    },
  });
  const { values, set, errors } = form;
  return (
    <FormDialog
      form={form}
      size="wide"
      title={t(webhook ? 'outgoing.edit' : 'outgoing.new')}
      description={t('outgoing.newWords')}
      action={webhook ? undefined : t('outgoing.make')}
      onClose={onClose}
    >
      <Field label={t('field.name')} error={errors.name}>
        <Input autoFocus maxLength={80} value={values.name} onChange={(event) => set('name', event.target.value)} />
      </Field>
      {!webhook && <AppSelect value={values.appId} error={errors.appId} onChange={(id) => set('appId', id)} />}
      <AddressField value={values.url} error={errors.url} onChange={(url) => set('url', url)} />
      <CheckList
        label={t('outgoing.events')}
        error={errors.events}
        options={events.map(({ id, key }) => ({ id, name: t(`outgoing.event.${key}`), detail: id }))}
        chosen={values.events}
        onChange={(chosen) => set('events', chosen)}
      />
      <Choice
        label={t('field.conversations')}
        hint={t(values.of === 'all' ? 'outgoing.allHint' : 'field.conversationsHint')}
        value={values.of}
        onChange={(of) => set('of', of)}
        choices={[
          { value: 'all', label: t('outgoing.allConversations') },
          { value: 'some', label: t('outgoing.chosen') },
        ]}
      />
      {values.of === 'some' && (
        <CheckList
          label={t('field.conversations')}
          error={errors.conversationIds}
          options={conversations}
          chosen={values.conversationIds}
          onChange={(chosen) => set('conversationIds', chosen)}
        />
      )}
    </FormDialog>
  );
}
