import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type GuestInvitationMade } from '@/api';
import { Dialog, Field, Input } from '@/design';
import { currentLanguage, type Language, languages, useFormat } from '@/i18n';
import { DialogForm } from '@/pages/forms/form-dialog';
import { ShownOnce } from '@/pages/forms/shown-once';
import { looksLikeEmail, useForm } from '@/pages/forms/use-form';

/** Asks whom to invite from outside, then says whether an e-mail is under way, and shows the link, once. */
export function InviteGuestDialog({ conversationId, onClose }: { readonly conversationId: string; readonly onClose: () => void }) {
  const { t } = useTranslation('chat');
  const [made, setMade] = useState<GuestInvitationMade | null>(null);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('guestInvite.title')}
      description={made ? t(`guestInvite.made.${made.mail}`, { email: made.email }) : t('guestInvite.words')}
    >
      {made ? <Made made={made} onDone={onClose} /> : <Ask conversationId={conversationId} onMade={setMade} onCancel={onClose} />}
    </Dialog>
  );
}

function Ask({
  conversationId,
  onMade,
  onCancel,
}: {
  readonly conversationId: string;
  readonly onMade: (made: GuestInvitationMade) => void;
  readonly onCancel: () => void;
}) {
  const { t } = useTranslation('chat');
  const form = useForm({
    initial: { email: '' },
    check: ({ email }) => (looksLikeEmail(email) ? {} : { email: t('guestInvite.emailCheck') }),
    submit: async ({ email }) => onMade(await api.chat.inviteGuest(conversationId, email.trim(), readLanguage())),
  });
  return (
    <DialogForm form={form} action={t('guestInvite.action')} onClose={onCancel}>
      <Field label={t('guestInvite.email')} error={form.errors.email}>
        <Input
          type="email"
          name="email"
          autoComplete="off"
          autoFocus
          value={form.values.email}
          onChange={(event) => form.set('email', event.target.value)}
        />
      </Field>
    </DialogForm>
  );
}

function Made({ made, onDone }: { readonly made: GuestInvitationMade; readonly onDone: () => void }) {
  const { t } = useTranslation(['chat', 'common']);
  const format = useFormat();
  return (
    <ShownOnce
      label={t('guestInvite.link')}
      value={made.link}
      hint={t('guestInvite.linkHint', { time: format.moment(new Date(made.expiresAt)) })}
      copy={t('common:copy.link')}
      once={t('guestInvite.once')}
      isSent={made.mail === 'sent'}
      onDone={onDone}
    />
  );
}

function readLanguage(): Language | null {
  return languages.find(({ value }) => value === currentLanguage())?.value ?? null;
}
