import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Mail } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Invitation } from '@/api';
import { Button, ConfirmDialog, FourStates, useToast } from '@/design';
import { useFormat } from '@/i18n';
import { keys } from '@/pages/queries';
import own from './invitations.module.css';
import styles from './people-page.module.css';

/** Invitations that wait for an answer. Nothing is shown when there are none: the page's own button says how to invite. */
export function Invitations() {
  const { t } = useTranslation('people');
  const invitations = useQuery({ queryKey: keys.invitations, queryFn: ({ signal }) => api.invitations.list(signal) });
  return (
    <FourStates answer={invitations} busy={null} isEmpty={({ invitations: list }) => list.length === 0} empty={null}>
      {({ invitations: list }) => (
        <section>
          <h2 className={styles.heading}>{t('invitations.title', { count: list.length })}</h2>
          <ul className={styles.list}>
            {list.map((invitation) => (
              <Row key={invitation.id} invitation={invitation} />
            ))}
          </ul>
        </section>
      )}
    </FourStates>
  );
}

function Row({ invitation }: { invitation: Invitation }) {
  const { t } = useTranslation(['people', 'common']);
  const format = useFormat();
  const [asking, setAsking] = useState(false);
  const queries = useQueryClient();
  const toast = useToast();
  const withdraw = useMutation({
    mutationFn: () => api.invitations.withdraw(invitation.id),
    onSuccess: () => toast(t('withdraw.done'), { tone: 'good' }),
    onError: (error) => toast(error.message, { tone: 'wrong' }),
    onSettled: () => {
      setAsking(false);
      return queries.invalidateQueries({ queryKey: keys.invitations });
    },
  });
  return (
    <li className={styles.row}>
      <span className={own.sign}>
        <Mail size={20} aria-hidden="true" />
      </span>
      <div className={styles.words}>
        <p className={styles.name}>{invitation.email}</p>
        <p className={styles.detail}>
          {t(`common:role.${invitation.role}`)} · {t('invitations.until', { time: format.moment(new Date(invitation.expiresAt)) })}
        </p>
      </div>
      <Button variant="danger-quiet" onClick={() => setAsking(true)}>
        {t('withdraw.action')}
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t('withdraw.title')}
        description={t('withdraw.words', { email: invitation.email })}
        action={t('withdraw.action')}
        busy={withdraw.isPending}
        onConfirm={() => withdraw.mutate()}
      />
    </li>
  );
}
