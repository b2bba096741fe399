import { Plus, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button, Field, FieldError, IconButton, Input, Switch } from '@/design';
import { FormDialog } from '@/pages/forms/form-dialog';
import { useForm } from '@/pages/forms/use-form';
import { useChat } from './chat-context';
import styles from './poll-dialog.module.css';

const optionsAtMost = 20;

export function PollDialog({ conversationId, onClose }: { readonly conversationId: string; readonly onClose: () => void }) {
  const { t } = useTranslation('chat');
  const { client } = useChat();
  const form = useForm<{ question: string; options: readonly string[]; multiple: boolean; anonymous: boolean }>({
    initial: { question: '', options: ['', ''], multiple: false, anonymous: false },
    check: ({ question, options }) => {
      const given = givenOf(options);
      return {
        ...(question.trim() === '' && { question: t('poll.questionCheck') }),
        ...(given.length < 2 && { options: t('poll.optionsCheck') }),
        ...(new Set(given).size < given.length && { options: t('poll.doubled') }),
      };
    },
    submit: async ({ question, options, ...rest }) => {
      client.send({ conversationId, body: question.trim(), poll: { options: givenOf(options), ...rest } });
      onClose();
    },
  });
  const { values, set, errors } = form;
  const { options } = values;
  return (
    <FormDialog form={form} title={t('poll.make')} action={t('poll.ask')} onClose={onClose}>
      <Field label={t('poll.question')} error={errors.question}>
        <Input autoFocus value={values.question} maxLength={500} onChange={(event) => set('question', event.target.value)} />
      </Field>
      <fieldset className={styles.options}>
        <legend className={styles.legend}>{t('poll.options')}</legend>
        {options.map((option, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an option is known by its place alone.
          <div key={index} className={styles.option}>
            <Input
              value={option}
              maxLength={200}
              aria-label={t('poll.option', { number: index + 1 })}
              aria-invalid={(errors.options !== undefined && option.trim() === '') || undefined}
              placeholder={t('poll.option', { number: index + 1 })}
              onChange={(event) => set('options', options.with(index, event.target.value))}
            />
            {options.length > 2 && (
              <IconButton
                label={t('poll.removeOption', { number: index + 1 })}
                icon={<X size={18} aria-hidden="true" />}
                onClick={() => set('options', options.toSpliced(index, 1))}
              />
            )}
          </div>
        ))}
        <FieldError>{errors.options}</FieldError>
        {options.length < optionsAtMost && (
          <Button variant="quiet" icon={<Plus size={18} aria-hidden="true" />} onClick={() => set('options', [...options, ''])}>
            {t('poll.addOption')}
          </Button>
        )}
      </fieldset>
      <Switch label={t('poll.multiple')} checked={values.multiple} onChange={(multiple) => set('multiple', multiple)} />
      <Switch
        label={t('poll.anonymous')}
        description={t('poll.anonymousWords')}
        checked={values.anonymous}
        onChange={(anonymous) => set('anonymous', anonymous)}
      />
    </FormDialog>
  );
}

function givenOf(options: readonly string[]): string[] {
  return options.map((option) => option.trim()).filter((option) => option !== '');
}
