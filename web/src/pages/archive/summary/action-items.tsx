import { Check, CircleCheckBig, CircleUser, Pencil, Plus, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ActionItem, api, type RecordingDetail } from '@/api';
import { Badge, type BadgeTone, Button } from '@/design';
import { useFormat } from '@/i18n';
import { useAct } from '@/pages/admin/use-act';
import { archiveKeys } from '../archive-queries';
import { Moment } from '../player/moment';
import { ActionDialog } from './action-dialog';
import styles from './summary-panel.module.css';

const tones: Readonly<Record<ActionItem['state'], BadgeTone>> = {
  proposed: 'lantern',
  confirmed: 'harbour',
  dismissed: 'plain',
  done: 'jade',
};

/** Who does what by when: the machine proposes, a person confirms, and then whoever has to do it is told. */
export function ActionItems({
  recording,
  items,
  mayManage,
}: {
  readonly recording: RecordingDetail;
  readonly items: readonly ActionItem[];
  readonly mayManage: boolean;
}) {
  const { t } = useTranslation('archive');
  const [isAdding, setAdding] = useState(false);
  if (items.length === 0 && !mayManage) return null;
  return (
    <section>
      <div className={styles.title}>
        <h2>{t('actions.title')}</h2>
        {mayManage && (
          <Button variant="quiet" icon={<Plus size={18} aria-hidden="true" />} onClick={() => setAdding(true)}>
            {t('actions.add')}
          </Button>
        )}
      </div>
      {items.length === 0 ? (
        <p className={styles.soft}>{t('actions.empty')}</p>
      ) : (
        <ul className={styles.items}>
          {items.map((item) => (
            <Item key={item.id} recording={recording} item={item} mayManage={mayManage} />
          ))}
        </ul>
      )}
      {isAdding && <ActionDialog recording={recording} item={null} onClose={() => setAdding(false)} />}
    </section>
  );
}

function Item({
  recording,
  item,
  mayManage,
}: {
  readonly recording: RecordingDetail;
  readonly item: ActionItem;
  readonly mayManage: boolean;
}) {
  const { t } = useTranslation('archive');
  const format = useFormat();
  const [isChanging, setChanging] = useState(false);
  const set = useAct((act: 'confirm' | 'dismiss' | 'done') => api.recordings.setAction(item.id, act), {
    refresh: archiveKeys.summary(recording.id),
  });
  const { state, what, assignee, dueOn, dueText, note, atMs } = item;
  return (
    <li className={styles.item} data-state={state}>
      <p className={styles.what}>{what}</p>
      <div className={styles.facts}>
        {atMs !== null && <Moment atMs={atMs} />}
        <Badge tone={tones[state]}>{t(`actions.state.${state}`)}</Badge>
        <span>{assignee ? assignee.name : t('actions.nobody')}</span>
        <span>{dueOn === null ? (dueText ?? t('actions.noDate')) : t('actions.due', { day: format.day(new Date(`${dueOn}T00:00`)) })}</span>
      </div>
      {note !== '' && <p className={styles.small}>{note}</p>}
      {mayManage && (
        <div className={styles.acts}>
          {state === 'proposed' && (
            <Button icon={<Check size={18} aria-hidden="true" />} busy={set.busy} onClick={() => set.run('confirm')}>
              {t('actions.confirm')}
            </Button>
          )}
          {state === 'confirmed' && (
            <Button icon={<CircleCheckBig size={18} aria-hidden="true" />} busy={set.busy} onClick={() => set.run('done')}>
              {t('actions.done')}
            </Button>
          )}
          {state === 'dismissed' && (
            <Button icon={<CircleUser size={18} aria-hidden="true" />} busy={set.busy} onClick={() => set.run('confirm')}>
              {t('actions.confirmStill')}
            </Button>
          )}
          {(state === 'proposed' || state === 'confirmed') && (
            <Button variant="quiet" icon={<X size={18} aria-hidden="true" />} busy={set.busy} onClick={() => set.run('dismiss')}>
              {t('actions.dismiss')}
            </Button>
          )}
          <Button variant="quiet" icon={<Pencil size={18} aria-hidden="true" />} onClick={() => setChanging(true)}>
            {t('actions.change')}
          </Button>
        </div>
      )}
      {isChanging && <ActionDialog recording={recording} item={item} onClose={() => setChanging(false)} />}
    </li>
  );
}
