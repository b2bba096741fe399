import { useTranslation } from 'react-i18next';
import { Field, Select } from '@/design';
import { useApps } from '../admin-queries';

export interface AppSelectProps {
  readonly value: string;
  readonly error?: string | undefined;
  readonly onChange: (id: string) => void;
}

/** The app in whose name something is done. */
export function AppSelect({ value, error, onChange }: AppSelectProps) {
  const { t } = useTranslation('admin');
  const apps = (useApps().data?.apps ?? []).filter(({ disabledAt }) => disabledAt === null);
  return (
    <Field label={t('apps.app')} hint={t(apps.length === 0 ? 'apps.appNone' : 'apps.appHint')} error={error}>
      <Select value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">{t('policies.choose')}</option>
        {apps.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Select>
    </Field>
  );
}
