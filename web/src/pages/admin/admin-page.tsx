import { LockKeyhole } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link, NavLink, Outlet, useLocation } from 'react-router';
import { useSession } from '@/api';
import { EmptyState } from '@/design';
import { PageHeader } from '@/shell/page-header';
import { PageTitle } from '@/shell/page-title';
import styles from './admin.module.css';
import { adminPlaces } from './admin-places';

/** What stands around the pages of those who govern chat. The server decides who may; this only spares others an empty page. */
export function AdminPage() {
  const { t } = useTranslation('admin');
  const { person } = useSession();
  const { pathname } = useLocation();
  if (person?.role !== 'owner' && person?.role !== 'admin') {
    return (
      <>
        <PageTitle>{t('title')}</PageTitle>
        <PageHeader title={t('title')} />
        <EmptyState icon={<LockKeyhole size={24} aria-hidden="true" />} title={t('forbidden')}>
          {t('forbiddenWords')}
        </EmptyState>
      </>
    );
  }
  if (/^\/admin\/?$/.test(pathname)) return <Places />;
  return (
    <div className={styles.page}>
      <nav className={styles.nav} aria-label={t('title')}>
        <Link to="/admin" className={styles.navTitle}>
          {t('title')}
        </Link>
        {adminPlaces.map(({ name, path, icon: Icon }) => (
          <NavLink key={name} to={path} className={styles.navLink ?? ''}>
            <Icon size={20} aria-hidden="true" />
            {t(`place.${name}.title`)}
          </NavLink>
        ))}
      </nav>
      <div>
        <Outlet />
      </div>
    </div>
  );
}

function Places() {
  const { t } = useTranslation('admin');
  return (
    <>
      <PageTitle>{t('title')}</PageTitle>
      <PageHeader title={t('title')} lead={t('lead')} />
      <ul className={styles.places}>
        {adminPlaces.map(({ name, path, icon: Icon }) => (
          <li key={name}>
            <Link to={path} className={styles.place}>
              <span className={styles.sign}>
                <Icon size={20} aria-hidden="true" />
              </span>
              <span className={styles.words}>
                <span className={styles.name}>{t(`place.${name}.title`)}</span>
                <span className={styles.detail}>{t(`place.${name}.words`)}</span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}
