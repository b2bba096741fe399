import { KeyRound } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Navigate, useSearchParams } from 'react-router';
import { session, useSession } from '@/api';
import { Banner, Button, EmptyState, Field, Input, PasswordInput } from '@/design';
import { FormFailure } from '@/pages/forms/form-failure';
import { looksLikeEmail, useForm } from '@/pages/forms/use-form';
import { useServer } from '@/pages/queries';
import { PageTitle } from '@/shell/page-title';
import styles from './auth-form.module.css';
import { safeNext } from './safe-next';

export function SignInPage() {
  const { t } = useTranslation('auth');
  const [search] = useSearchParams();
  const { person, ended } = useSession();
  const server = useServer();
  const form = useForm({
    initial: { email: '', password: '' },
    check: ({ email, password }) => ({
      ...(looksLikeEmail(email) ? {} : { email: t('check.email') }),
      ...(password === '' ? { password: t('check.password') } : {}),
    }),
    submit: ({ email, password }) => session.signIn(email.trim(), password),
  });

  if (person) return <Navigate to={safeNext(search.get('next'))} replace />;
  if (server.data?.setUp === false) {
    return (
      <>
        <PageTitle>{t('notSetUp.title')}</PageTitle>
        <EmptyState icon={<KeyRound size={24} aria-hidden="true" />} alone title={t('notSetUp.title')}>
          {t('notSetUp.words')}
        </EmptyState>
      </>
    );
  }
  return (
    <div className={styles.box}>
      <PageTitle>{t('signIn.title')}</PageTitle>
      <header className={styles.header}>
        <h1>{t('signIn.title')}</h1>
      </header>
      <form className={styles.form} onSubmit={form.onSubmit} noValidate>
        {ended && !form.failure && <Banner tone="attention">{t('signIn.ended')}</Banner>}
        <FormFailure failure={form.failure} />
        <Field label={t('field.email')} error={form.errors.email}>
          <Input
            type="email"
            name="email"
            autoComplete="username"
            autoFocus
            value={form.values.email}
            onChange={(event) => form.set('email', event.target.value)}
          />
        </Field>
        <Field label={t('field.password')} error={form.errors.password}>
          <PasswordInput
            name="password"
            autoComplete="current-password"
            value={form.values.password}
            onChange={(event) => form.set('password', event.target.value)}
          />
        </Field>
        <Button type="submit" variant="primary" size="large" wide busy={form.busy} className={styles.submit}>
          {t('signIn.action')}
        </Button>
      </form>
      <p className={styles.note}>{t('signIn.note')}</p>
    </div>
  );
}
