import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api';
import { Card, FourStates } from '@/design';
import { adminKeys } from '../admin-queries';
import { AdminSection } from '../admin-section';
import { BusyRows } from '../busy-rows';
import { CaptionRules } from './caption-rules';
import { Glossary } from './glossary';

/** How captions are written: which language, which characters, which names. */
export function CaptionsPage() {
  const { t } = useTranslation('admin');
  const settings = useQuery({ queryKey: adminKeys.captionSettings, queryFn: ({ signal }) => api.admin.captions.settings(signal) });
  return (
    <AdminSection name="captions">
      <FourStates
        answer={settings}
        busy={
          <Card title={t('captions.rules')} flush>
            <BusyRows />
          </Card>
        }
      >
        {(now) => (
          <>
            <CaptionRules settings={now} />
            <Glossary terms={now.glossary} />
          </>
        )}
      </FourStates>
    </AdminSection>
  );
}
