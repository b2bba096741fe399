import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api';
import { Card, FourStates } from '@/design';
import { adminKeys } from '../admin-queries';
import { AdminSection } from '../admin-section';
import { BusyRows } from '../busy-rows';
import { UrgentWebhook } from './urgent-webhook';
import { WhatIsTold } from './what-is-told';

/** What the organisation lets out of the house with a notification, and what rings when nobody confirms. */
export function NotificationsPage() {
  const { t } = useTranslation('admin');
  const policy = useQuery({
    queryKey: adminKeys.notificationPolicy,
    queryFn: ({ signal }) => api.admin.notifications.policy(signal),
  });
  return (
    <AdminSection name="notifications">
      <FourStates
        answer={policy}
        busy={
          <Card title={t('notify.title')} flush>
            <BusyRows />
          </Card>
        }
      >
        {(now) => (
          <>
            <WhatIsTold policy={now} />
            <UrgentWebhook url={now.webhookUrl} />
          </>
        )}
      </FourStates>
    </AdminSection>
  );
}
