import { Compass } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { ButtonLink, EmptyState } from '@/design';
import { HarbourView } from '@/shell/harbour-view';
import { PageTitle } from '@/shell/page-title';
import styles from './not-found-page.module.css';

export function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <main className={styles.page}>
      <PageTitle>{t('notFound.title')}</PageTitle>
      <EmptyState
        icon={<Compass size={24} aria-hidden="true" />}
        alone
        title={t('notFound.title')}
        action={
          <ButtonLink to="/" variant="primary">
            {t('notFound.action')}
          </ButtonLink>
        }
      >
        {t('notFound.words')}
      </EmptyState>
      <HarbourView className={styles.harbour} />
    </main>
  );
}
