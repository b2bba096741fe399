import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from '@/core';
import { Banner, Button } from '@/design';
import styles from './banners.module.css';
import { useMeeting } from './meeting-context';

/** What heals within this time needs no words. */
const quietMs = 1_000;
/** A picture that is missing for a moment says so on its place; a sentence is for what lasts. */
const starvedMs = 5_000;

/** What is wrong just now, in words, with what the program does about it. One at a time: the worst. */
export function Banners({ allowSound }: { readonly allowSound: (() => void) | null }) {
  const { t } = useTranslation('meeting');
  const { client, local } = useMeeting();
  const isReconnecting = useLasting(useStore(client.store, (state) => state.phase.kind === 'reconnecting'));
  const connection = useStore(client.media, (state) => state.connection);
  const isRecovering = useLasting(connection === 'recovering' || connection === 'moving');
  const isWeak = useStore(client.media, (state) => state.quality.grade === 'bad');
  const isStarved = useLasting(
    useStore(client.media, ({ remote }) => [...remote.values()].some((track) => track.starved && !track.lost)),
    starvedMs,
  );
  const microphone = useStore(local, (state) => state.microphone);
  const camera = useStore(local, (state) => state.camera.problem);
  const screen = useStore(local, (state) => state.screen.problem);
  const deviceProblem = microphone.problem ? `microphone ${microphone.problem}` : camera ? `camera ${camera}` : null;
  // Who came in without a device knows it from the page before.
  const [dismissed, setDismissed] = useState(deviceProblem);
  useEffect(() => {
    // Tried again: what comes of it is to be said again.
    if (deviceProblem === null) setDismissed(null);
  }, [deviceProblem]);

  const dismissible = (key: string, words: ReactNode): ReactNode =>
    dismissed === key ? null : (
      <Banner
        tone="attention"
        announce="status"
        actions={
          <Button variant="quiet" onClick={() => setDismissed(key)}>
            {t('banner.dismiss')}
          </Button>
        }
      >
        {words}
      </Banner>
    );

  let banner: ReactNode = null;
  if (isReconnecting) {
    banner = (
      <Banner tone="attention" announce="status" title={t('banner.reconnecting')}>
        {t('banner.reconnectingWords')}
      </Banner>
    );
  } else if (isRecovering) {
    banner = (
      <Banner tone="attention" announce="status">
        {connection === 'moving' ? t('banner.moving') : t('banner.recovering')}
      </Banner>
    );
  } else if (allowSound) {
    banner = (
      <Banner
        tone="attention"
        announce="alert"
        actions={
          <Button variant="primary" onClick={allowSound}>
            {t('banner.soundOn')}
          </Button>
        }
      >
        {t('banner.soundBlocked')}
      </Banner>
    );
  } else if (microphone.problem) banner = dismissible(`microphone ${microphone.problem}`, t(`device.microphone.${microphone.problem}`));
  else if (camera) banner = dismissible(`camera ${camera}`, t(`device.camera.${camera}`));
  else if (screen) banner = dismissible(`screen ${screen}`, t(`device.screen.${screen}`));
  else if (isStarved) banner = dismissible('starved', t('banner.starved'));
  else if (isWeak) banner = dismissible('weak', t('banner.weak'));

  return <div className={styles.banners}>{banner}</div>;
}

/** True once it has been true for a while; false at once. */
function useLasting(now: boolean, ms = quietMs): boolean {
  const [lasts, setLasts] = useState(false);
  useEffect(() => {
    if (!now) {
      setLasts(false);
      return;
    }
    const timer = setTimeout(() => setLasts(true), ms);
    return () => clearTimeout(timer);
  }, [now, ms]);
  return lasts;
}
