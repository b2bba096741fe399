import { Mic, MicOff, Video, VideoOff } from 'lucide-react';
import { useEffect, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from '@/core';
import { Banner, Button, cx, IconButton } from '@/design';
import styles from './device-check.module.css';
import { DeviceChoice } from './device-choice';
import { DoorPlate, type DoorProps, Shut, SignInLink, useName } from './door';
import { LevelBar } from './level-bar';
import { useLocalMedia } from './local-media-context';
import { useShortcuts } from './use-shortcuts';
import { useFrame, VideoSurface } from './video-surface';

/** A mirror, a meter that moves, three choices and one big button. */
export function DeviceCheck({ face, person, busy, problem, onJoin }: DoorProps) {
  const { t } = useTranslation('meeting');
  const local = useLocalMedia();
  const microphone = useStore(local, (state) => state.microphone);
  const camera = useStore(local, (state) => state.camera);
  const { asksName, isShut, nameField, submit } = useName({ face, person, onJoin });

  useEffect(() => {
    void local.start();
  }, [local]);

  useShortcuts({
    m: () => void local.setMicrophone(!local.get().microphone.on),
    v: () => void local.setCamera(!local.get().camera.on),
  });

  return (
    <main className={styles.page}>
      <form className={styles.sheet} onSubmit={submit} noValidate>
        <div className={styles.mirrorColumn}>
          <Mirror />
          <div className={styles.meter}>
            <p className={styles.meterWords}>{microphone.on && microphone.track ? t('check.levelHint') : t('check.microphoneOff')}</p>
            <LevelBar />
          </div>
          {microphone.problem && <Banner tone="attention">{t(`device.microphone.${microphone.problem}`)}</Banner>}
          {camera.problem && <Banner tone="attention">{t(`device.camera.${camera.problem}`)}</Banner>}
        </div>
        <div className={styles.words}>
          <DoorPlate face={face} />
          {isShut && <Shut face={face} />}
          {nameField}
          {person && !asksName && <p className={styles.as}>{t('check.as', { name: person.name })}</p>}
          <DeviceChoice />
          {problem && (
            <Banner tone="wrong" announce="alert" code={problem.code}>
              {problem.message}
            </Banner>
          )}
          {!isShut && (
            <div className={styles.go}>
              <Button type="submit" variant="primary" size="large" wide busy={busy}>
                {microphone.problem && camera.problem ? t('check.joinWithout') : t('check.join')}
              </Button>
              <p className={styles.hint}>{(face.lobby === 'everyone' || (face.lobby === 'guests' && asksName)) && t('check.lobbyHint')}</p>
            </div>
          )}
          {asksName && !isShut && <SignInLink code={face.code} />}
        </div>
      </form>
    </main>
  );
}

function Mirror() {
  const { t } = useTranslation('meeting');
  const local = useLocalMedia();
  const microphone = useStore(local, (state) => state.microphone);
  const camera = useStore(local, (state) => state.camera);
  const track = camera.on ? camera.track : null;
  const stream = useMemo(() => (track ? new MediaStream([track]) : null), [track]);
  const { shown, onFrame } = useFrame(stream);
  return (
    <section className={cx('stage', styles.mirror)} aria-label={t('check.mirror')}>
      {!shown && <p className={styles.mirrorWords}>{camera.opening || stream ? t('check.cameraOpening') : t('check.cameraOff')}</p>}
      {stream && <VideoSurface stream={stream} source="camera" own onFrame={onFrame} />}
      <div className={styles.switches}>
        <IconButton
          size="large"
          variant={microphone.on ? 'filled' : 'danger'}
          label={t('bar.microphone')}
          pressed={microphone.on}
          shortcut="M"
          icon={microphone.on ? <Mic size={22} aria-hidden="true" /> : <MicOff size={22} aria-hidden="true" />}
          onClick={() => void local.setMicrophone(!microphone.on)}
          className={styles.switch}
        />
        <IconButton
          size="large"
          variant={camera.on ? 'filled' : 'danger'}
          label={t('bar.camera')}
          pressed={camera.on}
          shortcut="V"
          icon={camera.on ? <Video size={22} aria-hidden="true" /> : <VideoOff size={22} aria-hidden="true" />}
          onClick={() => void local.setCamera(!camera.on)}
          className={styles.switch}
        />
      </div>
    </section>
  );
}
