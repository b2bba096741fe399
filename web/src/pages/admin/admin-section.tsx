import { ArrowLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { PageHeader } from '@/shell/page-header';
import { PageTitle } from '@/shell/page-title';
import styles from './admin.module.css';
import type { adminPlaces } from './admin-places';

export interface AdminSectionProps {
  readonly name: (typeof adminPlaces)[number]['name'];
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** One sub-page: on a phone with the way back to the list of them. */
export function AdminSection({ name, actions, children }: AdminSectionProps) {
  const { t } = useTranslation('admin');
  const title = t(`place.${name}.title`);
  return (
    <>
      <PageTitle>{title}</PageTitle>
      <Link to="/admin" className={styles.back}>
        <ArrowLeft size={20} aria-hidden="true" />
        {t('title')}
      </Link>
      <PageHeader title={title} lead={t(`place.${name}.words`)} actions={actions} />
      <div className={styles.blocks}>{children}</div>
    </>
  );
}
