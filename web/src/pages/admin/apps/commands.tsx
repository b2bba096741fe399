import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type SlashCommand } from '@/api';
import { useCommandWords } from '@/chat/use-command-words';
import { Badge, Field, Input, useToast } from '@/design';
import { FormDialog } from '@/pages/forms/form-dialog';
import { useForm } from '@/pages/forms/use-form';
import { AddressField } from '../address-field';
import admin from '../admin.module.css';
import { adminKeys } from '../admin-queries';
import { ListCard } from '../list-card';
import { type Secret, SecretDialog } from '../secret-dialog';
import { AppSelect } from './app-select';
import { HookMenu } from './hook-menu';

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
      <ListCard
        title={t('apps.tab.commands')}
        description={t('commands.words')}
        add={t('commands.new')}
        onAdd={() => setEditing('new')}
        answer={commands}
        itemsOf={({ commands: list }) => list}
        empty={t('commands.empty')}
      >
        {(list) => (
          <ul className={admin.rows}>
            {list.map((command) => (
              <Row key={command.id ?? command.name} command={command} onEdit={() => setEditing(command)} onSecret={show} />
            ))}
          </ul>
        )}
      </ListCard>
      {editing && <CommandDialog command={editing === 'new' ? null : editing} onClose={() => setEditing(null)} onMade={show} />}
      <SecretDialog secret={secret} onClose={() => setSecret(null)} />
    </>
  );
}

type OnSecret = (made: { name: string; secret: string }) => void;

function Row({ command, onEdit, onSecret }: { readonly command: SlashCommand; readonly onEdit: () => void; readonly onSecret: OnSecret }) {
  const { t } = useTranslation('admin');
  const { id } = command;
  const { description, hint } = useCommandWords()(command);
  return (
    <li className={admin.row}>
      <div className={admin.words}>
        <p className={admin.name}>
          <span className={admin.code}>/{command.name}</span>
          {hint !== '' && <span className={admin.detail}>{hint}</span>}
          {id === null ? (
            <Badge>{t('commands.builtIn')}</Badge>
          ) : (
            <Badge tone={command.disabledAt ? 'plain' : 'jade'}>{t(command.disabledAt ? 'apps.disabled' : 'apps.active')}</Badge>
          )}
        </p>
        <p className={admin.detail}>{description}</p>
        {command.app && (
          <p className={admin.small}>
            {command.app.name} · <span className={admin.code}>{command.url}</span>
          </p>
        )}
      </div>
      {id !== null && (
        <HookMenu
          id={id}
          name={`/${command.name}`}
          disabled={command.disabledAt !== null}
          calls={api.admin.commands}
          refresh={adminKeys.commands}
          rotate={{ title: t('apps.rotate'), words: t('outgoing.rotateWords') }}
          deleteWords={t('commands.deleteWords')}
          onEdit={onEdit}
          onMade={onSecret}
        />
      )}
    </li>
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
  const { t } = useTranslation('admin');
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
      ...(appId === '' && { appId: t('check.chooseOne') }),
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
    <FormDialog
      form={form}
      title={command ? `/${command.name}` : t('commands.new')}
      action={command ? undefined : t('commands.make')}
      onClose={onClose}
    >
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
      <AddressField value={values.url} error={errors.url} onChange={(url) => set('url', url)} />
    </FormDialog>
  );
}
