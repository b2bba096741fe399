import { Mic, MicOff, Video, VideoOff } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isViewer, isWebinar, LocalMedia, myself, useStore } from '@/core';
import { Banner, Button, Dialog, DialogBody, DialogFooter, IconButton, useToast } from '@/design';
import { DeviceChoice } from './device-choice';
import { LevelBar } from './level-bar';
import { LocalMediaContext } from './local-media-context';
import { useMeeting } from './meeting-context';
import styles from './stage-invitation.module.css';
import { useFrame, VideoSurface } from './video-surface';

/**
 * Of a webinar: who came to watch and is brought on stage sees himself first, and decides what of
 * it the others get. Until then nothing is opened, and nothing is sent.
 */
export function StageInvitation() {
  const { client, local, watches } = useMeeting();
  const { t } = useTranslation('meeting');
  const toast = useToast();
  const stands = useStore(client.store, (state) => {
    const me = myself(state);
    return me === null || !isWebinar(state.meeting) ? null : !isViewer(me);
  });
  // Who came in by the door of the audience has not been asked for devices, whatever the role is.
  const before = useRef(watches ? false : null);
  const [open, setOpen] = useState(false);

  useEffect(() => {
    if (stands === null) return;
    const was = before.current;
    before.current = stands;
    if (was === false && stands) setOpen(true);
    if (was === true && !stands) {
      // The core gave the devices back.
      setOpen(false);
      toast(t('webinar.backNotice'));
    }
  }, [stands, toast, t]);

  const enter = async (chosen: { microphone: boolean; camera: boolean }): Promise<void> => {
    setOpen(false);
    // Another microphone than the one before is taken when it is opened.
    await Promise.all([chosen.microphone ? local.setMicrophone(true) : undefined, chosen.camera ? local.setCamera(true) : undefined]);
  };
  return (
    <Dialog open={open} onOpenChange={setOpen} title={t('webinar.invited')} description={t('webinar.invitedWords')}>
      {open && <Rehearsal onEnter={(chosen) => void enter(chosen)} onQuiet={() => setOpen(false)} />}
    </Dialog>
  );
}

interface RehearsalProps {
  readonly onEnter: (chosen: { microphone: boolean; camera: boolean }) => void;
  readonly onQuiet: () => void;
}

/** Devices of its own, which the publisher knows nothing of. They are given back before the meeting takes them. */
function Rehearsal({ onEnter, onQuiet }: RehearsalProps) {
  const { local } = useMeeting();
  const { t } = useTranslation('meeting');
  const [trial, setTrial] = useState<LocalMedia | null>(null);
  useEffect(() => {
    const opened = new LocalMedia();
    setTrial(opened);
    return () => opened.close();
  }, []);
  if (!trial) return null;
  const enter = (): void => {
    const { microphone, camera, choices } = trial.get();
    trial.close();
    void local.chooseMicrophone(choices.microphone);
    void local.chooseCamera(choices.camera);
    if (choices.speaker !== local.get().choices.speaker) local.chooseSpeaker(choices.speaker);
    onEnter({ microphone: microphone.on, camera: camera.on });
  };
  return (
    <LocalMediaContext value={trial}>
      <DialogBody>
        <Mirror trial={trial} />
        <DeviceChoice />
      </DialogBody>
      <DialogFooter>
        <Button onClick={onQuiet}>{t('webinar.stayQuiet')}</Button>
        <EnterButton trial={trial} onClick={enter} />
      </DialogFooter>
    </LocalMediaContext>
  );
}

function EnterButton({ trial, onClick }: { readonly trial: LocalMedia; readonly onClick: () => void }) {
  const { t } = useTranslation('meeting');
  const some = useStore(trial, (state) => state.microphone.on || state.camera.on);
  return (
    <Button variant="primary" disabled={!some} onClick={onClick}>
      {t('webinar.enter')}
    </Button>
  );
}

function Mirror({ trial }: { readonly trial: LocalMedia }) {
  const { t } = useTranslation('meeting');
  const microphone = useStore(trial, (state) => state.microphone);
  const camera = useStore(trial, (state) => state.camera);
  const track = camera.on ? camera.track : null;
  const stream = useMemo(() => (track ? new MediaStream([track]) : null), [track]);
  const { shown, onFrame } = useFrame(stream);
  return (
    <>
      <section className={styles.mirror} aria-label={t('check.mirror')}>
        {!shown && <p className={styles.words}>{camera.opening || stream ? t('check.cameraOpening') : t('check.cameraOff')}</p>}
        {stream && <VideoSurface stream={stream} source="camera" own onFrame={onFrame} />}
        <div className={styles.switches}>
          <IconButton
            size="large"
            variant={microphone.on ? 'filled' : 'danger'}
            label={t('bar.microphone')}
            pressed={microphone.on}
            icon={microphone.on ? <Mic size={22} aria-hidden="true" /> : <MicOff size={22} aria-hidden="true" />}
            onClick={() => void trial.setMicrophone(!microphone.on)}
          />
          <IconButton
            size="large"
            variant={camera.on ? 'filled' : 'danger'}
            label={t('bar.camera')}
            pressed={camera.on}
            icon={camera.on ? <Video size={22} aria-hidden="true" /> : <VideoOff size={22} aria-hidden="true" />}
            onClick={() => void trial.setCamera(!camera.on)}
          />
        </div>
      </section>
      <div className={styles.meter}>
        <p className={styles.words}>{microphone.on && microphone.track ? t('check.levelHint') : t('check.microphoneOff')}</p>
        <LevelBar />
      </div>
      {microphone.problem && <Banner tone="attention">{t(`device.microphone.${microphone.problem}`)}</Banner>}
      {camera.problem && <Banner tone="attention">{t(`device.camera.${camera.problem}`)}</Banner>}
    </>
  );
}
