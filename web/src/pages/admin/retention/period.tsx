import { useTranslation } from 'react-i18next';
import { Field, Input } from '@/design';
import admin from '../admin.module.css';

export interface PeriodProps {
  readonly since: string;
  readonly until: string;
  readonly error: string | undefined;
  readonly onChange: (part: 'since' | 'until', day: string) => void;
}

/** From which day to which; each may be left open. */
export function Period({ since, until, error, onChange }: PeriodProps) {
  const { t } = useTranslation('admin');
  return (
    <div className={admin.pair}>
      <Field label={t('field.since')} hint={t('field.sinceHint')}>
        <Input type="date" value={since} onChange={(event) => onChange('since', event.target.value)} />
      </Field>
      <Field label={t('field.until')} hint={t('field.untilHint')} error={error}>
        <Input type="date" value={until} onChange={(event) => onChange('until', event.target.value)} />
      </Field>
    </div>
  );
}
