import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Dialog, DialogBody, DialogFooter, Field, Input } from '@/design';

/** Goes to the first message of a day, or after it. */
export function DayDialog({ onClose, onDay }: { readonly onClose: () => void; readonly onDay: (time: number) => void }) {
  const { t } = useTranslation(['chat', 'common']);
  const [day, setDay] = useState(() => inputValue(new Date()));
  const time = new Date(`${day}T00:00:00`).getTime();
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t('header.day')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (Number.isNaN(time)) return;
          onDay(time);
          onClose();
        }}
      >
        <DialogBody>
          <Field label={t('day.label')}>
            <Input type="date" autoFocus value={day} max={inputValue(new Date())} onChange={(event) => setDay(event.target.value)} />
          </Field>
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>{t('common:action.cancel')}</Button>
          <Button type="submit" variant="primary" disabled={Number.isNaN(time)}>
            {t('day.go')}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}

/** As fields of dates want it, on the reader's calendar. */
export function inputValue(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
