import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Field, Textarea } from '@/design';
import { FormFailure } from '@/pages/forms/form-failure';
import { useForm } from '@/pages/forms/use-form';
import styles from './transcript-panel.module.css';
import type { ShownLine } from './turns';

const longest = 4_000;

/** A line put right: Enter keeps it, Escape leaves it as it was. */
export function LineEditor({
  line,
  onSave,
  onClose,
}: {
  readonly line: ShownLine;
  readonly onSave: (lineId: string, text: string) => Promise<void>;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation(['archive', 'common']);
  const field = useRef<HTMLTextAreaElement>(null);
  const form = useForm<{ text: string }>({
    initial: { text: line.text },
    check: ({ text }) => (text.trim() === '' ? { text: t('transcript.emptyLine') } : {}),
    submit: async ({ text }) => {
      if (text.trim() !== line.text) await onSave(line.id, text.trim());
      onClose();
    },
  });
  useEffect(() => field.current?.focus(), []);
  return (
    <form className={styles.editor} onSubmit={form.onSubmit} noValidate>
      <FormFailure failure={form.failure} />
      <Field label={t('transcript.correct')} labelHidden error={form.errors.text}>
        <Textarea
          ref={field}
          rows={2}
          lang={line.language}
          maxLength={longest}
          value={form.values.text}
          onChange={(event) => form.set('text', event.target.value.replaceAll('\n', ' '))}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing) return;
            if (event.key === 'Escape') onClose();
            if (event.key === 'Enter') {
              event.preventDefault();
              event.currentTarget.form?.requestSubmit();
            }
          }}
        />
      </Field>
      <div className={styles.buttons}>
        <Button onClick={onClose}>{t('common:action.cancel')}</Button>
        <Button type="submit" variant="primary" busy={form.busy}>
          {t('common:action.save')}
        </Button>
      </div>
    </form>
  );
}
