import { CircleOff, Hand, MicOff, Pin, SignalLow, Star, VideoOff } from 'lucide-react';
import { type CSSProperties, memo, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { causeway } from '#proto';
import { isSending, producerOf, remoteKey, useStore } from '@/core';
import { Avatar, cx } from '@/design';
import type { Box } from './grid-layout';
import { useMeeting } from './meeting-context';
import { PersonMenu } from './person-menu';
import type { Shown } from './stage-plan';
import styles from './tile.module.css';
import { useFrame, VideoSurface } from './video-surface';

export interface TileProps {
  readonly shown: Shown;
  readonly box: Box;
  /** It has the stage for itself, the others are beside it. */
  readonly large: boolean;
  readonly pinned: boolean;
  /** A host has put the person in front for all. */
  readonly spotlit: boolean;
  readonly onPin: (key: string | null) => void;
}

const { Source } = causeway;
const ownStreams = new WeakMap<MediaStreamTrack, MediaStream>();

/** A person on the stage, or the screen that a person shares. Drawn again only when something of it has changed, not with each event of the meeting. */
export const Tile = memo(TileOnStage, (before, now) => {
  const { shown: a, box: from } = before;
  const { shown: b, box: to } = now;
  const samePlace = from.x === to.x && from.y === to.y && from.width === to.width && from.height === to.height;
  const sameLook = before.large === now.large && before.pinned === now.pinned && before.spotlit === now.spotlit;
  return samePlace && sameLook && a.key === b.key && a.participant === b.participant;
});

function TileOnStage({ shown, box, large, pinned, spotlit, onPin }: TileProps) {
  const { t } = useTranslation(['meeting', 'recording']);
  const { client, local, speaking } = useMeeting();
  const { participant, source, key } = shown;
  const isScreen = source === Source.SOURCE_SCREEN;
  const isMe = useStore(client.store, (state) => state.myId === participant.id);
  const remote = useStore(client.media, (state) => state.remote.get(remoteKey(participant.id, source)) ?? null);
  const ownCamera = useStore(local, (state) => (state.camera.on ? state.camera.track : null));
  const speaks = useStore(speaking, (state) => (isMe ? state.myself : state.ids.has(participant.id)));
  const microphoneOn = useStore(local, (state) => state.microphone.on && state.microphone.track !== null);
  const weak = useStore(client.media, (state) => isMe && state.quality.grade === 'bad');

  const unrecorded = useStore(client.store, ({ meeting }) => meeting?.recording?.recorded.has(participant.personId) === false);

  // Media that moves to another server is gone for a moment; nobody was muted by that.
  const soundLost = useStore(client.media, (state) => state.remote.get(remoteKey(participant.id, Source.SOURCE_MICROPHONE))?.lost ?? false);
  const muted = isMe ? !microphoneOn : !isSending(participant, Source.SOURCE_MICROPHONE) && !soundLost;
  const sends = isSending(participant, source);
  // What is lost for a moment keeps its last picture, and what came before its announcement is shown; what was turned off is not.
  const isOff = !remote?.lost && participant.producers.some((producer) => producer.id === remote?.producerId && producer.paused);
  const remoteStream = remote && !isOff ? remote.stream : null;
  const stream = isMe ? streamOf(ownCamera) : remoteStream;
  const { shown: hasPicture, onFrame } = useFrame(stream);
  const producerId = isMe ? null : producerOf(participant, source);
  const tile = useReported(producerId);
  // Sound goes on: only the picture waits for a better connection.
  const starved = !isOff && (remote?.starved ?? false);
  const frozen = useNewly(remote?.frozen ?? false);

  const name = isMe ? t('youNamed', { name: participant.name }) : participant.name;
  const title = isScreen ? t('stage.screenOf', { name: participant.name }) : name;
  const handUp = !isScreen && participant.handRaisedAt > 0;
  const rings = speaks && !muted && !isScreen;
  const facts = isScreen
    ? []
    : [
        muted && t('stage.muted'),
        starved ? t('stage.starved') : !sends && stream === null && t('stage.cameraOff'),
        handUp && t('stage.hand'),
        !participant.connected && t('stage.away'),
        unrecorded && t('recording:state.tile'),
      ];
  const inFront = spotlit && !isScreen;
  const label = [title, ...facts, inFront && t('stage.spotlit'), pinned && t('stage.pinned')].filter(Boolean).join(', ');
  const place: CSSProperties = { width: box.width, height: box.height, transform: `translate(${box.x}px, ${box.y}px)` };

  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms; these are people.
    <div
      ref={tile}
      role="group"
      aria-label={label}
      className={cx(styles.tile, rings && styles.speaking, isScreen && styles.screen, !participant.connected && styles.away)}
      style={place}
      data-participant={participant.id}
      data-kind={isScreen ? 'screen' : 'camera'}
      data-large={large || undefined}
      data-small={box.width < 200 || undefined}
      data-low={box.height < 90 || undefined}
      onDoubleClick={() => onPin(pinned ? null : key)}
    >
      {!hasPicture && !isScreen && (
        <Avatar name={participant.name} id={participant.personId} size={avatarSize(box)} className={cx(styles.avatar)} />
      )}
      {isScreen && !hasPicture && <p className={styles.coming}>{t('stage.screenComing')}</p>}
      {stream && (
        <div className={cx(styles.picture, !hasPicture && styles.waiting)}>
          <VideoSurface
            stream={stream}
            source={isScreen ? 'screen' : 'camera'}
            own={isMe}
            fit={isScreen || large ? 'contain' : 'cover'}
            onFrame={onFrame}
          />
        </div>
      )}
      <div className={styles.top} aria-hidden="true">
        {handUp && (
          <span className={cx(styles.chip, styles.hand)}>
            <Hand size={16} />
            {box.width > 220 && t('stage.handLabel')}
          </span>
        )}
        {inFront && (
          <span className={styles.chip} title={t('stage.spotlit')}>
            <Star size={16} />
          </span>
        )}
        {unrecorded && (
          <span className={styles.chip} title={t('recording:state.tile')} data-unrecorded>
            <CircleOff size={16} />
          </span>
        )}
        {pinned && (
          <span className={styles.chip} title={t('stage.pinned')}>
            <Pin size={16} />
          </span>
        )}
        {starved && (
          <span className={cx(styles.chip, styles.weak)} title={t('stage.starvedWords')} data-starved>
            <VideoOff size={16} />
            {box.width >= 140 && <span className={styles.words}>{t(box.width > 260 ? 'stage.starved' : 'stage.starvedShort')}</span>}
          </span>
        )}
        {(weak || frozen) && sends && !starved && (
          <span className={cx(styles.chip, styles.weak)} title={weak ? t('stage.weak') : t('stage.frozen')}>
            <SignalLow size={16} />
            {box.width > 260 && t('stage.weak')}
          </span>
        )}
        {!participant.connected && <span className={styles.chip}>{t('stage.away')}</span>}
      </div>
      <div className={styles.name} aria-hidden="true">
        {muted && !isScreen && <MicOff size={16} className={styles.mutedSign} />}
        <span className={styles.words}>{title}</span>
      </div>
      <PersonMenu
        participant={participant}
        className={cx(styles.menu)}
        onPin={() => onPin(pinned ? null : key)}
        pinned={pinned}
        withModeration={!isScreen}
      />
    </div>
  );
}

/** Tells the server how large this tile is, so that it sends a picture of that size. */
function useReported(producerId: string | null) {
  const { client } = useMeeting();
  const tile = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (tile.current && producerId !== null) return client.media.view.watch(tile.current, producerId);
  }, [client, producerId]);
  return tile;
}

/** What was so before this tile was there is old news: a picture that was not shown stood still for good reason. */
function useNewly(now: boolean): boolean {
  const old = useRef(now);
  useEffect(() => {
    if (!now) old.current = false;
  }, [now]);
  return now && !old.current;
}

function streamOf(track: MediaStreamTrack | null): MediaStream | null {
  if (!track) return null;
  const stream = ownStreams.get(track) ?? new MediaStream([track]);
  ownStreams.set(track, stream);
  return stream;
}

function avatarSize(box: Box): number {
  return Math.max(32, Math.min(128, Math.round(Math.min(box.width, box.height) * 0.42)));
}
