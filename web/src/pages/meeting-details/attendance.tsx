import { useQuery } from '@tanstack/react-query';
import { Download, UserX } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { type Attendance as AttendanceList, api, type Meeting } from '@/api';
import { Avatar, Badge, Button, EmptyState, FourStates, Skeleton, SkeletonGroup } from '@/design';
import { useFormat } from '@/i18n';
import { keys } from '@/pages/queries';
import styles from './attendance.module.css';
import { attendanceCsv, presence } from './presence';
import { saveFile } from './save-file';

/** Who was there, and how long. For hosts. */
export function Attendance({ meeting }: { meeting: Meeting }) {
  const { t } = useTranslation('meetings');
  const attendance = useQuery({
    queryKey: keys.attendance(meeting.id),
    queryFn: ({ signal }) => api.meetings.attendance(meeting.id, signal),
    refetchInterval: meeting.status === 'live' ? 15_000 : false,
  });
  const empty = (
    <EmptyState icon={<UserX size={24} aria-hidden="true" />} title={t('attendance.empty')}>
      {t('attendance.emptyWords')}
    </EmptyState>
  );
  return (
    <FourStates answer={attendance} busy={<Busy />} isEmpty={({ people }) => people.length === 0} empty={empty}>
      {({ people }) => <List meeting={meeting} people={people} />}
    </FourStates>
  );
}

function List({ meeting, people }: { meeting: Meeting; people: AttendanceList['people'] }) {
  const { t } = useTranslation(['meetings', 'common']);
  const format = useFormat();
  const now = new Date();
  const save = (): void => {
    const header = ['name', 'kind', 'from', 'until', 'minutes'].map((column) => t(`attendance.${column as 'name'}`));
    const kinds = { guest: t('common:role.guest'), member: t('common:role.member') };
    saveFile(`${meeting.title}.csv`, 'text/csv;charset=utf-8', attendanceCsv(people, header, kinds, now));
  };
  return (
    <>
      <div className={styles.bar}>
        <p className={styles.count}>{t('attendance.count', { count: people.length })}</p>
        <Button icon={<Download size={18} aria-hidden="true" />} onClick={save}>
          {t('attendance.save')}
        </Button>
      </div>
      <div className={styles.frame}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{t('attendance.name')}</th>
              <th scope="col">{t('attendance.from')}</th>
              <th scope="col">{t('attendance.until')}</th>
              <th scope="col">{t('attendance.total')}</th>
            </tr>
          </thead>
          <tbody>
            {people.map((person) => {
              const { from, until, totalMs, times } = presence(person.stays, now);
              return (
                <tr key={person.personId}>
                  <th scope="row">
                    <span className={styles.person}>
                      <Avatar name={person.name} id={person.personId} size={28} />
                      <span className={styles.name}>{person.name}</span>
                      {person.guest && <Badge>{t('common:role.guest')}</Badge>}
                    </span>
                  </th>
                  <td>
                    <time dateTime={from.toISOString()}>{format.time(from)}</time>
                  </td>
                  <td>
                    {until ? (
                      <time dateTime={until.toISOString()}>{format.time(until)}</time>
                    ) : (
                      <Badge tone="jade">{t('attendance.inNow')}</Badge>
                    )}
                  </td>
                  <td>
                    {format.span(totalMs)}
                    {times > 1 && <span className={styles.times}> · {t('attendance.times', { count: times })}</span>}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Busy() {
  return (
    <SkeletonGroup className={styles.frame}>
      {[60, 44, 72, 52].map((width) => (
        <div key={width} className={styles.rowBusy}>
          <Skeleton shape="circle" width={28} height={28} />
          <Skeleton width={`${width / 2}%`} />
        </div>
      ))}
    </SkeletonGroup>
  );
}
