import { CalendarDays, History } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { Button, EmptyState, FourStates, TabPanel, Tabs } from '@/design';
import { More } from '@/pages/more';
import { useMeetings } from '@/pages/queries';
import { PageTitle } from '@/shell/page-title';
import styles from './home-page.module.css';
import { MeetingList, MeetingListBusy } from './meeting-list';
import { ScheduleDialog } from './schedule-dialog';
import { StartPanel } from './start-panel';

const lists = ['upcoming', 'past'] as const;
type List = (typeof lists)[number];

export function HomePage() {
  const { t } = useTranslation('meetings');
  const [search, setSearch] = useSearchParams();
  const [scheduling, setScheduling] = useState(false);
  const list = lists.find((name) => name === search.get('list')) ?? 'upcoming';
  const choose = (chosen: List): void =>
    setSearch(chosen === 'upcoming' ? {} : { list: chosen }, { replace: true, preventScrollReset: true });
  return (
    <div className={styles.page}>
      <PageTitle>{t('title')}</PageTitle>
      <StartPanel onSchedule={() => setScheduling(true)} />
      <Tabs
        value={list}
        onChange={choose}
        label={t('lists')}
        tabs={[
          { value: 'upcoming', label: t('upcoming.title') },
          { value: 'past', label: t('past.title') },
        ]}
      >
        <TabPanel value="upcoming" className={styles.panel}>
          <Upcoming onSchedule={() => setScheduling(true)} />
        </TabPanel>
        <TabPanel value="past" className={styles.panel}>
          <Past />
        </TabPanel>
      </Tabs>
      <ScheduleDialog open={scheduling} onOpenChange={setScheduling} />
    </div>
  );
}

function Upcoming({ onSchedule }: { onSchedule: () => void }) {
  const { t } = useTranslation('meetings');
  const meetings = useMeetings('upcoming');
  const empty = (
    <EmptyState
      icon={<CalendarDays size={24} aria-hidden="true" />}
      title={t('upcoming.empty')}
      action={<Button onClick={onSchedule}>{t('schedule.open')}</Button>}
    >
      {t('upcoming.emptyWords')}
    </EmptyState>
  );
  return (
    <FourStates answer={meetings} busy={<MeetingListBusy />} isEmpty={(list) => list.length === 0} empty={empty}>
      {(list) => (
        <>
          <MeetingList meetings={list} />
          <More answer={meetings}>{t('more')}</More>
        </>
      )}
    </FourStates>
  );
}

function Past() {
  const { t } = useTranslation('meetings');
  const meetings = useMeetings('past');
  const empty = (
    <EmptyState icon={<History size={24} aria-hidden="true" />} title={t('past.empty')}>
      {t('past.emptyWords')}
    </EmptyState>
  );
  return (
    <FourStates answer={meetings} busy={<MeetingListBusy />} isEmpty={(list) => list.length === 0} empty={empty}>
      {(list) => (
        <>
          <MeetingList meetings={list} />
          <More answer={meetings}>{t('more')}</More>
        </>
      )}
    </FourStates>
  );
}
