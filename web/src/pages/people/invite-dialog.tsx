import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type InvitationMade, useSession } from '@/api';
import { Button, Dialog, Field, Input, Select } from '@/design';
import { useFormat } from '@/i18n';
import { DialogForm } from '@/pages/forms/form-dialog';
import { ShownOnce } from '@/pages/forms/shown-once';
import { looksLikeEmail, useForm } from '@/pages/forms/use-form';
import { keys } from '@/pages/queries';

export function InviteDialog({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const { t } = useTranslation('people');
  const [made, setMade] = useState<InvitationMade | null>(null);
  const change = (next: boolean): void => {
    onOpenChange(next);
    // The link is shown once; the next invitation begins with an empty form.
    if (!next) setMade(null);
  };
  return (
    <Dialog
      open={open}
      onOpenChange={change}
      title={t(made ? 'invite.madeTitle' : 'invite.title')}
      description={made ? t('invite.madeWords', { email: made.email }) : t('invite.words')}
    >
      {made ? (
        <Made made={made} onAnother={() => setMade(null)} onDone={() => change(false)} />
      ) : (
        <Ask onMade={setMade} onCancel={() => change(false)} />
      )}
    </Dialog>
  );
}

function Ask({ onMade, onCancel }: { onMade: (made: InvitationMade) => void; onCancel: () => void }) {
  const { t } = useTranslation(['people', 'common']);
  const queries = useQueryClient();
  const { person } = useSession();
  const form = useForm<{ email: string; role: 'admin' | 'member' }>({
    initial: { email: '', role: 'member' },
    check: ({ email }) => (looksLikeEmail(email) ? {} : { email: t('invite.emailCheck') }),
    submit: async ({ email, role }) => {
      onMade(await api.invitations.create({ email: email.trim(), role }));
      void queries.invalidateQueries({ queryKey: keys.invitations });
    },
  });
  return (
    <DialogForm form={form} action={t('invite.action')} onClose={onCancel}>
      <Field label={t('invite.email')} error={form.errors.email}>
        <Input
          type="email"
          name="email"
          autoComplete="off"
          autoFocus
          value={form.values.email}
          onChange={(event) => form.set('email', event.target.value)}
        />
      </Field>
      <Field label={t('invite.role')} hint={t(`invite.roleHint.${form.values.role}`, { organisation: person?.organisation.name })}>
        <Select
          name="role"
          value={form.values.role}
          onChange={(event) => form.set('role', event.target.value === 'admin' ? 'admin' : 'member')}
        >
          <option value="member">{t('common:role.member')}</option>
          <option value="admin">{t('common:role.admin')}</option>
        </Select>
      </Field>
    </DialogForm>
  );
}

function Made({ made, onAnother, onDone }: { made: InvitationMade; onAnother: () => void; onDone: () => void }) {
  const { t } = useTranslation(['people', 'common']);
  const format = useFormat();
  return (
    <ShownOnce
      label={t('invite.link')}
      value={made.link}
      hint={t('invite.linkHint', { time: format.moment(new Date(made.expiresAt)) })}
      copy={t('common:copy.link')}
      once={t('invite.once')}
      next={
        <Button variant="quiet" onClick={onAnother}>
          {t('invite.another')}
        </Button>
      }
      onDone={onDone}
    />
  );
}
