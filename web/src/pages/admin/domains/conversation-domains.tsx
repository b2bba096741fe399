import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Conversation } from '@/api';
import { Button, Card, Field, Select } from '@/design';
import { FormDialog } from '@/pages/forms/form-dialog';
import { useForm } from '@/pages/forms/use-form';
import admin from '../admin.module.css';
import { adminKeys, useDomains } from '../admin-queries';
import { SearchedRows } from '../searched-rows';
import { useSaved } from '../use-saved';

/** Which domain a conversation is in, and the way into another. */
export function ConversationDomains() {
  const { t } = useTranslation('admin');
  const conversations = useQuery({ queryKey: adminKeys.conversations, queryFn: ({ signal }) => api.admin.conversations(signal) });
  const { data } = useDomains();
  const [moving, setMoving] = useState<Conversation | null>(null);
  const standard = data?.domains.find(({ isDefault }) => isDefault);
  const nameOf = ({ title, counterpart }: Conversation): string => title || counterpart?.name || t('conversation.untitled');
  return (
    <Card title={t('conversationDomains.title')} description={t('conversationDomains.words')} flush>
      <SearchedRows
        label={t('conversationDomains.search')}
        answer={conversations}
        itemsOf={({ conversations: list }) => list}
        textOf={nameOf}
        more={(count) => t('conversationDomains.more', { count })}
        empty={t('conversationDomains.empty')}
      >
        {(conversation) => (
          <li key={conversation.id} className={admin.row}>
            <div className={admin.words}>
              <p className={admin.name}>{nameOf(conversation)}</p>
              <p className={admin.detail}>{conversation.domain?.name ?? standard?.name ?? '…'}</p>
            </div>
            <Button onClick={() => setMoving(conversation)} aria-label={t('conversationDomains.moveName', { name: nameOf(conversation) })}>
              {t('conversationDomains.move')}
            </Button>
          </li>
        )}
      </SearchedRows>
      {moving && (
        <MoveDialog
          conversation={moving}
          name={nameOf(moving)}
          from={moving.domain?.id ?? standard?.id ?? ''}
          onClose={() => setMoving(null)}
        />
      )}
    </Card>
  );
}

interface MoveDialogProps {
  readonly conversation: Conversation;
  readonly name: string;
  readonly from: string;
  readonly onClose: () => void;
}

function MoveDialog({ conversation, name, from, onClose }: MoveDialogProps) {
  const { t } = useTranslation('admin');
  const others = (useDomains().data?.domains ?? []).filter(({ id }) => id !== from);
  const saved = useSaved(adminKeys.conversations, onClose);
  const form = useForm<{ domainId: string }>({
    initial: { domainId: '' },
    check: ({ domainId }) => (domainId === '' ? { domainId: t('check.chooseOne') } : {}),
    submit: async ({ domainId }) => {
      const { domainName } = await api.admin.domains.move(conversation.id, domainId);
      await saved(t('conversationDomains.moved', { name, domain: domainName }));
    },
  });
  return (
    <FormDialog
      form={form}
      title={t('conversationDomains.moveName', { name })}
      description={t('conversationDomains.moveWords')}
      action={t('conversationDomains.move')}
      onClose={onClose}
    >
      <Field
        label={t('conversationDomains.to')}
        hint={others.length === 0 ? t('conversationDomains.noOther') : undefined}
        error={form.errors.domainId}
      >
        <Select value={form.values.domainId} onChange={(event) => form.set('domainId', event.target.value)}>
          <option value="">{t('policies.choose')}</option>
          {others.map((domain) => (
            <option key={domain.id} value={domain.id}>
              {domain.name}
            </option>
          ))}
        </Select>
      </Field>
    </FormDialog>
  );
}
