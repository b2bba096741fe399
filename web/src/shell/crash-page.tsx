import { RefreshCw } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useRouteError } from 'react-router';
import { Button, EmptyState } from '@/design';

/** A page that threw, or whose files are gone because a newer version is there. */
export function CrashPage() {
  const { t } = useTranslation();
  const error = useRouteError();
  const outdated = error instanceof TypeError && /import|module|fetch/i.test(error.message);
  return (
    <EmptyState
      icon={<RefreshCw size={24} aria-hidden="true" />}
      alone
      title={outdated ? t('crash.newVersion') : t('crash.title')}
      tone={outdated ? 'plain' : 'wrong'}
      announce="alert"
      action={
        <Button variant="primary" onClick={() => location.reload()}>
          {t('action.reload')}
        </Button>
      }
    >
      {outdated ? t('crash.newVersionWords') : t('crash.words')}
    </EmptyState>
  );
}
