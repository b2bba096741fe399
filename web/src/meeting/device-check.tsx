import { Mic, MicOff, Video, VideoOff } from 'lucide-react';
import { type FormEvent, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MeetingFace, Person } from '@/api';
import { useStore } from '@/core';
import { Badge, Banner, Button, ButtonLink, cx, Field, IconButton, Input } from '@/design';
import { localeOf } from '@/i18n';
import styles from './device-check.module.css';
import { DeviceChoice } from './device-choice';
import { LevelBar } from './level-bar';
import { useLocalMedia } from './local-media-context';
import { useShortcuts } from './use-shortcuts';
import { useFrame, VideoSurface } from './video-surface';

export interface DeviceCheckProps {
  readonly face: MeetingFace;
  readonly person: Person | null;
  readonly busy: boolean;
  /** Why joining did not work, in a sentence. */
  readonly problem: { readonly message: string; readonly code: string } | null;
  /** The name of a guest who is new here; null for those who are known already. */
  readonly onJoin: (name: string | null) => void;
}

/** A mirror, a meter that moves, three choices and one big button. */
export function DeviceCheck({ face, person, busy, problem, onJoin }: DeviceCheckProps) {
  const { t } = useTranslation('meeting');
  const local = useLocalMedia();
  const microphone = useStore(local, (state) => state.microphone);
  const camera = useStore(local, (state) => state.camera);
  const [name, setName] = useState(() => person?.name ?? readGuestName());
  const [nameMissing, setNameMissing] = useState(false);
  // A guest who comes back after a reload is known, and may still correct the name.
  const asksName = person === null || person.role === 'guest';
  const isShut = asksName && !face.guests;

  useEffect(() => {
    void local.start();
  }, [local]);

  useShortcuts({
    m: () => void local.setMicrophone(!local.get().microphone.on),
    v: () => void local.setCamera(!local.get().camera.on),
  });

  const join = (event: FormEvent): void => {
    event.preventDefault();
    const written = name.trim();
    if (asksName && written === '') {
      setNameMissing(true);
      return;
    }
    performance.mark('causeway:join-click');
    if (asksName) writeGuestName(written);
    onJoin(asksName && written !== person?.name ? written : null);
  };

  return (
    <main className={styles.page}>
      <form className={styles.sheet} onSubmit={join} noValidate>
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
          <header className={styles.header}>
            <p className={styles.organisation}>{face.organisation}</p>
            <h1>{face.title}</h1>
            <WhenItIs face={face} />
          </header>
          {isShut && (
            <Banner tone="attention" actions={<SignInLink code={face.code} />}>
              {t('check.guestsOff', { organisation: face.organisation })}
            </Banner>
          )}
          {!isShut && asksName && (
            <Field label={t('check.name')} error={nameMissing ? t('check.nameMissing') : undefined}>
              <Input
                value={name}
                maxLength={80}
                autoComplete="name"
                enterKeyHint="go"
                autoFocus
                onChange={(event) => {
                  setName(event.target.value);
                  setNameMissing(false);
                }}
              />
            </Field>
          )}
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

function SignInLink({ code }: { code: string }) {
  const { t } = useTranslation('meeting');
  return (
    <ButtonLink variant="quiet" to={`/sign-in?next=${encodeURIComponent(`/m/${code}`)}`}>
      {t('check.signIn')}
    </ButtonLink>
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

function WhenItIs({ face }: { face: MeetingFace }) {
  const { t, i18n } = useTranslation('meeting');
  if (face.status === 'live') {
    return (
      <Badge tone="jade" dot>
        {t('check.live')}
      </Badge>
    );
  }
  const startsAt = face.startsAt === null ? null : new Date(face.startsAt);
  if (!startsAt || startsAt.getTime() < Date.now()) return <p className={styles.when}>{t('check.notStartedNow')}</p>;
  const time = new Intl.DateTimeFormat(localeOf(i18n.language), { dateStyle: 'full', timeStyle: 'short' }).format(startsAt);
  return <p className={styles.when}>{t('check.notStarted', { time })}</p>;
}

const guestNameKey = 'causeway.guest-name';

function readGuestName(): string {
  try {
    return localStorage.getItem(guestNameKey) ?? '';
  } catch {
    return '';
  }
}

function writeGuestName(name: string): void {
  try {
    localStorage.setItem(guestNameKey, name);
  } catch {
    // It will be asked for again, that is all.
  }
}
