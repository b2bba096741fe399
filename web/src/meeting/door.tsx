/** What the doors of a meeting and of a webinar's audience have in common: whose it is, when, and the name of a guest. */
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MeetingFace, Person } from '@/api';
import { Badge, Banner, ButtonLink, Field, Input } from '@/design';
import { localeOf } from '@/i18n';
import styles from './device-check.module.css';

export interface DoorProps {
  readonly face: MeetingFace;
  readonly person: Person | null;
  readonly busy: boolean;
  /** Why joining did not work, in a sentence. */
  readonly problem: { readonly message: string; readonly code: string } | null;
  /** The name of a guest who is new here; null for those who are known already. */
  readonly onJoin: (name: string | null) => void;
}

interface Name {
  /** A guest is in front of the door. */
  readonly asksName: boolean;
  /** Guests are not let in. */
  readonly isShut: boolean;
  readonly nameField: ReactNode;
  readonly submit: (event: FormEvent) => void;
}

export function useName({ face, person, onJoin }: Pick<DoorProps, 'face' | 'person' | 'onJoin'>): Name {
  const { t } = useTranslation('meeting');
  const [name, setName] = useState(() => person?.name ?? readGuestName());
  const [nameMissing, setNameMissing] = useState(false);
  // A guest who comes back after a reload is known, and may still correct the name.
  const asksName = person === null || person.role === 'guest';
  const isShut = asksName && !face.guests;

  const submit = (event: FormEvent): void => {
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

  const nameField = !isShut && asksName && (
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
  );
  return { asksName, isShut, nameField, submit };
}

export function DoorPlate({ face }: { readonly face: MeetingFace }) {
  return (
    <header className={styles.header}>
      <p className={styles.organisation}>{face.organisation}</p>
      <h1>{face.title}</h1>
      <WhenItIs face={face} />
    </header>
  );
}

export function Shut({ face }: { readonly face: MeetingFace }) {
  const { t } = useTranslation('meeting');
  return (
    <Banner tone="attention" actions={<SignInLink code={face.code} />}>
      {t('check.guestsOff', { organisation: face.organisation })}
    </Banner>
  );
}

export function SignInLink({ code }: { readonly code: string }) {
  const { t } = useTranslation('meeting');
  return (
    <ButtonLink variant="quiet" to={`/sign-in?next=${encodeURIComponent(`/m/${code}`)}`}>
      {t('check.signIn')}
    </ButtonLink>
  );
}

function WhenItIs({ face }: { readonly face: MeetingFace }) {
  const { t, i18n } = useTranslation('meeting');
  const webinar = face.kind === 'webinar';
  if (face.status === 'live') {
    return (
      <Badge tone="jade" dot>
        {t(webinar ? 'check.webinarLive' : 'check.live')}
      </Badge>
    );
  }
  const startsAt = face.startsAt === null ? null : new Date(face.startsAt);
  if (!startsAt || startsAt.getTime() < Date.now()) {
    return <p className={styles.when}>{t(webinar ? 'check.webinarNotStarted' : 'check.notStartedNow')}</p>;
  }
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
