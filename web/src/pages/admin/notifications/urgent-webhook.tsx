import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api';
import { Button, Card, ConfirmDialog, MenuItem } from '@/design';
import { FormDialog } from '@/pages/forms/form-dialog';
import { useForm } from '@/pages/forms/use-form';
import { AddressField } from '../address-field';
import admin from '../admin.module.css';
import { adminKeys } from '../admin-queries';
import { RowMenu } from '../row-menu';
import { type Secret, SecretDialog } from '../secret-dialog';
import { useAct } from '../use-act';
import { useSaved } from '../use-saved';

/** The pager, or the telephone service, that is called about urgent messages which nobody confirms. */
export function UrgentWebhook({ url }: { readonly url: string | null }) {
  const { t } = useTranslation('admin');
  const [open, setOpen] = useState<'edit' | 'remove' | null>(null);
  const [secret, setSecret] = useState<Secret | null>(null);
  const remove = useAct(() => api.admin.notifications.changePolicy({ webhookUrl: null }), {
    refresh: adminKeys.notificationPolicy,
    done: t('list.deleted'),
    onDone: () => setOpen(null),
  });
  const show = (value: string): void =>
    setSecret({ title: t('notify.secretTitle'), words: t('outgoing.secretWords'), label: t('outgoing.secret'), value });
  return (
    <Card
      title={t('notify.webhook')}
      description={t('notify.webhookWords')}
      flush
      actions={
        url === null && (
          <Button icon={<Plus size={18} aria-hidden="true" />} onClick={() => setOpen('edit')}>
            {t('notify.setAddress')}
          </Button>
        )
      }
    >
      {url === null ? (
        <p className={admin.none}>{t('notify.noWebhook')}</p>
      ) : (
        <ul className={admin.rows}>
          <li className={admin.row}>
            <div className={admin.words}>
              <p className={admin.code}>{url}</p>
            </div>
            <RowMenu name={t('notify.webhook')}>
              <MenuItem onSelect={() => setOpen('edit')}>{t('list.edit')}</MenuItem>
              <MenuItem danger onSelect={() => setOpen('remove')}>
                {t('list.delete')}
              </MenuItem>
            </RowMenu>
          </li>
        </ul>
      )}
      {open === 'edit' && <AddressDialog url={url} onClose={() => setOpen(null)} onSecret={show} />}
      <ConfirmDialog
        open={open === 'remove'}
        onOpenChange={(stays) => !stays && setOpen(null)}
        title={t('notify.removeTitle')}
        description={t('notify.removeWords')}
        action={t('list.delete')}
        busy={remove.busy}
        onConfirm={() => remove.run(undefined)}
      />
      <SecretDialog secret={secret} onClose={() => setSecret(null)} />
    </Card>
  );
}

interface AddressDialogProps {
  readonly url: string | null;
  readonly onClose: () => void;
  readonly onSecret: (secret: string) => void;
}

function AddressDialog({ url: before, onClose, onSecret }: AddressDialogProps) {
  const { t } = useTranslation('admin');
  const saved = useSaved(adminKeys.notificationPolicy, onClose);
  const form = useForm<{ url: string }>({
    initial: { url: before ?? '' },
    check: ({ url }) => (URL.canParse(url.trim()) ? {} : { url: t('check.address') }),
    submit: async ({ url }) => {
      const { webhookSecret } = await api.admin.notifications.changePolicy({ webhookUrl: url.trim() });
      await saved();
      if (webhookSecret !== undefined) onSecret(webhookSecret);
    },
  });
  return (
    <FormDialog
      form={form}
      title={t('notify.webhook')}
      description={t(before === null ? 'notify.addressWords' : 'notify.newAddressWords')}
      onClose={onClose}
    >
      <AddressField autoFocus value={form.values.url} error={form.errors.url} onChange={(url) => form.set('url', url)} />
    </FormDialog>
  );
}
