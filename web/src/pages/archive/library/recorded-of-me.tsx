import { useInfiniteQuery } from '@tanstack/react-query';
import { ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, type MyRecording, useSession } from '@/api';
import { Badge, type BadgeTone, Button, EmptyState, FourStates, Skeleton, SkeletonGroup } from '@/design';
import { useFormat } from '@/i18n';
import { More } from '@/pages/more';
import { archiveKeys } from '../archive-queries';
import { clock } from '../clock';
import styles from './recorded-of-me.module.css';
import { WithdrawDialog } from './withdraw-dialog';

const tones: Readonly<Record<MyRecording['answer'], BadgeTone>> = {
  asked: 'lantern',
  informed: 'harbour',
  yes: 'harbour',
  no: 'plain',
  withdrawn: 'plain',
  'withdrawn-all': 'plain',
};

/** Where oneself is recorded (Cap. 486, Schedule 1, Principle 6): what one answered, what is kept, and the way out. */
export function RecordedOfMe() {
  const { t } = useTranslation('archive');
  const recordings = useInfiniteQuery({
    queryKey: archiveKeys.ofMe,
    queryFn: ({ pageParam, signal }) => api.recordings.ofMe(pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    select: ({ pages }) => pages.flatMap((page) => page.recordings),
  });
  const empty = (
    <EmptyState icon={<ShieldCheck size={24} aria-hidden="true" />} title={t('me.empty')}>
      {t('me.emptyWords')}
    </EmptyState>
  );
  return (
    <>
      <p className={styles.lead}>{t('me.lead')}</p>
      <FourStates answer={recordings} busy={<Busy />} isEmpty={(list) => list.length === 0} empty={empty}>
        {(list) => (
          <>
            <ul className={styles.list}>
              {list.map((recording) => (
                <Row key={recording.id} recording={recording} />
              ))}
            </ul>
            <More answer={recordings}>{t('more')}</More>
          </>
        )}
      </FourStates>
    </>
  );
}

function Row({ recording }: { readonly recording: MyRecording }) {
  const { t } = useTranslation('archive');
  const format = useFormat();
  const { person } = useSession();
  const [withdrawing, setWithdrawing] = useState(false);
  const { id, title, state, startedAt, stoppedAt, answer, recorded, deleteAt, deletedAt } = recording;
  const length = stoppedAt === null ? null : Date.parse(stoppedAt) - Date.parse(startedAt);
  const open = state !== 'deleted' && person?.role !== 'guest';
  // Whoever took everything back has nothing left to take; who said no may still have been recorded before.
  const canWithdraw = state !== 'deleted' && answer !== 'withdrawn-all' && (recorded || answer === 'yes' || answer === 'informed');
  return (
    <li className={styles.row}>
      <div className={styles.words}>
        <p className={styles.title}>{open ? <Link to={`/archive/${id}`}>{title}</Link> : title}</p>
        <p className={styles.detail}>
          <time dateTime={startedAt}>{format.moment(new Date(startedAt))}</time>
          {length !== null && ` · ${clock(length)}`}
          {` · ${t('startedBy', { name: recording.startedBy })}`}
        </p>
        <p className={styles.badges}>
          <Badge tone={tones[answer]}>{t(`me.answer.${answer}`)}</Badge>
          {state === 'deleted' ? (
            <Badge>{t('me.deleted')}</Badge>
          ) : (
            <Badge tone={recorded ? 'lantern' : 'jade'}>{t(recorded ? 'me.inIt' : 'me.notInIt')}</Badge>
          )}
        </p>
        <p className={styles.small}>
          {deletedAt !== null
            ? t('me.deletedAt', { time: format.moment(new Date(deletedAt)) })
            : deleteAt === null
              ? t('me.keptUntilDeleted')
              : t('me.keptUntil', { time: format.moment(new Date(deleteAt)) })}{' '}
          {t('me.contact', { contact: recording.contact })}
        </p>
      </div>
      {canWithdraw && (
        <Button variant="danger-quiet" onClick={() => setWithdrawing(true)} aria-label={t('me.withdrawFrom', { title })}>
          {t('me.withdraw')}
        </Button>
      )}
      {withdrawing && <WithdrawDialog recording={recording} onClose={() => setWithdrawing(false)} />}
    </li>
  );
}

function Busy() {
  return (
    <SkeletonGroup className={styles.list}>
      {[42, 56, 38].map((width) => (
        <div key={width} className={styles.row}>
          <div className={styles.words}>
            <Skeleton width={`${width}%`} />
            <Skeleton width={`${width + 12}%`} />
            <Skeleton width={120} height={20} />
          </div>
        </div>
      ))}
    </SkeletonGroup>
  );
}
