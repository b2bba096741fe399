import { useTranslation } from 'react-i18next';
import { useSession } from '@/api';
import { Avatar, Badge, Button, Card, Field, Select } from '@/design';
import { changeLanguage, languages } from '@/i18n';
import { PageHeader } from '@/shell/page-header';
import { PageTitle } from '@/shell/page-title';
import { themes, useTheme } from '@/shell/theme';
import { useSignOut } from '@/shell/use-sign-out';
import { Devices } from './devices';
import { Notifications } from './notifications';
import styles from './settings-page.module.css';

export function SettingsPage() {
  const { t } = useTranslation('settings');
  const { person } = useSession();
  return (
    <>
      <PageTitle>{t('title')}</PageTitle>
      <PageHeader title={t('title')} />
      <div className={styles.cards}>
        <Account />
        <Appearance />
        <Notifications />
        {person?.role !== 'guest' && <Devices />}
      </div>
    </>
  );
}

function Account() {
  const { t } = useTranslation(['settings', 'common']);
  const { person } = useSession();
  const { signOut, busy } = useSignOut();
  if (!person) return null;
  return (
    <Card>
      <div className={styles.account}>
        <Avatar name={person.name} id={person.id} size={48} />
        <div className={styles.words}>
          <p className={styles.name}>{person.name}</p>
          <p className={styles.detail}>{person.email}</p>
          <p className={styles.detail}>
            {person.organisation.name} <Badge>{t(`common:role.${person.role}`)}</Badge>
          </p>
        </div>
        <Button busy={busy} onClick={signOut}>
          {t('common:nav.signOut')}
        </Button>
      </div>
    </Card>
  );
}

/** Both are of this browser, and work at once. */
function Appearance() {
  const { t, i18n } = useTranslation(['settings', 'common']);
  const [theme, setTheme] = useTheme();
  return (
    <Card title={t('appearance.title')} description={t('appearance.words')}>
      <div className={styles.choices}>
        <Field label={t('common:language.label')}>
          <Select
            value={i18n.language}
            onChange={(event) => {
              const chosen = languages.find((language) => language.value === event.target.value);
              if (chosen) void changeLanguage(chosen.value);
            }}
          >
            {languages.map((language) => (
              <option key={language.value} value={language.value} lang={language.lang}>
                {language.label}
              </option>
            ))}
          </Select>
        </Field>
        <Field label={t('common:theme.label')}>
          <Select value={theme} onChange={(event) => setTheme(themes.find((name) => name === event.target.value) ?? 'system')}>
            {themes.map((name) => (
              <option key={name} value={name}>
                {t(`common:theme.${name}`)}
              </option>
            ))}
          </Select>
        </Field>
      </div>
    </Card>
  );
}
