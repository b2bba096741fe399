import { CircleCheck, CircleX, Disc, DoorClosed, LogOut, MonitorSmartphone, UserX } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, ButtonLink } from '@/design';
import styles from './end-page.module.css';

export type Ending =
  | 'left'
  | 'ended'
  | 'over'
  | 'removed'
  | 'denied'
  | 'replaced'
  | 'signedOut'
  | 'locked'
  | 'full'
  | 'notFound'
  | 'failed'
  | 'unsupported';

export interface EndPageProps {
  readonly ending: Ending;
  readonly title: string | null;
  /** The server's sentence and code, where there is one. */
  readonly error?: { readonly message: string; readonly code: string } | undefined;
  /** Null: going back in is not possible. */
  readonly onRejoin: (() => void) | null;
  readonly signedIn: boolean;
  readonly code: string;
  /** For the report on the call's quality; null where the meeting is not known. */
  readonly meetingId: string | null;
  /** A recording of it that is being put together; null: none. */
  readonly recordingId: string | null;
}

/** After these there was a call. */
const afterCall: ReadonlySet<Ending> = new Set(['left', 'ended', 'removed']);

const icons: Readonly<Record<Ending, ReactNode>> = {
  left: <LogOut size={28} aria-hidden="true" />,
  ended: <CircleCheck size={28} aria-hidden="true" />,
  over: <CircleCheck size={28} aria-hidden="true" />,
  removed: <UserX size={28} aria-hidden="true" />,
  denied: <DoorClosed size={28} aria-hidden="true" />,
  replaced: <MonitorSmartphone size={28} aria-hidden="true" />,
  signedOut: <LogOut size={28} aria-hidden="true" />,
  locked: <DoorClosed size={28} aria-hidden="true" />,
  full: <DoorClosed size={28} aria-hidden="true" />,
  notFound: <CircleX size={28} aria-hidden="true" />,
  failed: <CircleX size={28} aria-hidden="true" />,
  unsupported: <CircleX size={28} aria-hidden="true" />,
};

/** Why it is over, and where to go from here. */
export function EndPage({ ending, title, error, onRejoin, signedIn, code, meetingId, recordingId }: EndPageProps) {
  const { t } = useTranslation(['meeting', 'recording']);
  const words = ending === 'failed' ? (error?.message ?? '') : t(`end.${ending}Words`);
  return (
    <main className={styles.page}>
      <div className={styles.card} role="status">
        <span className={styles.sign}>{icons[ending]}</span>
        {title && <p className={styles.meeting}>{title}</p>}
        <h1>{t(`end.${ending}`)}</h1>
        <p className={styles.words}>{words}</p>
        {error && <p className={styles.code}>{error.code}</p>}
        <div className={styles.actions}>
          {onRejoin && (
            <Button variant={ending === 'left' ? 'secondary' : 'primary'} onClick={onRejoin}>
              {ending === 'left' ? t('end.rejoin') : t('end.tryAgain')}
            </Button>
          )}
          {ending === 'signedOut' && (
            <ButtonLink variant="primary" to={`/sign-in?next=${encodeURIComponent(`/m/${code}`)}`}>
              {t('end.signIn')}
            </ButtonLink>
          )}
          {signedIn ? (
            <ButtonLink variant={onRejoin && ending !== 'left' ? 'secondary' : 'primary'} to="/">
              {t('end.home')}
            </ButtonLink>
          ) : (
            <p className={styles.thanks}>{t('end.thanks')}</p>
          )}
        </div>
        {recordingId !== null &&
          afterCall.has(ending) &&
          (signedIn ? (
            <ButtonLink variant="quiet" icon={<Disc size={18} aria-hidden="true" />} to={`/archive/${recordingId}`}>
              {t('recording:end.recording')}
            </ButtonLink>
          ) : (
            <p className={styles.thanks}>{t('recording:end.guest')}</p>
          ))}
        {signedIn && meetingId !== null && afterCall.has(ending) && (
          <ButtonLink variant="quiet" to={`/meetings/${meetingId}/quality`}>
            {t('end.quality')}
          </ButtonLink>
        )}
      </div>
    </main>
  );
}
