import { Plus, X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Dialog, DialogBody, DialogFooter, Field, FieldError, IconButton, Input, Switch } from '@/design';
import { useChat } from './chat-context';
import styles from './poll-dialog.module.css';

const optionsAtMost = 20;

export function PollDialog({ conversationId, onClose }: { readonly conversationId: string; readonly onClose: () => void }) {
  const { t } = useTranslation(['chat', 'common']);
  const { client } = useChat();
  const [question, setQuestion] = useState('');
  const [options, setOptions] = useState<readonly string[]>(['', '']);
  const [multiple, setMultiple] = useState(false);
  const [anonymous, setAnonymous] = useState(false);
  const given = options.map((option) => option.trim()).filter((option) => option !== '');
  const doubled = new Set(given).size < given.length;
  const isReady = question.trim() !== '' && given.length >= 2 && !doubled;
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (!isReady) return;
    client.send({ conversationId, body: question.trim(), poll: { options: given, multiple, anonymous } });
    onClose();
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t('poll.make')}>
      <form onSubmit={send}>
        <DialogBody>
          <Field label={t('poll.question')}>
            <Input autoFocus value={question} maxLength={500} onChange={(event) => setQuestion(event.target.value)} />
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
                  placeholder={t('poll.option', { number: index + 1 })}
                  onChange={(event) => setOptions(options.with(index, event.target.value))}
                />
                {options.length > 2 && (
                  <IconButton
                    label={t('poll.removeOption', { number: index + 1 })}
                    icon={<X size={18} aria-hidden="true" />}
                    onClick={() => setOptions(options.toSpliced(index, 1))}
                  />
                )}
              </div>
            ))}
            <FieldError>{doubled && t('poll.doubled')}</FieldError>
            {options.length < optionsAtMost && (
              <Button variant="quiet" icon={<Plus size={18} aria-hidden="true" />} onClick={() => setOptions([...options, ''])}>
                {t('poll.addOption')}
              </Button>
            )}
          </fieldset>
          <Switch label={t('poll.multiple')} checked={multiple} onChange={setMultiple} />
          <Switch label={t('poll.anonymous')} description={t('poll.anonymousWords')} checked={anonymous} onChange={setAnonymous} />
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>{t('common:action.cancel')}</Button>
          <Button type="submit" variant="primary" disabled={!isReady}>
            {t('poll.ask')}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
