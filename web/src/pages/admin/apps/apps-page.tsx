import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { TabPanel, Tabs } from '@/design';
import { AdminSection } from '../admin-section';
import { Apps } from './apps';
import styles from './apps.module.css';
import { Commands } from './commands';
import { Incoming } from './incoming';
import { Outgoing } from './outgoing';

const tabs = ['apps', 'incoming', 'outgoing', 'commands'] as const;

export function AppsPage() {
  const { t } = useTranslation('admin');
  const [search, setSearch] = useSearchParams();
  const tab = tabs.find((name) => name === search.get('tab')) ?? 'apps';
  return (
    <AdminSection name="apps">
      <Tabs
        value={tab}
        label={t('place.apps.title')}
        onChange={(next) => setSearch(next === 'apps' ? {} : { tab: next }, { replace: true })}
        tabs={tabs.map((name) => ({ value: name, label: t(`apps.tab.${name}`) }))}
      >
        <TabPanel value="apps" className={styles.panel}>
          <Apps />
        </TabPanel>
        <TabPanel value="incoming" className={styles.panel}>
          <Incoming />
        </TabPanel>
        <TabPanel value="outgoing" className={styles.panel}>
          <Outgoing />
        </TabPanel>
        <TabPanel value="commands" className={styles.panel}>
          <Commands />
        </TabPanel>
      </Tabs>
    </AdminSection>
  );
}
