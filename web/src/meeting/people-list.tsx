import type { ParticipantState } from '@server/signaling/meeting-state';
import { Mic, MicOff, Search, Star, Video, VideoOff } from 'lucide-react';
import { memo, useDeferredValue, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { causeway } from '#proto';
import { isHost, isModerator, isSending, useStore } from '@/core';
import { Avatar, cx, Input } from '@/design';
import { useMeeting } from './meeting-context';
import styles from './people-panel.module.css';
import { PersonMenu } from './person-menu';
import { useWindow } from './use-window';

const { Source } = causeway;
/** Fewer are seen at a glance. */
const searchFrom = 10;
/** As in the style sheet. */
const rowHeight = 52;

/** Everybody in the meeting (of a webinar: on stage): oneself and the hosts first, then by arrival. */
export function PeopleList({ heading }: { readonly heading: string }) {
  const { t } = useTranslation('meeting');
  const { client } = useMeeting();
  const participants = useStore(client.store, (state) => state.meeting?.participants ?? null);
  const myId = useStore(client.store, (state) => state.myId);
  const [wanted, setWanted] = useState('');
  const search = useDeferredValue(wanted.trim().toLocaleLowerCase());
  // Many may come and go at once; what somebody writes or clicks meanwhile is not to wait for it.
  const known = useDeferredValue(participants);
  const people = useMemo(() => sorted([...(known?.values() ?? [])], myId), [known, myId]);
  const found = useMemo(
    () => (search === '' ? people : people.filter((p) => p.name.toLocaleLowerCase().includes(search))),
    [people, search],
  );
  const { list, from, to } = useWindow<HTMLUListElement>(found.length, rowHeight);

  return (
    <section aria-label={heading}>
      <h3 className={styles.heading}>{heading}</h3>
      {people.length >= searchFrom && <SearchField value={wanted} onChange={setWanted} />}
      <ul ref={list} className={styles.people} style={{ height: found.length * rowHeight }}>
        {found.slice(from, to).map((participant, index) => (
          <Person key={participant.id} participant={participant} isMe={participant.id === myId} place={from + index} count={found.length} />
        ))}
      </ul>
      {found.length === 0 && <p className={styles.none}>{search === '' ? t('people.nobodyYet') : t('people.noneFound')}</p>}
    </section>
  );
}

export function SearchField({ value, onChange }: { readonly value: string; readonly onChange: (value: string) => void }) {
  const { t } = useTranslation('meeting');
  return (
    <div className={styles.search}>
      <Search size={18} aria-hidden="true" />
      <Input
        type="search"
        value={value}
        aria-label={t('people.search')}
        placeholder={t('people.search')}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}

interface PersonProps {
  readonly participant: ParticipantState;
  readonly isMe: boolean;
  readonly place: number;
  readonly count: number;
}

const Person = memo(function Person({ participant, isMe, place, count }: PersonProps) {
  const { t } = useTranslation('meeting');
  const { client, local } = useMeeting();
  const myMicrophone = useStore(local, (state) => isMe && state.microphone.on && state.microphone.track !== null);
  const myCamera = useStore(local, (state) => isMe && state.camera.on);
  const spotlit = useStore(client.store, (state) => state.meeting?.spotlight.includes(participant.id) ?? false);
  const { name, personId, guest, connected } = participant;
  const speaks = isMe ? myMicrophone : isSending(participant, Source.SOURCE_MICROPHONE);
  const shows = isMe ? myCamera : isSending(participant, Source.SOURCE_CAMERA);
  const shown = isMe ? t('youNamed', { name }) : name;
  const facts = [
    isHost(participant) ? t('role.host') : isModerator(participant) && t('role.coHost'),
    participant.role === causeway.Role.ROLE_PRESENTER && t('role.presenter'),
    guest && t('guest'),
    !connected && t('people.away'),
  ].filter(Boolean);
  return (
    <li
      className={cx(styles.person, !connected && styles.away)}
      style={{ top: place * rowHeight }}
      data-participant={participant.id}
      aria-posinset={place + 1}
      aria-setsize={count}
    >
      <Avatar name={name} id={personId} size={32} />
      <span className={styles.words}>
        <span className={styles.nameWords} title={shown}>
          {shown}
        </span>
        {facts.length > 0 && <span className={styles.facts}>{facts.join(' · ')}</span>}
      </span>
      {spotlit && <Star size={18} className={styles.sign} role="img" aria-label={t('stage.spotlit')} />}
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
});

function sorted(people: ParticipantState[], myId: string | null): readonly ParticipantState[] {
  const rank = (p: ParticipantState): number => (p.id === myId ? 0 : isHost(p) ? 1 : isModerator(p) ? 2 : 3);
  return people.sort((a, b) => rank(a) - rank(b));
}
