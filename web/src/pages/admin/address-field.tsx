import { useTranslation } from 'react-i18next';
import { Field, Input } from '@/design';

export interface AddressFieldProps {
  readonly value: string;
  readonly error: string | undefined;
  readonly autoFocus?: boolean;
  readonly onChange: (url: string) => void;
}

/** Where the server is to call. */
export function AddressField({ value, error, autoFocus = false, onChange }: AddressFieldProps) {
  const { t } = useTranslation('admin');
  return (
    <Field label={t('field.address')} hint={t('outgoing.addressHint')} error={error}>
      <Input
        type="url"
        inputMode="url"
        autoFocus={autoFocus}
        placeholder="https://"
        maxLength={2000}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  );
}
