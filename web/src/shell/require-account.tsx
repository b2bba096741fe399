import { CloudOff } from 'lucide-react';
import { type ReactNode, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate, useLocation } from 'react-router';
import { type Person, useSession } from '@/api';
import { EmptyState, Spinner } from '@/design';
import styles from './loading-page.module.css';

/** What needs an account waits here for it, or goes to the sign-in and comes back. Null: not known yet. */
export function RequireAccount({ children }: { children: (person: Person | null) => ReactNode }) {
  const { t } = useTranslation();
  const { person, loading, unreachable, ended } = useSession();
  const { pathname, search, hash } = useLocation();
  const wasHere = useRef(false);
  if (person) wasHere.current = true;
  if (unreachable && !person) {
    return (
      <div className={styles.page}>
        <EmptyState
          icon={<CloudOff size={24} aria-hidden="true" />}
          alone
          title={t('state.unreachable')}
          action={<Spinner size={24} />}
          announce="alert"
        >
          {t('state.unreachableWords')}
        </EmptyState>
      </div>
    );
  }
  if (!person && !loading) {
    // Whoever left on purpose is not led back to where he was; somebody else may sit there next.
    const left = wasHere.current && !ended;
    const here = `${pathname}${search}${hash}`;
    return <Navigate to={left || here === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(here)}`} replace />;
  }
  return children(person);
}
