import type { ParticipantState } from '@server/signaling/meeting-state';
import { Hand } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isModerator, isWebinar, myself, raisedHands, useStore } from '@/core';
import { Avatar, Badge, Button, CopyButton, cx, Switch, TabPanel, Tabs } from '@/design';
import { useFormat } from '@/i18n';
import { AudienceList } from './audience-list';
import { useMeeting } from './meeting-context';
import { PeopleList } from './people-list';
import styles from './people-panel.module.css';
import { SidePanel } from './side-panel';

type List = 'stage' | 'audience';

export function PeoplePanel({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation('meeting');
  const { client } = useMeeting();
  const { number } = useFormat();
  const count = useStore(client.store, (state) => state.meeting?.participants.size ?? 0);
  const viewers = useStore(client.store, (state) => state.meeting?.viewers ?? 0);
  const webinar = useStore(client.store, (state) => isWebinar(state.meeting));
  const moderates = useStore(client.store, (state) => isModerator(myself(state)));
  const hands = useStore(client.store, (state) => state.viewerHands.length);
  const [list, setList] = useState<List>('stage');
  const shown = moderates && webinar ? list : 'stage';

  const people = (
    <div className={styles.scroll}>
      {moderates && <WaitingRoom />}
      <Hands moderates={moderates} />
      <PeopleList heading={webinar ? t('webinar.onStage', { count }) : t('people.inMeeting', { count })} />
      {webinar && !moderates && <p className={styles.none}>{t('webinar.viewers', { count: viewers, shown: number(viewers) })}</p>}
    </div>
  );

  return (
    <SidePanel title={t('people.titleCount', { count: count + viewers })} closeLabel={t('people.close')} onClose={onClose}>
      {moderates && webinar ? (
        <Tabs
          value={shown}
          onChange={setList}
          label={t('people.lists')}
          className={styles.tabs}
          tabs={[
            { value: 'stage', label: t('webinar.stageTab', { count }) },
            {
              value: 'audience',
              label: (
                <>
                  {t('webinar.audienceTab', { shown: number(viewers) })}
                  {hands > 0 && (
                    <Badge tone="lantern">
                      <Hand size={14} role="img" aria-label={t('people.hands', { count: hands })} />
                      <span aria-hidden="true">{hands}</span>
                    </Badge>
                  )}
                </>
              ),
            },
          ]}
        >
          <TabPanel value="stage" className={styles.tabPanel}>
            {people}
          </TabPanel>
          <TabPanel value="audience" className={styles.tabPanel}>
            <div className={styles.scroll}>
              <AudienceList />
            </div>
          </TabPanel>
        </Tabs>
      ) : (
        people
      )}
      <Footer moderates={moderates} />
    </SidePanel>
  );
}

function Footer({ moderates }: { readonly moderates: boolean }) {
  const { t } = useTranslation('meeting');
  const { client, link } = useMeeting();
  const locked = useStore(client.store, (state) => state.meeting?.locked ?? false);
  return (
    <footer className={styles.footer}>
      {moderates && (
        <Switch
          label={t('people.lock')}
          description={t('people.lockWords')}
          checked={locked}
          onChange={(wanted) => void client.setLock(wanted)}
        />
      )}
      <div className={styles.actions}>
        {moderates && <Button onClick={() => void client.mute('')}>{t('people.muteAll')}</Button>}
        <CopyButton text={link} label={t('people.copyLink')} />
      </div>
    </footer>
  );
}

function WaitingRoom() {
  const { t } = useTranslation('meeting');
  const { client } = useMeeting();
  const waiting = useStore(client.store, (state) => state.waiting);
  if (waiting.length === 0) return null;
  const heading = t('people.waiting', { count: waiting.length });
  return (
    <section className={styles.waiting} aria-label={heading}>
      <div className={styles.headingRow}>
        <h3 className={styles.heading}>{heading}</h3>
        {waiting.length > 1 && (
          <Button variant="quiet" onClick={() => void client.answerLobby('', true)}>
            {t('people.admitAll')}
          </Button>
        )}
      </div>
      <ul>
        {waiting.map(({ id, personId, name, guest }) => (
          <li key={id} className={styles.waiter}>
            <Avatar name={name} id={personId} size={32} />
            <span className={styles.name}>
              {name}
              {guest && <Badge>{t('guest')}</Badge>}
            </span>
            <Button variant="quiet" aria-label={t('people.denyNamed', { name })} onClick={() => void client.answerLobby(id, false)}>
              {t('people.deny')}
            </Button>
            <Button variant="primary" aria-label={t('people.admitNamed', { name })} onClick={() => void client.answerLobby(id, true)}>
              {t('people.admit')}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Hands({ moderates }: { readonly moderates: boolean }) {
  const { t } = useTranslation('meeting');
  const { client } = useMeeting();
  const meeting = useStore(client.store, (state) => state.meeting);
  const participants = meeting?.participants;
  // biome-ignore lint/correctness/useExhaustiveDependencies: hands are of participants; what else happens raises none.
  const hands: readonly ParticipantState[] = useMemo(() => (meeting ? raisedHands(meeting) : []), [participants]);
  if (hands.length === 0) return null;
  const heading = t('people.hands', { count: hands.length });
  return (
    <section aria-label={heading}>
      <div className={styles.headingRow}>
        <h3 className={styles.heading}>{heading}</h3>
        {moderates && hands.length > 1 && (
          <Button variant="quiet" onClick={() => void client.lowerHand('')}>
            {t('people.lowerAll')}
          </Button>
        )}
      </div>
      <ol className={styles.hands}>
        {hands.map(({ id, name }, index) => (
          <li key={id} className={styles.hand}>
            <span className={cx('figures', styles.turn)}>{index + 1}</span>
            <Hand size={18} className={styles.handSign} aria-hidden="true" />
            <span className={styles.words}>
              <span className={styles.nameWords} title={name}>
                {name}
              </span>
            </span>
            {moderates && (
              <Button variant="quiet" onClick={() => void client.lowerHand(id)}>
                {t('people.lowerHand')}
              </Button>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
