import { DoorOpen } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { MeetingFace } from '@/api';
import { useStore } from '@/core';
import { Button } from '@/design';
import styles from './lobby.module.css';
import { useLocalMedia } from './local-media-context';
import { VideoSurface } from './video-surface';

/** Waiting, calmly: who knows of it, what happens next, how one looks, and the way out. */
export function Lobby({ face, onLeave }: { readonly face: MeetingFace; readonly onLeave: () => void }) {
  const { t } = useTranslation('meeting');
  const local = useLocalMedia();
  const track = useStore(local, (state) => (state.camera.on ? state.camera.track : null));
  const stream = useMemo(() => (track ? new MediaStream([track]) : null), [track]);
  return (
    <main className={styles.page}>
      <div className={styles.card} role="status">
        <span className={styles.sign}>
          <DoorOpen size={28} aria-hidden="true" />
        </span>
        <p className={styles.meeting}>{face.title}</p>
        <h1>{t('lobby.title')}</h1>
        <p className={styles.words}>{t('lobby.words')}</p>
        {stream && (
          <figure className={styles.figure}>
            <div className={styles.picture}>
              <VideoSurface stream={stream} source="camera" own />
            </div>
            <figcaption className={styles.caption}>{t('lobby.preview')}</figcaption>
          </figure>
        )}
        <Button onClick={onLeave}>{t('lobby.leave')}</Button>
      </div>
    </main>
  );
}
