import type { ParticipantState } from '@server/signaling/meeting-state';
import { Hand, Mic, MicOff, Search, Video, VideoOff } from 'lucide-react';
import { useDeferredValue, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { causeway } from '#proto';
import { isHost, isModerator, isSending, myself, raisedHands, useStore } from '@/core';
import { Avatar, Badge, Button, CopyButton, cx, Input, Switch } from '@/design';
import { useMeeting } from './meeting-context';
import styles from './people-panel.module.css';
import { PersonMenu } from './person-menu';
import { SidePanel } from './side-panel';

const { Source } = causeway;
/** Fewer are seen at a glance. */
const searchFrom = 10;

export function PeoplePanel({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation('meeting');
  const { client, link } = useMeeting();
  const meeting = useStore(client.store, (state) => state.meeting);
  const me = useStore(client.store, myself);
  const moderates = isModerator(me);
  const [wanted, setWanted] = useState('');
  const search = useDeferredValue(wanted.trim().toLocaleLowerCase());
  const people = useMemo(() => [...(meeting?.participants.values() ?? [])], [meeting?.participants]);
  const found = search === '' ? people : people.filter((p) => p.name.toLocaleLowerCase().includes(search));

  return (
    <SidePanel title={t('people.titleCount', { count: people.length })} closeLabel={t('people.close')} onClose={onClose}>
      <div className={styles.scroll}>
        {moderates && <WaitingRoom />}
        {meeting && <Hands moderates={moderates} hands={raisedHands(meeting)} />}
        <section aria-label={t('people.inMeeting', { count: people.length })}>
          <h3 className={styles.heading}>{t('people.inMeeting', { count: people.length })}</h3>
          {people.length >= searchFrom && (
            <div className={styles.search}>
              <Search size={18} aria-hidden="true" />
              <Input
                type="search"
                value={wanted}
                aria-label={t('people.search')}
                placeholder={t('people.search')}
                onChange={(event) => setWanted(event.target.value)}
              />
            </div>
          )}
          <ul>
            {found.map((participant) => (
              <Person key={participant.id} participant={participant} isMe={participant.id === me?.id} />
            ))}
          </ul>
          {found.length === 0 && <p className={styles.none}>{t('people.noneFound')}</p>}
        </section>
      </div>
      <footer className={styles.footer}>
        {moderates && meeting && (
          <Switch
            label={t('people.lock')}
            description={t('people.lockWords')}
            checked={meeting.locked}
            onChange={(locked) => void client.setLock(locked)}
          />
        )}
        <div className={styles.actions}>
          {moderates && <Button onClick={() => void client.mute('')}>{t('people.muteAll')}</Button>}
          <CopyButton text={link} label={t('people.copyLink')} />
        </div>
      </footer>
    </SidePanel>
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

function Hands({ hands, moderates }: { readonly hands: readonly ParticipantState[]; readonly moderates: boolean }) {
  const { t } = useTranslation('meeting');
  const { client } = useMeeting();
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
            <span className={styles.name}>{name}</span>
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

function Person({ participant, isMe }: { readonly participant: ParticipantState; readonly isMe: boolean }) {
  const { t } = useTranslation('meeting');
  const { local } = useMeeting();
  const myMicrophone = useStore(local, (state) => state.microphone.on && state.microphone.track !== null);
  const myCamera = useStore(local, (state) => state.camera.on);
  const { name, personId, guest, connected } = participant;
  const speaks = isMe ? myMicrophone : isSending(participant, Source.SOURCE_MICROPHONE);
  const shows = isMe ? myCamera : isSending(participant, Source.SOURCE_CAMERA);
  return (
    <li className={cx(styles.person, !connected && styles.away)} data-participant={participant.id}>
      <Avatar name={name} id={personId} size={32} />
      <span className={styles.name}>
        <span className={styles.nameWords}>{isMe ? t('youNamed', { name }) : name}</span>
        {isHost(participant) && <Badge tone="harbour">{t('role.host')}</Badge>}
        {!isHost(participant) && isModerator(participant) && <Badge tone="harbour">{t('role.coHost')}</Badge>}
        {guest && <Badge>{t('guest')}</Badge>}
        {!connected && <span className={styles.awayWords}>{t('people.away')}</span>}
      </span>
      {speaks ? (
        <Mic size={18} className={styles.sign} role="img" aria-label={t('people.microphoneOn')} />
      ) : (
        <MicOff size={18} className={styles.signOff} role="img" aria-label={t('people.microphoneOff')} />
      )}
      {shows ? (
        <Video size={18} className={styles.sign} role="img" aria-label={t('people.cameraOn')} />
      ) : (
        <VideoOff size={18} className={styles.signOff} role="img" aria-label={t('people.cameraOff')} />
      )}
      <span className={styles.menu}>
        <PersonMenu participant={participant} />
      </span>
    </li>
  );
}
