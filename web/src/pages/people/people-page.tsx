import { useQuery } from '@tanstack/react-query';
import { LockKeyhole, UserPlus, UsersRound } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Colleague, useSession } from '@/api';
import { Avatar, Badge, Button, EmptyState, FourStates, Skeleton, SkeletonGroup } from '@/design';
import { keys } from '@/pages/queries';
import { PageHeader } from '@/shell/page-header';
import { PageTitle } from '@/shell/page-title';
import { Invitations } from './invitations';
import { InviteDialog } from './invite-dialog';
import styles from './people-page.module.css';

/** Who belongs to the organisation, and who is invited. */
export function PeoplePage() {
  const { t } = useTranslation('people');
  const { person } = useSession();
  const [inviting, setInviting] = useState(false);
  const mayInvite = person?.role === 'owner' || person?.role === 'admin';
  const people = useQuery({ queryKey: keys.people, queryFn: ({ signal }) => api.people.list(signal) });
  const forbidden = (
    <EmptyState icon={<LockKeyhole size={24} aria-hidden="true" />} title={t('forbidden')}>
      {t('forbiddenWords')}
    </EmptyState>
  );
  return (
    <>
      <PageTitle>{t('title')}</PageTitle>
      <PageHeader
        title={t('title')}
        lead={person?.organisation.name}
        actions={
          mayInvite && (
            <Button variant="primary" icon={<UserPlus size={18} aria-hidden="true" />} onClick={() => setInviting(true)}>
              {t('invite.open')}
            </Button>
          )
        }
      />
      <div className={styles.blocks}>
        <FourStates answer={people} busy={<Busy />} forbidden={forbidden}>
          {({ people: list }) => (
            <>
              {mayInvite && <Invitations />}
              <section>
                <h2 className={styles.heading}>{t('members', { count: list.length })}</h2>
                <ul className={styles.list}>
                  {list.map((colleague) => (
                    <Row key={colleague.id} colleague={colleague} you={colleague.id === person?.id} />
                  ))}
                </ul>
                {list.length === 1 && mayInvite && (
                  <EmptyState
                    icon={<UsersRound size={24} aria-hidden="true" />}
                    title={t('alone')}
                    action={<Button onClick={() => setInviting(true)}>{t('invite.open')}</Button>}
                  >
                    {t('aloneWords')}
                  </EmptyState>
                )}
              </section>
            </>
          )}
        </FourStates>
      </div>
      <InviteDialog open={inviting} onOpenChange={setInviting} />
    </>
  );
}

function Row({ colleague, you }: { colleague: Colleague; you: boolean }) {
  const { t } = useTranslation(['people', 'common']);
  return (
    <li className={styles.row}>
      <Avatar name={colleague.name} id={colleague.id} size={40} />
      <div className={styles.words}>
        <p className={styles.name}>
          {colleague.name}
          {you && <span className={styles.you}>{t('you')}</span>}
        </p>
        <p className={styles.detail}>{colleague.email}</p>
      </div>
      <Badge tone={colleague.role === 'member' ? 'plain' : 'harbour'}>{t(`common:role.${colleague.role}`)}</Badge>
    </li>
  );
}

function Busy() {
  return (
    <SkeletonGroup>
      <Skeleton width={96} className={styles.headingBusy} />
      <div className={styles.list}>
        {[38, 30, 44, 34].map((width) => (
          <div key={width} className={styles.row}>
            <Skeleton shape="circle" width={40} height={40} />
            <div className={styles.words}>
              <Skeleton width={`${width}%`} />
              <Skeleton width={`${width + 10}%`} />
            </div>
            <Skeleton width={64} height={20} />
          </div>
        ))}
      </div>
    </SkeletonGroup>
  );
}
