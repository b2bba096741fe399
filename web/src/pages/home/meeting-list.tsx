import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Meeting } from '@/api';
import { Badge, ButtonLink, CopyButton, Skeleton, SkeletonGroup } from '@/design';
import { useFormat } from '@/i18n';
import { byDay, goesOn, splitLive, timeOf } from './meeting-days';
import styles from './meeting-list.module.css';

/** Meetings under their days; what goes on now stands first. */
export function MeetingList({ meetings }: { meetings: readonly Meeting[] }) {
  const { t } = useTranslation('meetings');
  const format = useFormat();
  const { live, others } = splitLive(meetings);
  return (
    <div className={styles.days}>
      {live.length > 0 && <Day title={t('day.now')} meetings={live} />}
      {byDay(others).map(({ day, meetings: onDay }) => (
        <Day key={day?.getTime() ?? 'none'} title={day ? format.day(day) : t('day.none')} meetings={onDay} />
      ))}
    </div>
  );
}

function Day({ title, meetings }: { title: string; meetings: readonly Meeting[] }) {
  return (
    <section>
      <h2 className={styles.day}>{title}</h2>
      <ul className={styles.list}>
        {meetings.map((meeting) => (
          <Row key={meeting.id} meeting={meeting} />
        ))}
      </ul>
    </section>
  );
}

function Row({ meeting }: { meeting: Meeting }) {
  const { t } = useTranslation(['meetings', 'common']);
  const format = useFormat();
  const at = timeOf(meeting);
  const ended = meeting.status === 'ended';
  return (
    <li className={styles.row}>
      {at && (
        <time className={styles.time} dateTime={at.toISOString()}>
          {format.time(at)}
        </time>
      )}
      <div className={styles.words}>
        <p className={styles.title}>
          <Link to={`/meetings/${meeting.id}`} className={styles.link}>
            {meeting.title}
          </Link>
          {meeting.kind === 'webinar' && <Badge>{t('kind.webinar')}</Badge>}
          {goesOn(meeting) && (
            <Badge tone="jade" dot>
              {t('live.with', { count: meeting.participants })}
            </Badge>
          )}
        </p>
        <p className={styles.detail}>
          {meeting.mine ? t('row.youHost') : t('row.host', { name: meeting.host.name })}
          {ended && <Length meeting={meeting} />}
        </p>
      </div>
      {!ended && (
        <div className={styles.actions}>
          <span className={styles.copy}>
            <CopyButton iconOnly text={meeting.link} label={t('common:copy.link')} />
          </span>
          <ButtonLink to={`/m/${meeting.code}`} variant={goesOn(meeting) ? 'primary' : 'secondary'}>
            {t('join.action')}
          </ButtonLink>
        </div>
      )}
    </li>
  );
}

function Length({ meeting }: { meeting: Meeting }) {
  const format = useFormat();
  if (meeting.startedAt === null || meeting.endedAt === null) return null;
  return <> · {format.span(Date.parse(meeting.endedAt) - Date.parse(meeting.startedAt))}</>;
}

export function MeetingListBusy() {
  return (
    <SkeletonGroup className={styles.days}>
      {[2, 3].map((rows) => (
        <div key={rows}>
          <Skeleton width={96} className={styles.dayBusy} />
          <div className={styles.list}>
            {Array.from({ length: rows }, (_, row) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same and never move.
              <div key={row} className={styles.row}>
                <Skeleton width={40} />
                <div className={styles.words}>
                  <Skeleton width={row % 2 === 0 ? '46%' : '60%'} />
                  <Skeleton width="24%" />
                </div>
                <Skeleton shape="block" width={72} height={40} />
              </div>
            ))}
          </div>
        </div>
      ))}
    </SkeletonGroup>
  );
}
