import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api';
import { Card, FourStates } from '@/design';
import { adminKeys } from '../admin-queries';
import { AdminSection } from '../admin-section';
import { BusyRows } from '../busy-rows';
import { PolicyForm } from './policy-form';
import { Storage } from './storage';

/** What the organisation allows of recordings, by kind of meeting, and what people are told under it. */
export function RecordingPage() {
  const { t } = useTranslation('admin');
  const policies = useQuery({ queryKey: adminKeys.recordingPolicies, queryFn: ({ signal }) => api.admin.recordingPolicies.list(signal) });
  return (
    <AdminSection name="recording">
      <FourStates
        answer={policies}
        busy={
          <Card title={t('recording.of.meeting')} flush>
            <BusyRows />
          </Card>
        }
      >
        {(now) => now.policies.map((policy) => <PolicyForm key={policy.meetingKind} policy={policy} />)}
      </FourStates>
      <Storage />
    </AdminSection>
  );
}
