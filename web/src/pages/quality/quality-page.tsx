import { useQuery } from '@tanstack/react-query';
import { ActivitySquare, ArrowLeft, Download, SearchX } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { api, hasCode, type PersonQuality, type QualityReport } from '@/api';
import { Banner, Button, ButtonLink, EmptyState, FourStates, Skeleton, SkeletonGroup, useToast } from '@/design';
import { saveFile } from '@/pages/meeting-details/save-file';
import { keys } from '@/pages/queries';
import { PageTitle } from '@/shell/page-title';
import { gradeName } from './grade';
import styles from './quality-page.module.css';
import { QualityTable } from './quality-table';

const listedAtMost = 200;
const savedAtMost = 2_000;

interface Report {
  readonly report: QualityReport;
  /** Only one's own part: the rest is for hosts. */
  readonly mine: boolean;
}

/** /meetings/:id/quality: who suffered, and from what. */
export function QualityPage() {
  const { t } = useTranslation(['quality', 'meetings']);
  const { id = '' } = useParams();
  const answer = useQuery({ queryKey: keys.quality(id), queryFn: ({ signal }) => load(id, listedAtMost, signal) });
  if (!answer.data && hasCode(answer.error, 'MEETING_NOT_FOUND', 'REQUEST_INVALID')) {
    return (
      <EmptyState
        icon={<SearchX size={24} aria-hidden="true" />}
        alone
        title={t('notFound')}
        action={
          <ButtonLink to="/" variant="primary">
            {t('meetings:details.back')}
          </ButtonLink>
        }
      >
        {t('notFoundWords')}
      </EmptyState>
    );
  }
  return (
    <>
      <PageTitle>{answer.data ? t('documentTitle', { title: answer.data.report.title }) : t('title')}</PageTitle>
      <Link to={`/meetings/${id}`} className={styles.back}>
        <ArrowLeft size={18} aria-hidden="true" />
        {t('back')}
      </Link>
      <FourStates answer={answer} busy={<Busy />}>
        {(data) => <Loaded id={id} data={data} />}
      </FourStates>
    </>
  );
}

function Loaded({ id, data }: { readonly id: string; readonly data: Report }) {
  const { t } = useTranslation('quality');
  const { report, mine } = data;
  const isEmpty = report.people.every((person) => person.grade === null);
  return (
    <>
      <header className={styles.header}>
        <div className={styles.words}>
          <p className={styles.meeting}>{report.title}</p>
          <h1>{t('title')}</h1>
        </div>
        {!isEmpty && <Save id={id} data={data} />}
      </header>
      {isEmpty ? (
        <EmptyState icon={<ActivitySquare size={24} aria-hidden="true" />} title={t('empty')}>
          {t('emptyWords')}
        </EmptyState>
      ) : (
        <>
          <Summary people={report.people} mine={mine} />
          {report.people.length < report.total && !mine && (
            <p className={styles.note}>{t('listed', { shown: report.people.length, total: report.total })}</p>
          )}
          <QualityTable people={report.people} from={report.from === null ? null : new Date(report.from)} />
          <p className={styles.note}>{t('note')}</p>
          {mine && <p className={styles.note}>{t('onlyMine')}</p>}
        </>
      )}
    </>
  );
}

function Summary({ people, mine }: { readonly people: readonly PersonQuality[]; readonly mine: boolean }) {
  const { t } = useTranslation('quality');
  const count = people.filter(({ grade }) => ['fair', 'bad'].includes(gradeName(grade))).length;
  const words = count === 0 ? t(mine ? 'summary.goodMine' : 'summary.good') : mine ? t('summary.someMine') : t('summary.some', { count });
  return (
    <Banner tone={count === 0 ? 'good' : 'attention'} className={styles.summary}>
      {words}
    </Banner>
  );
}

/** The whole report, as the API gives it. */
function Save({ id, data }: { readonly id: string; readonly data: Report }) {
  const { t } = useTranslation('quality');
  const toast = useToast();
  const [busy, setBusy] = useState(false);
  const save = async (): Promise<void> => {
    setBusy(true);
    try {
      const { report } = data.report.people.length < data.report.total ? await load(id, savedAtMost) : data;
      saveFile(`${report.title}.json`, 'application/json', `${JSON.stringify(report, null, 2)}\n`);
    } catch (error) {
      toast(error instanceof Error ? error.message : '', { tone: 'wrong' });
    }
    setBusy(false);
  };
  return (
    <Button icon={<Download size={18} aria-hidden="true" />} busy={busy} onClick={() => void save()}>
      {t('save')}
    </Button>
  );
}

/** Of everybody for those who may see it, else of oneself. */
async function load(id: string, limit: number, signal?: AbortSignal): Promise<Report> {
  try {
    return { report: await api.meetings.quality(id, { limit }, signal), mine: false };
  } catch (error) {
    if (!hasCode(error, 'AUTH_FORBIDDEN')) throw error;
    return { report: await api.meetings.quality(id, { mine: 'true' }, signal), mine: true };
  }
}

function Busy() {
  return (
    <SkeletonGroup>
      <div className={styles.header}>
        <div className={styles.words}>
          <Skeleton width={160} />
          <Skeleton width={220} height={30} />
        </div>
      </div>
      <Skeleton shape="block" height={48} className={styles.summary} />
      <Skeleton shape="block" height={240} />
    </SkeletonGroup>
  );
}
