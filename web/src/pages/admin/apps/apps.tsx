import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type App, type AppScope, api } from '@/api';
import { Badge, ConfirmDialog, Field, Input, MenuItem, Textarea, useToast } from '@/design';
import { useFormat } from '@/i18n';
import { FormDialog } from '@/pages/forms/form-dialog';
import { useForm } from '@/pages/forms/use-form';
import admin from '../admin.module.css';
import { adminKeys, useApps } from '../admin-queries';
import { CheckList } from '../check-list';
import { ListCard } from '../list-card';
import { RowMenu } from '../row-menu';
import { type Secret, SecretDialog } from '../secret-dialog';
import { useAct } from '../use-act';
import { appScopes, scopeKeys } from './app-scopes';

/** Programs that act in chat with a name of their own. */
export function Apps() {
  const { t } = useTranslation('admin');
  const apps = useApps();
  const [editing, setEditing] = useState<App | 'new' | null>(null);
  const [secret, setSecret] = useState<Secret | null>(null);
  return (
    <>
      <ListCard
        title={t('apps.tab.apps')}
        description={t('apps.words')}
        add={t('apps.new')}
        onAdd={() => setEditing('new')}
        answer={apps}
        itemsOf={({ apps: list }) => list}
        empty={t('apps.empty')}
      >
        {(list) => (
          <ul className={admin.rows}>
            {list.map((app) => (
              <Row key={app.id} app={app} onEdit={() => setEditing(app)} onSecret={setSecret} />
            ))}
          </ul>
        )}
      </ListCard>
      {editing && <AppDialog app={editing === 'new' ? null : editing} onClose={() => setEditing(null)} onSecret={setSecret} />}
      <SecretDialog secret={secret} onClose={() => setSecret(null)} />
    </>
  );
}

function Row({ app, onEdit, onSecret }: { readonly app: App; readonly onEdit: () => void; readonly onSecret: (secret: Secret) => void }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const secretOf = useSecret();
  const [asking, setAsking] = useState<'rotate' | 'disable' | null>(null);
  const rotate = useAct(() => api.admin.apps.rotate(app.id), {
    refresh: adminKeys.apps,
    onDone: (made) => {
      setAsking(null);
      onSecret(secretOf(made));
    },
  });
  const turn = useAct((disabled: boolean) => api.admin.apps.change(app.id, { disabled }), {
    refresh: adminKeys.apps,
    done: t('list.saved'),
    onDone: () => setAsking(null),
  });
  const close = (open: boolean): void => setAsking(open ? asking : null);
  return (
    <li className={admin.row}>
      <div className={admin.words}>
        <p className={admin.name}>
          {app.name} <Badge tone={app.disabledAt ? 'plain' : 'jade'}>{t(app.disabledAt ? 'apps.disabled' : 'apps.active')}</Badge>
        </p>
        {app.description !== '' && <p className={admin.detail}>{app.description}</p>}
        <p className={admin.detail}>{app.scopes.map((scope) => t(`apps.scope.${scopeKeys[scope]}`)).join(t('list.comma'))}</p>
        <p className={admin.small}>
          {t('apps.clientId')} <span className={admin.code}>{app.id}</span> ·{' '}
          {t('apps.since', { time: format.moment(new Date(app.createdAt)) })}
        </p>
      </div>
      <RowMenu name={app.name}>
        <MenuItem onSelect={onEdit}>{t('list.edit')}</MenuItem>
        <MenuItem onSelect={() => setAsking('rotate')}>{t('apps.rotate')}</MenuItem>
        {app.disabledAt ? (
          <MenuItem onSelect={() => turn.run(false)}>{t('list.enable')}</MenuItem>
        ) : (
          <MenuItem danger onSelect={() => setAsking('disable')}>
            {t('list.disable')}
          </MenuItem>
        )}
      </RowMenu>
      <ConfirmDialog
        open={asking === 'rotate'}
        onOpenChange={close}
        title={t('apps.rotateTitle', { name: app.name })}
        description={t('apps.rotateWords')}
        action={t('apps.rotate')}
        busy={rotate.busy}
        onConfirm={() => rotate.run(undefined)}
      />
      <ConfirmDialog
        open={asking === 'disable'}
        onOpenChange={close}
        title={t('apps.disableTitle', { name: app.name })}
        description={t('apps.disableWords')}
        action={t('list.disable')}
        busy={turn.busy}
        onConfirm={() => turn.run(true)}
      />
    </li>
  );
}

type Values = { name: string; description: string; scopes: readonly AppScope[]; redirectUris: string };

function AppDialog({
  app,
  onClose,
  onSecret,
}: {
  readonly app: App | null;
  readonly onClose: () => void;
  readonly onSecret: (secret: Secret) => void;
}) {
  const { t } = useTranslation('admin');
  const queries = useQueryClient();
  const toast = useToast();
  const secretOf = useSecret();
  const form = useForm<Values>({
    initial: {
      name: app?.name ?? '',
      description: app?.description ?? '',
      scopes: app?.scopes ?? ['messages:write'],
      redirectUris: app?.redirectUris.join('\n') ?? '',
    },
    check: ({ name, scopes }) => ({
      ...(name.trim() === '' && { name: t('check.name') }),
      ...(scopes.length === 0 && { scopes: t('check.choose') }),
    }),
    submit: async ({ name, description, scopes, redirectUris }) => {
      const body = {
        name: name.trim(),
        description: description.trim(),
        scopes: [...scopes],
        redirectUris: redirectUris.split(/\s+/u).filter((uri) => uri !== ''),
      };
      const made = app ? null : await api.admin.apps.make(body);
      if (app) await api.admin.apps.change(app.id, body);
      await queries.invalidateQueries({ queryKey: adminKeys.apps });
      onClose();
      if (made) onSecret(secretOf(made));
      else toast(t('list.saved'), { tone: 'good' });
    },
  });
  const { values, set, errors } = form;
  return (
    <FormDialog
      form={form}
      size="wide"
      title={t(app ? 'apps.edit' : 'apps.new')}
      description={app ? undefined : t('apps.newWords')}
      action={app ? undefined : t('apps.make')}
      onClose={onClose}
    >
      <Field label={t('field.name')} hint={t('apps.nameHint')} error={errors.name}>
        <Input autoFocus maxLength={80} value={values.name} onChange={(event) => set('name', event.target.value)} />
      </Field>
      <Field label={t('apps.description')} error={errors.description}>
        <Input maxLength={300} value={values.description} onChange={(event) => set('description', event.target.value)} />
      </Field>
      <CheckList
        label={t('apps.scopes')}
        error={errors.scopes}
        options={appScopes.map((scope) => ({ id: scope, name: t(`apps.scope.${scopeKeys[scope]}`), detail: scope }))}
        chosen={values.scopes}
        onChange={(chosen) => set('scopes', chosen)}
      />
      <Field label={t('apps.redirects')} hint={t('apps.redirectsHint')} error={errors.redirectUris}>
        <Textarea
          rows={2}
          spellCheck={false}
          placeholder="https://"
          value={values.redirectUris}
          onChange={(event) => set('redirectUris', event.target.value)}
        />
      </Field>
    </FormDialog>
  );
}

function useSecret(): (made: { id: string; name: string; clientSecret: string }) => Secret {
  const { t } = useTranslation('admin');
  return ({ id, name, clientSecret }) => ({
    title: t('apps.secretTitle', { name }),
    words: t('apps.secretWords'),
    label: t('apps.secret'),
    value: clientSecret,
    beside: { label: t('apps.clientId'), value: id },
  });
}
