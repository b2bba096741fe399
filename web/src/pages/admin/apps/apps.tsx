import { useQueryClient } from '@tanstack/react-query';
import { Bot, Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type App, type AppScope, api } from '@/api';
import {
  Badge,
  Button,
  Card,
  ConfirmDialog,
  Dialog,
  DialogBody,
  DialogFooter,
  EmptyState,
  Field,
  FourStates,
  Input,
  MenuItem,
  Textarea,
  useToast,
} from '@/design';
import { useFormat } from '@/i18n';
import { FormFailure } from '@/pages/forms/form-failure';
import { useForm } from '@/pages/forms/use-form';
import admin from '../admin.module.css';
import { adminKeys, useApps } from '../admin-queries';
import { BusyRows } from '../busy-rows';
import { CheckList } from '../check-list';
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
  const add = (
    <Button icon={<Plus size={18} aria-hidden="true" />} onClick={() => setEditing('new')}>
      {t('apps.new')}
    </Button>
  );
  return (
    <>
      <FourStates
        answer={apps}
        busy={
          <Card flush>
            <BusyRows />
          </Card>
        }
        isEmpty={({ apps: list }) => list.length === 0}
        empty={
          <EmptyState icon={<Bot size={24} aria-hidden="true" />} title={t('apps.empty')} action={add}>
            {t('apps.emptyWords')}
          </EmptyState>
        }
      >
        {({ apps: list }) => (
          <Card title={t('apps.tab.apps')} description={t('apps.words')} flush actions={add}>
            <ul className={admin.rows}>
              {list.map((app) => (
                <Row key={app.id} app={app} onEdit={() => setEditing(app)} onSecret={setSecret} />
              ))}
            </ul>
          </Card>
        )}
      </FourStates>
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
  const { t } = useTranslation(['admin', 'common']);
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
    <Dialog
      open
      size="wide"
      onOpenChange={(open) => !open && onClose()}
      title={t(app ? 'apps.edit' : 'apps.new')}
      description={app ? undefined : t('apps.newWords')}
    >
      <form onSubmit={form.onSubmit} noValidate>
        <DialogBody>
          <FormFailure failure={form.failure} />
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
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>{t('common:action.cancel')}</Button>
          <Button type="submit" variant="primary" busy={form.busy}>
            {t(app ? 'common:action.save' : 'apps.make')}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
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
