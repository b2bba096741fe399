import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api';
import { Banner, Button, Card, Field, FourStates, MenuItem, Select } from '@/design';
import admin from '../admin.module.css';
import { adminKeys, useConversationOptions } from '../admin-queries';
import { BusyRows } from '../busy-rows';
import { RowMenu } from '../row-menu';
import { useAct } from '../use-act';
import { MinimumDialog } from './minimum-dialog';
import type { Policy } from './policy';
import { PolicyDialog } from './policy-dialog';

/** The nearest policy decides; a conversation can be asked which one that is. */
export function Policies() {
  const { t } = useTranslation('admin');
  const retention = useQuery({ queryKey: adminKeys.retention, queryFn: ({ signal }) => api.admin.retention.get(signal) });
  const [open, setOpen] = useState<Policy | 'new' | 'minimum' | null>(null);
  const close = (): void => setOpen(null);
  return (
    <Card
      title={t('policies.title')}
      description={t('policies.words')}
      flush
      actions={
        <Button icon={<Plus size={18} aria-hidden="true" />} onClick={() => setOpen('new')}>
          {t('policies.new')}
        </Button>
      }
    >
      <FourStates answer={retention} busy={<BusyRows />}>
        {({ policies, minimum }) => (
          <>
            <ul className={admin.rows}>
              {!policies.some(({ scope }) => scope === 'organisation') && (
                <Row
                  policy={{ scope: 'organisation', id: null, name: '', days: null }}
                  onEdit={() => setOpen({ scope: 'organisation', id: null, name: '', days: null })}
                />
              )}
              {policies.map((policy) => (
                <Row key={`${policy.scope} ${policy.id}`} policy={policy} onEdit={() => setOpen(policy)} />
              ))}
              <li className={admin.row}>
                <div className={admin.words}>
                  <p className={admin.name}>{t('policies.minimum')}</p>
                  <p className={admin.detail}>
                    {minimum.days === 0 ? t('policies.noMinimum') : t('policies.atLeast', { count: minimum.days })}
                    {minimum.days > 0 && minimum.reason !== '' && ` · ${minimum.reason}`}
                  </p>
                </div>
                <Button onClick={() => setOpen('minimum')} aria-label={t('policies.changeMinimum')}>
                  {t('list.edit')}
                </Button>
              </li>
            </ul>
            <WhoDecides />
            {open === 'minimum' && <MinimumDialog minimum={minimum} onClose={close} />}
          </>
        )}
      </FourStates>
      {open !== null && open !== 'minimum' && <PolicyDialog policy={open === 'new' ? null : open} onClose={close} />}
    </Card>
  );
}

function Row({ policy, onEdit }: { readonly policy: Policy; readonly onEdit: () => void }) {
  const { t } = useTranslation('admin');
  const { scope, id, days } = policy;
  const remove = useAct((place: { scope: 'domain' | 'conversation'; id: string }) => api.admin.retention.unset(place), {
    refresh: adminKeys.retention,
    done: t('policies.removed'),
  });
  const name = scope === 'organisation' ? t('policies.organisation') : policy.name || t('conversation.untitled');
  return (
    <li className={admin.row}>
      <div className={admin.words}>
        <p className={admin.name}>
          {name} {scope !== 'organisation' && <span className={admin.small}>{t(`policies.scope.${scope}`)}</span>}
        </p>
        <p className={admin.detail}>{days === null ? t('policies.forEver') : t('policies.kept', { count: days })}</p>
      </div>
      {scope === 'organisation' || id === null ? (
        <Button onClick={onEdit} aria-label={t('policies.changeOrganisation')}>
          {t('list.edit')}
        </Button>
      ) : (
        <RowMenu name={name}>
          <MenuItem onSelect={onEdit}>{t('list.edit')}</MenuItem>
          <MenuItem danger onSelect={() => remove.run({ scope, id })}>
            {t('policies.remove')}
          </MenuItem>
        </RowMenu>
      )}
    </li>
  );
}

/** "Messages of Harbour are kept for 365 days. The policy of the domain decides." */
function WhoDecides() {
  const { t } = useTranslation('admin');
  const conversations = useConversationOptions();
  const [id, setId] = useState('');
  const effective = useQuery({
    queryKey: [...adminKeys.retention, id],
    queryFn: ({ signal }) => api.admin.retention.ofConversation(id, signal),
    enabled: id !== '',
  });
  const { data } = effective;
  return (
    <div className={admin.foot}>
      <Field label={t('policies.whoDecides')}>
        <Select value={id} onChange={(event) => setId(event.target.value)}>
          <option value="">{t('policies.choose')}</option>
          {conversations.map((conversation) => (
            <option key={conversation.id} value={conversation.id}>
              {conversation.name}
            </option>
          ))}
        </Select>
      </Field>
      <div role="status">
        {id !== '' && effective.error && <Banner tone="wrong">{effective.error.message}</Banner>}
        {id !== '' && data && (
          <Banner tone={data.held ? 'attention' : 'info'}>
            {data.days === null ? t('policies.forEver') : t('policies.kept', { count: data.days })}{' '}
            {t(`policies.decidedBy.${data.decidedBy}`)}
            {data.held && ` ${t('policies.held')}`}
          </Banner>
        )}
      </div>
    </div>
  );
}
