import { useMutation, useQuery } from '@tanstack/react-query';
import { Bot, Check, LockKeyhole, ShieldQuestion, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { ApiError, type AuthorizeFace, api, hasCode, useSession } from '@/api';
import { Button, EmptyState, Skeleton, SkeletonGroup } from '@/design';
import { scopeKeys } from '@/pages/admin/apps/app-scopes';
import { FormFailure } from '@/pages/forms/form-failure';
import { PageTitle } from '@/shell/page-title';
import { RequireAccount } from '@/shell/require-account';
import styles from './authorize-page.module.css';

const asked = ['response_type', 'client_id', 'redirect_uri', 'scope', 'state', 'code_challenge', 'code_challenge_method'] as const;
type Ask = Partial<Record<(typeof asked)[number], string>>;

/**
 * An app asks an administrator for leave (RFC 6749 section 4.1). Where the browser goes afterwards comes
 * from the server alone, which gives no address that the app has not registered.
 */
export function AuthorizePage() {
  return <RequireAccount>{(person) => person && <Asking />}</RequireAccount>;
}

function Asking() {
  const { t } = useTranslation('admin');
  const { person } = useSession();
  const [search] = useSearchParams();
  const ask: Ask = Object.fromEntries(asked.flatMap((name) => (search.has(name) ? [[name, search.get(name) ?? '']] : [])));
  // Twice the same parameter is a mistake or a trick (RFC 6749 section 3.1).
  const isTwice = asked.some((name) => search.getAll(name).length > 1);
  const isWhole = !isTwice && Boolean(ask.client_id) && Boolean(ask.redirect_uri);
  const face = useQuery({
    queryKey: ['oauth', ask],
    queryFn: ({ signal }) => api.admin.oauth.look(ask, signal),
    enabled: isWhole,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const mayAllow = person?.role === 'owner' || person?.role === 'admin';
  return (
    <div className={styles.box}>
      <PageTitle>{t('oauth.title')}</PageTitle>
      {!mayAllow ? (
        <EmptyState icon={<LockKeyhole size={24} aria-hidden="true" />} alone title={t('oauth.forbidden')}>
          {t('forbiddenWords')}
        </EmptyState>
      ) : !isWhole ? (
        <Refusal words={t('oauth.incomplete')} code={null} />
      ) : face.data ? (
        <Question face={face.data} ask={ask} />
      ) : face.error ? (
        <Refusal
          words={
            hasCode(face.error, 'BOT_APP_NOT_FOUND')
              ? t('oauth.unknownApp')
              : hasCode(face.error, 'BOT_REDIRECT')
                ? t('oauth.unregistered')
                : hasCode(face.error, 'REQUEST_INVALID')
                  ? t('oauth.incomplete')
                  : face.error.message
          }
          code={face.error instanceof ApiError ? face.error.code : null}
        />
      ) : (
        <SkeletonGroup>
          <Skeleton width="60%" height={36} />
          <Skeleton width="90%" />
          <Skeleton width="80%" />
        </SkeletonGroup>
      )}
    </div>
  );
}

function Refusal({ words, code }: { readonly words: string; readonly code: string | null }) {
  const { t } = useTranslation('admin');
  return (
    <EmptyState
      tone="wrong"
      icon={<TriangleAlert size={24} aria-hidden="true" />}
      alone
      title={t('oauth.wrong')}
      code={code ?? undefined}
      announce="alert"
    >
      {words} {t('oauth.wrongDo')}
    </EmptyState>
  );
}

function Question({ face, ask }: { readonly face: AuthorizeFace; readonly ask: Ask }) {
  const { t } = useTranslation('admin');
  const { person } = useSession();
  const decide = useMutation({
    mutationFn: (allow: boolean) => api.admin.oauth.decide(ask, allow),
    onSuccess: ({ redirect }) => location.assign(redirect),
  });
  const host = hostOf(ask.redirect_uri ?? '');
  const { app, scopes, redirect } = face;
  if (redirect !== null) {
    return (
      <EmptyState
        tone="wrong"
        icon={<TriangleAlert size={24} aria-hidden="true" />}
        alone
        title={t('oauth.wrong')}
        action={<Button onClick={() => location.assign(redirect)}>{t('oauth.back', { host })}</Button>}
        announce="alert"
      >
        {t('oauth.wrongAsk', { name: app.name, detail: detailOf(redirect) })}
      </EmptyState>
    );
  }
  return (
    <>
      <header className={styles.header}>
        <span className={styles.sign}>
          <Bot size={24} aria-hidden="true" />
        </span>
        <h1>{t('oauth.question', { name: app.name })}</h1>
        <p className={styles.lead}>{t('oauth.lead', { organisation: person?.organisation.name })}</p>
        {app.description !== '' && <p className={styles.description}>{app.description}</p>}
      </header>
      <FormFailure failure={decide.error instanceof ApiError ? decide.error : null} />
      <h2 className={styles.heading}>{t('oauth.may')}</h2>
      <ul className={styles.scopes}>
        {scopes.map((scope) => (
          <li key={scope}>
            <Check size={20} aria-hidden="true" />
            <span>{t(`apps.scope.${scopeKeys[scope]}`)}</span>
          </li>
        ))}
      </ul>
      <p className={styles.note}>
        <ShieldQuestion size={20} aria-hidden="true" />
        <span>{t('oauth.note', { host })}</span>
      </p>
      <div className={styles.actions}>
        <Button size="large" wide disabled={decide.isPending} onClick={() => decide.mutate(false)}>
          {t('oauth.refuse')}
        </Button>
        <Button size="large" wide variant="primary" busy={decide.isPending} onClick={() => decide.mutate(true)}>
          {t('oauth.allow')}
        </Button>
      </div>
    </>
  );
}

function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : address;
}

/** What the server would tell the app. */
function detailOf(address: string): string {
  return URL.canParse(address) ? (new URL(address).searchParams.get('error_description') ?? '') : '';
}
