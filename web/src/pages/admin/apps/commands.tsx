import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type SlashCommand } from '@/api';
import {
  Badge,
  Button,
  Card,
  ConfirmDialog,
  Dialog,
  DialogBody,
  DialogFooter,
  Field,
  FourStates,
  Input,
  MenuItem,
  useToast,
} from '@/design';
import { FormFailure } from '@/pages/forms/form-failure';
import { useForm } from '@/pages/forms/use-form';
import admin from '../admin.module.css';
import { adminKeys } from '../admin-queries';
import { BusyRows } from '../busy-rows';
import { RowMenu } from '../row-menu';
import { type Secret, SecretDialog } from '../secret-dialog';
import { useAct } from '../use-act';
import { AppSelect } from './app-select';

/** What people write after a slash, and which app answers. */
export function Commands() {
  const { t } = useTranslation('admin');
  const commands = useQuery({ queryKey: adminKeys.commands, queryFn: ({ signal }) => api.admin.commands.list(signal) });
  const [editing, setEditing] = useState<SlashCommand | 'new' | null>(null);
  const [secret, setSecret] = useState<Secret | null>(null);
  const show = ({ name, secret: value }: { name: string; secret: string }): void =>
    setSecret({
      title: t('outgoing.secretTitle', { name: `/${name}` }),
      words: t('outgoing.secretWords'),
      label: t('outgoing.secret'),
      value,
    });
  return (
    <>
      <Card
        title={t('apps.tab.commands')}
        description={t('commands.words')}
        flush
        actions={
          <Button icon={<Plus size={18} aria-hidden="true" />} onClick={() => setEditing('new')}>
            {t('commands.new')}
          </Button>
        }
      >
        <FourStates
          answer={commands}
          busy={<BusyRows />}
          isEmpty={({ commands: list }) => list.length === 0}
          empty={<p className={admin.none}>{t('commands.empty')}</p>}
        >
          {({ commands: list }) => (
            <ul className={admin.rows}>
              {list.map((command) => (
                <Row key={command.id ?? command.name} command={command} onEdit={() => setEditing(command)} onSecret={show} />
              ))}
            </ul>
          )}
        </FourStates>
      </Card>
      {editing && <CommandDialog command={editing === 'new' ? null : editing} onClose={() => setEditing(null)} onMade={show} />}
      <SecretDialog secret={secret} onClose={() => setSecret(null)} />
    </>
  );
}

type OnSecret = (made: { name: string; secret: string }) => void;

function Row({ command, onEdit, onSecret }: { readonly command: SlashCommand; readonly onEdit: () => void; readonly onSecret: OnSecret }) {
  const { t } = useTranslation('admin');
  const { id } = command;
  return (
    <li className={admin.row}>
      <div className={admin.words}>
        <p className={admin.name}>
          <span className={admin.code}>/{command.name}</span>
          {command.hint !== '' && <span className={admin.detail}>{command.hint}</span>}
          {id === null ? (
            <Badge>{t('commands.builtIn')}</Badge>
          ) : (
            <Badge tone={command.disabledAt ? 'plain' : 'jade'}>{t(command.disabledAt ? 'apps.disabled' : 'apps.active')}</Badge>
          )}
        </p>
        <p className={admin.detail}>{command.description}</p>
        {command.app && (
          <p className={admin.small}>
            {command.app.name} · <span className={admin.code}>{command.url}</span>
          </p>
        )}
      </div>
      {id !== null && <Acts id={id} command={command} onEdit={onEdit} onSecret={onSecret} />}
    </li>
  );
}

interface ActsProps {
  readonly id: string;
  readonly command: SlashCommand;
  readonly onEdit: () => void;
  readonly onSecret: OnSecret;
}

function Acts({ id, command, onEdit, onSecret }: ActsProps) {
  const { t } = useTranslation('admin');
  const [asking, setAsking] = useState<'rotate' | 'delete' | null>(null);
  const rotate = useAct(() => api.admin.commands.rotate(id), {
    refresh: adminKeys.commands,
    onDone: (made) => {
      setAsking(null);
      onSecret(made);
    },
  });
  const turn = useAct((disabled: boolean) => api.admin.commands.change(id, { disabled }), {
    refresh: adminKeys.commands,
    done: t('list.saved'),
  });
  const remove = useAct(() => api.admin.commands.remove(id), {
    refresh: adminKeys.commands,
    done: t('list.deleted'),
    onDone: () => setAsking(null),
  });
  const close = (open: boolean): void => setAsking(open ? asking : null);
  return (
    <>
      <RowMenu name={`/${command.name}`}>
        <MenuItem onSelect={onEdit}>{t('list.edit')}</MenuItem>
        <MenuItem onSelect={() => setAsking('rotate')}>{t('apps.rotate')}</MenuItem>
        <MenuItem onSelect={() => turn.run(command.disabledAt === null)}>{t(command.disabledAt ? 'list.enable' : 'list.disable')}</MenuItem>
        <MenuItem danger onSelect={() => setAsking('delete')}>
          {t('list.delete')}
        </MenuItem>
      </RowMenu>
      <ConfirmDialog
        open={asking === 'rotate'}
        onOpenChange={close}
        title={t('apps.rotate')}
        description={t('outgoing.rotateWords')}
        action={t('apps.rotate')}
        busy={rotate.busy}
        onConfirm={() => rotate.run(undefined)}
      />
      <ConfirmDialog
        open={asking === 'delete'}
        onOpenChange={close}
        title={t('list.deleteTitle', { name: `/${command.name}` })}
        description={t('commands.deleteWords')}
        action={t('list.delete')}
        busy={remove.busy}
        onConfirm={() => remove.run(undefined)}
      />
    </>
  );
}

type Values = { name: string; description: string; hint: string; appId: string; url: string };

function CommandDialog({
  command,
  onClose,
  onMade,
}: {
  readonly command: SlashCommand | null;
  readonly onClose: () => void;
  readonly onMade: OnSecret;
}) {
  const { t } = useTranslation(['admin', 'common']);
  const queries = useQueryClient();
  const toast = useToast();
  const form = useForm<Values>({
    initial: {
      name: command?.name ?? '',
      description: command?.description ?? '',
      hint: command?.hint ?? '',
      appId: command?.app?.id ?? '',
      url: command?.url ?? '',
    },
    check: ({ name, appId, url }) => ({
      ...(!/^\/?[a-z0-9][a-z0-9_-]{0,31}$/.test(name.trim()) && { name: t('commands.checkName') }),
      ...(appId === '' && { appId: t('check.choose') }),
      ...(!URL.canParse(url.trim()) && { url: t('check.address') }),
    }),
    submit: async ({ name, description, hint, appId, url }) => {
      const body = { description: description.trim(), hint: hint.trim(), url: url.trim() };
      const made = command ? null : await api.admin.commands.make({ ...body, name: name.trim(), appId });
      if (command?.id) await api.admin.commands.change(command.id, body);
      await queries.invalidateQueries({ queryKey: adminKeys.commands });
      onClose();
      if (made) onMade(made);
      else toast(t('list.saved'), { tone: 'good' });
    },
  });
  const { values, set, errors } = form;
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={command ? `/${command.name}` : t('commands.new')}>
      <form onSubmit={form.onSubmit} noValidate>
        <DialogBody>
          <FormFailure failure={form.failure} />
          {!command && (
            <>
              <Field label={t('field.name')} hint={t('commands.nameHint')} error={errors.name}>
                <Input
                  autoFocus
                  autoCapitalize="none"
                  maxLength={33}
                  value={values.name}
                  onChange={(event) => set('name', event.target.value)}
                />
              </Field>
              <AppSelect value={values.appId} error={errors.appId} onChange={(id) => set('appId', id)} />
            </>
          )}
          <Field label={t('apps.description')} error={errors.description}>
            <Input maxLength={300} value={values.description} onChange={(event) => set('description', event.target.value)} />
          </Field>
          <Field label={t('commands.hint')} hint={t('commands.hintHint')} error={errors.hint}>
            <Input maxLength={100} value={values.hint} onChange={(event) => set('hint', event.target.value)} />
          </Field>
          <Field label={t('field.address')} hint={t('outgoing.addressHint')} error={errors.url}>
            <Input
              type="url"
              inputMode="url"
              placeholder="https://"
              maxLength={2000}
              value={values.url}
              onChange={(event) => set('url', event.target.value)}
            />
          </Field>
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>{t('common:action.cancel')}</Button>
          <Button type="submit" variant="primary" busy={form.busy}>
            {t(command ? 'common:action.save' : 'commands.make')}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
