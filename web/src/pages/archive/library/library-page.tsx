import { Film } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { useSession } from '@/api';
import { Button, EmptyState, FourStates, TabPanel, Tabs } from '@/design';
import { More } from '@/pages/more';
import { PageHeader } from '@/shell/page-header';
import { PageTitle } from '@/shell/page-title';
import { useRecordings } from '../archive-queries';
import { askOf, LibraryFilters, readFilters } from './library-filters';
import styles from './library-page.module.css';
import { News } from './news';
import { RecordedOfMe } from './recorded-of-me';
import { RecordingGrid, RecordingGridBusy } from './recording-grid';
import { ToDo } from './to-do';
import { useLook } from './use-look';

const views = ['all', 'todo', 'me'] as const;
type View = (typeof views)[number];

/** What was recorded, and where oneself was. */
export function LibraryPage() {
  const { t } = useTranslation('archive');
  const [search, setSearch] = useSearchParams();
  const { person } = useSession();
  // A guest has no archive here; where he was recorded is his to know all the same.
  const guest = person?.role === 'guest';
  const view = guest ? 'me' : (views.find((name) => name === search.get('view')) ?? 'all');
  const choose = (chosen: View): void => setSearch(chosen === 'all' ? {} : { view: chosen }, { replace: true, preventScrollReset: true });
  return (
    <>
      <PageTitle>{t('title')}</PageTitle>
      <PageHeader title={t('title')} lead={t('lead')} />
      {!guest && <News />}
      <Tabs
        value={view}
        onChange={choose}
        label={t('views')}
        tabs={views.filter((value) => value === 'me' || !guest).map((value) => ({ value, label: t(`view.${value}`) }))}
      >
        <TabPanel value="all" className={styles.panel}>
          <Recordings />
        </TabPanel>
        <TabPanel value="todo" className={styles.panel}>
          <ToDo />
        </TabPanel>
        <TabPanel value="me" className={styles.panel}>
          <RecordedOfMe />
        </TabPanel>
      </Tabs>
    </>
  );
}

function Recordings() {
  const { t } = useTranslation('archive');
  const [search, setSearch] = useSearchParams();
  const [look, setLook] = useLook();
  const filters = readFilters(search);
  const recordings = useRecordings(askOf(filters));
  const filtered = Object.values(filters).some((value) => value !== '');
  const clear = (): void => setSearch({}, { replace: true, preventScrollReset: true });
  const empty = filtered ? (
    <EmptyState
      icon={<Film size={24} aria-hidden="true" />}
      title={t('none.title')}
      action={<Button onClick={clear}>{t('none.clear')}</Button>}
    >
      {t('none.words')}
    </EmptyState>
  ) : (
    <EmptyState icon={<Film size={24} aria-hidden="true" />} title={t('empty.title')}>
      {t('empty.words')}
    </EmptyState>
  );
  return (
    <>
      <LibraryFilters
        filters={filters}
        onChange={(next) => setSearch(next, { replace: true, preventScrollReset: true })}
        look={look}
        onLook={setLook}
      />
      <FourStates answer={recordings} busy={<RecordingGridBusy look={look} />} isEmpty={(list) => list.length === 0} empty={empty}>
        {(list) => (
          <>
            <RecordingGrid recordings={list} look={look} />
            <More answer={recordings}>{t('more')}</More>
          </>
        )}
      </FourStates>
    </>
  );
}
