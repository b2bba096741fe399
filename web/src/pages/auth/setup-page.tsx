import { useTranslation } from 'react-i18next';
import { Navigate, useLocation } from 'react-router';
import { hasCode, session, useSession } from '@/api';
import { Banner, Button, ButtonLink, Field, Input, PasswordInput } from '@/design';
import { FormFailure } from '@/pages/forms/form-failure';
import { looksLikeEmail, useForm } from '@/pages/forms/use-form';
import { useServer } from '@/pages/queries';
import { PageTitle } from '@/shell/page-title';
import styles from './auth-form.module.css';

/** The owner's link, printed where the server was started: makes the organisation and its first account, once. */
export function SetupPage() {
  const { t } = useTranslation('auth');
  // In the fragment, which browsers keep to themselves.
  const token = useLocation().hash.slice(1);
  const { person } = useSession();
  const server = useServer();
  const passwordMin = server.data?.passwordMin ?? 10;
  const form = useForm({
    initial: { organisation: '', name: '', email: '', password: '' },
    check: ({ organisation, name, email, password }) => ({
      ...(organisation.trim() === '' ? { organisation: t('check.organisation') } : {}),
      ...(name.trim() === '' ? { name: t('check.name') } : {}),
      ...(looksLikeEmail(email) ? {} : { email: t('check.email') }),
      ...(password.length < passwordMin ? { password: t('check.newPassword', { count: passwordMin }) } : {}),
    }),
    submit: ({ email, ...rest }) => session.setUp({ ...rest, email: email.trim(), token }),
  });

  if (person) return <Navigate to="/" replace />;
  const done = server.data?.setUp === true || hasCode(form.failure, 'ACCOUNT_SETUP_DONE');
  if (done) {
    return (
      <div className={styles.box}>
        <PageTitle>{t('setup.title')}</PageTitle>
        <header className={styles.header}>
          <h1>{t('setup.doneTitle')}</h1>
          <p className={styles.lead}>{t('setup.doneWords')}</p>
        </header>
        <ButtonLink to="/sign-in" variant="primary" size="large" wide>
          {t('signIn.action')}
        </ButtonLink>
      </div>
    );
  }
  return (
    <div className={styles.box}>
      <PageTitle>{t('setup.title')}</PageTitle>
      <header className={styles.header}>
        <h1>{t('setup.title')}</h1>
        <p className={styles.lead}>{t('setup.lead')}</p>
      </header>
      <form className={styles.form} onSubmit={form.onSubmit} noValidate>
        {token === '' && (
          <Banner tone="attention" title={t('setup.noToken')}>
            {t('setup.noTokenWords')}
          </Banner>
        )}
        <FormFailure failure={form.failure} />
        <Field label={t('field.organisation')} hint={t('setup.organisationHint')} error={form.errors.organisation}>
          <Input
            name="organisation"
            autoComplete="organization"
            maxLength={80}
            value={form.values.organisation}
            onChange={(event) => form.set('organisation', event.target.value)}
          />
        </Field>
        <Field label={t('field.name')} hint={t('field.nameHint')} error={form.errors.name}>
          <Input
            name="name"
            autoComplete="name"
            maxLength={80}
            value={form.values.name}
            onChange={(event) => form.set('name', event.target.value)}
          />
        </Field>
        <Field label={t('field.email')} error={form.errors.email}>
          <Input
            type="email"
            name="email"
            autoComplete="username"
            maxLength={254}
            value={form.values.email}
            onChange={(event) => form.set('email', event.target.value)}
          />
        </Field>
        <Field label={t('field.password')} hint={t('field.passwordHint', { count: passwordMin })} error={form.errors.password}>
          <PasswordInput
            name="password"
            autoComplete="new-password"
            maxLength={256}
            value={form.values.password}
            onChange={(event) => form.set('password', event.target.value)}
          />
        </Field>
        <Button type="submit" variant="primary" size="large" wide busy={form.busy} disabled={token === ''} className={styles.submit}>
          {t('setup.action')}
        </Button>
      </form>
    </div>
  );
}
