import { Eye } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Banner, Button } from '@/design';
import styles from './audience-door.module.css';
import { DoorPlate, type DoorProps, Shut, SignInLink, useName } from './door';

/** Before a webinar for those who watch: no device is asked for, because nothing is sent. */
export function AudienceDoor({ face, person, busy, problem, onJoin }: DoorProps) {
  const { t } = useTranslation('meeting');
  const { asksName, isShut, nameField, submit } = useName({ face, person, onJoin });
  return (
    <main className={styles.page}>
      <form className={styles.card} onSubmit={submit} noValidate>
        <DoorPlate face={face} />
        <div className={styles.note}>
          <Eye size={20} aria-hidden="true" />
          <p>
            <strong>{t('webinar.youWatch')}</strong> {t('webinar.youWatchWords')}
          </p>
        </div>
        {isShut && <Shut face={face} />}
        {nameField}
        {person && !asksName && <p className={styles.as}>{t('check.as', { name: person.name })}</p>}
        {problem && (
          <Banner tone="wrong" announce="alert" code={problem.code}>
            {problem.message}
          </Banner>
        )}
        {!isShut && (
          <div className={styles.go}>
            <Button type="submit" variant="primary" size="large" wide busy={busy}>
              {t('check.join')}
            </Button>
            {(face.lobby === 'everyone' || (face.lobby === 'guests' && asksName)) && <p className={styles.hint}>{t('check.lobbyHint')}</p>}
          </div>
        )}
        {asksName && !isShut && <SignInLink code={face.code} />}
      </form>
    </main>
  );
}
