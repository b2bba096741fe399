import { useQuery } from '@tanstack/react-query';
import { MailX } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Navigate, useLocation } from 'react-router';
import { api, hasCode, type InvitationFace, session, useSession } from '@/api';
import { Banner, Button, ButtonLink, EmptyState, Field, FourStates, Input, PasswordInput, Skeleton, SkeletonGroup } from '@/design';
import { FormFailure } from '@/pages/forms/form-failure';
import { useForm } from '@/pages/forms/use-form';
import { useServer } from '@/pages/queries';
import { PageTitle } from '@/shell/page-title';
import { useSignOut } from '@/shell/use-sign-out';
import styles from './auth-form.module.css';

/** An invitation's link: what it offers, and the account that it makes. */
export function InvitePage() {
  const { t } = useTranslation('auth');
  // In the fragment, which browsers keep to themselves.
  const token = useLocation().hash.slice(1);
  const { person } = useSession();
  const invitation = useQuery({
    queryKey: ['invitation', token],
    queryFn: ({ signal }) => api.invitations.lookUp(token, signal),
    enabled: token !== '',
    // The account that it makes uses it up: looking again would find nothing.
    staleTime: Number.POSITIVE_INFINITY,
  });
  const invalid = token === '' || (!invitation.data && hasCode(invitation.error, 'INVITATION_INVALID', 'REQUEST_INVALID'));
  return (
    <div className={styles.box}>
      <PageTitle>{t('invite.title')}</PageTitle>
      {invalid ? (
        <EmptyState
          icon={<MailX size={24} aria-hidden="true" />}
          alone
          title={t('invite.invalid')}
          action={<ButtonLink to="/sign-in">{t('signIn.action')}</ButtonLink>}
        >
          {invitation.error?.message ?? t('invite.noToken')}
        </EmptyState>
      ) : (
        <FourStates answer={invitation} busy={<Busy />}>
          {(face) => (person ? <Elsewhere face={face} name={person.name} /> : <Accept face={face} token={token} />)}
        </FourStates>
      )}
    </div>
  );
}

function Accept({ face, token }: { face: InvitationFace; token: string }) {
  const { t } = useTranslation('auth');
  const server = useServer();
  const passwordMin = server.data?.passwordMin ?? 10;
  const form = useForm({
    // A guest who was here before has a name, and proves himself with his password.
    initial: { name: face.known ? face.email.slice(0, 80) : '', password: '' },
    check: ({ name, password }) => ({
      ...(name.trim() === '' ? { name: t('check.name') } : {}),
      ...(password.length < passwordMin ? { password: t('check.newPassword', { count: passwordMin }) } : {}),
    }),
    submit: ({ name, password }) => session.acceptInvitation({ token, name, password }),
  });
  return (
    <>
      <header className={styles.header}>
        <h1>{t('invite.join', { organisation: face.organisation })}</h1>
        <p className={styles.lead}>
          {face.role === 'guest'
            ? t(face.known ? 'invite.lead.guestAgain' : 'invite.lead.guest', {
                name: face.invitedBy,
                conversation: face.conversation ?? '',
              })
            : t(`invite.lead.${face.role}`, { name: face.invitedBy })}
        </p>
      </header>
      <form className={styles.form} onSubmit={form.onSubmit} noValidate>
        <FormFailure failure={form.failure} />
        <Field label={t('field.email')}>
          <Input type="email" name="email" autoComplete="username" readOnly value={face.email} />
        </Field>
        {!face.known && (
          <Field label={t('field.name')} hint={t('field.nameHint')} error={form.errors.name}>
            <Input
              name="name"
              autoComplete="name"
              autoFocus
              maxLength={80}
              value={form.values.name}
              onChange={(event) => form.set('name', event.target.value)}
            />
          </Field>
        )}
        <Field
          label={t('field.password')}
          hint={face.known ? undefined : t('field.passwordHint', { count: passwordMin })}
          error={form.errors.password}
        >
          <PasswordInput
            name="password"
            autoComplete={face.known ? 'current-password' : 'new-password'}
            autoFocus={face.known}
            maxLength={256}
            value={form.values.password}
            onChange={(event) => form.set('password', event.target.value)}
          />
        </Field>
        <Button type="submit" variant="primary" size="large" wide busy={form.busy} className={styles.submit}>
          {t(face.known ? 'signIn.action' : 'invite.action')}
        </Button>
      </form>
    </>
  );
}

/** Somebody else is signed in here; one browser has one account at a time. */
function Elsewhere({ face, name }: { face: InvitationFace; name: string }) {
  const { t } = useTranslation('auth');
  const { signOut, busy } = useSignOut();
  const { person } = useSession();
  if (person?.email === face.email) return <Navigate to="/" replace />;
  return (
    <>
      <header className={styles.header}>
        <h1>{t('invite.join', { organisation: face.organisation })}</h1>
      </header>
      <div className={styles.form}>
        <Banner tone="attention">{t('invite.signedIn', { name, email: face.email })}</Banner>
        <Button variant="primary" size="large" wide busy={busy} onClick={signOut}>
          {t('invite.signOut')}
        </Button>
        <ButtonLink to="/" size="large" wide>
          {t('invite.stay', { name })}
        </ButtonLink>
      </div>
    </>
  );
}

function Busy() {
  return (
    <SkeletonGroup className={styles.form}>
      <Skeleton width="80%" height={30} />
      <Skeleton width="60%" />
      <Skeleton shape="block" height={40} />
      <Skeleton shape="block" height={40} />
      <Skeleton shape="block" height={40} />
      <Skeleton shape="block" height={48} />
    </SkeletonGroup>
  );
}
