import { useTranslation } from 'react-i18next';
import { Link, Outlet, ScrollRestoration } from 'react-router';
import { HarbourView } from '@/shell/harbour-view';
import { Wordmark } from '@/shell/mark';
import { LanguageMenu, ThemeMenu } from '@/shell/preferences-menus';
import styles from './auth-layout.module.css';

/** The door: everything before somebody is in. */
export function AuthLayout() {
  const { t } = useTranslation('auth');
  return (
    <div className={styles.door}>
      <aside className={styles.view}>
        <p className={styles.words}>{t('tagline')}</p>
        <HarbourView className={styles.harbour} />
      </aside>
      <div className={styles.side}>
        <header className={styles.header}>
          <Link to="/" className={styles.home}>
            <Wordmark />
          </Link>
          <ThemeMenu />
          <LanguageMenu />
        </header>
        <main className={styles.main}>
          <Outlet />
        </main>
      </div>
      <ScrollRestoration />
    </div>
  );
}
