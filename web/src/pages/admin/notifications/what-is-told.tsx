import { useMutation, useQueryClient } from '@tanstack/react-query';
import { BellRing } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { api, type NotificationPolicy } from '@/api';
import { Card, Choice, Switch, useToast } from '@/design';
import admin from '../admin.module.css';
import { adminKeys } from '../admin-queries';
import styles from './notifications.module.css';

const privacies = ['ids', 'names', 'text'] as const satisfies readonly NotificationPolicy['privacy'][];

/** Each part works at once; under the choice stands what a locked phone would show. */
export function WhatIsTold({ policy }: { readonly policy: NotificationPolicy }) {
  const { t } = useTranslation('admin');
  const queries = useQueryClient();
  const toast = useToast();
  const key = adminKeys.notificationPolicy;
  const change = useMutation({
    // One after the other, so that the last answer is the last word.
    scope: { id: 'notification-policy' },
    mutationKey: key,
    mutationFn: (patch: Partial<Pick<NotificationPolicy, 'privacy' | 'urgentOverQuiet'>>) => api.admin.notifications.changePolicy(patch),
    // What is shown follows the hand; an answer from before must not undo it.
    onMutate: async (patch) => {
      await queries.cancelQueries({ queryKey: key }, { revert: false, silent: true });
      queries.setQueryData<NotificationPolicy>(key, (now) => now && { ...now, ...patch });
    },
    onSuccess: () => toast(t('list.saved'), { tone: 'good' }),
    onError: (error) => toast(error.message, { tone: 'wrong' }),
    onSettled: () => {
      if (queries.isMutating({ mutationKey: key }) === 1) void queries.invalidateQueries({ queryKey: key });
    },
  });
  const { privacy, urgentOverQuiet } = policy;
  return (
    <Card title={t('notify.title')} description={t('notify.words')}>
      <div className={admin.stack}>
        <Choice
          label={t('notify.privacy')}
          hint={t(`notify.privacyWords.${privacy}`)}
          value={privacy}
          onChange={(next) => change.mutate({ privacy: next })}
          choices={privacies.map((value) => ({ value, label: t(`notify.privacies.${value}`) }))}
        />
        <figure className={styles.sample}>
          <figcaption className={admin.small}>{t('notify.sample')}</figcaption>
          <div className={styles.push}>
            <span className={admin.sign}>
              <BellRing size={20} aria-hidden="true" />
            </span>
            <div className={admin.words}>
              <p className={admin.name}>{t(privacy === 'ids' ? 'notify.sampleIds' : 'notify.sampleNames')}</p>
              {privacy === 'text' && <p className={admin.detail}>{t('notify.sampleText')}</p>}
            </div>
          </div>
        </figure>
        <Switch
          label={t('notify.urgent')}
          description={t('notify.urgentWords')}
          checked={urgentOverQuiet}
          onChange={(next) => change.mutate({ urgentOverQuiet: next })}
        />
      </div>
    </Card>
  );
}
