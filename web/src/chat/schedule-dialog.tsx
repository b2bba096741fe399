import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, api } from '@/api';
import { Banner, Button, Dialog, DialogBody, DialogFooter, Field, IconButton, Input, useToast } from '@/design';
import { useFormat } from '@/i18n';
import { useChat } from './chat-context';
import { inputValue } from './day-dialog';
import { DlpAnswer } from './dlp-answer';
import { plainText } from './markdown';
import styles from './schedule-dialog.module.css';

export interface ScheduleDraft {
  readonly body: string;
  readonly mentions: readonly string[];
  readonly mentionsAll: boolean;
}

const minute = 60_000;

/** Sends what is in the field at another time, and shows what waits already; with nothing in the field it shows that alone. */
export function ScheduleDialog({
  conversationId,
  draft,
  onClose,
}: {
  readonly conversationId: string;
  readonly draft: ScheduleDraft;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation(['chat', 'common']);
  const { client } = useChat();
  const format = useFormat();
  const toast = useToast();
  const queries = useQueryClient();
  const key = ['chat', conversationId, 'scheduled'];
  const waiting = useQuery({ queryKey: key, queryFn: ({ signal }) => api.chat.scheduled(conversationId, signal), retry: false });
  const [when, setWhen] = useState(() => localMoment(nextMorning()));
  const time = new Date(when).getTime();
  const hasText = draft.body !== '';
  const isReady = hasText && !Number.isNaN(time) && time > client.now + minute / 2;
  const make = useMutation({
    mutationFn: (answer: { dlpAcknowledged?: boolean; dlpReason?: string }) =>
      api.chat.schedule(conversationId, { ...draft, mentions: [...draft.mentions], sendAt: new Date(time).toISOString(), ...answer }),
    onSuccess: () => {
      client.saveDraft(conversationId, '');
      void queries.invalidateQueries({ queryKey: key });
      toast(t('schedule.done', { time: format.moment(new Date(time)) }), { tone: 'good' });
      onClose();
    },
  });
  const cancel = useMutation({
    mutationFn: (id: string) => api.chat.unschedule(id),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
    onError: (error) => toast(error.message, { tone: 'wrong' }),
  });
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (isReady && !make.isPending) make.mutate({});
  };
  const refusal = make.error instanceof ApiError ? make.error : null;
  const list = waiting.data?.scheduled ?? [];
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t('composer.schedule')}>
      <form onSubmit={send}>
        <DialogBody>
          {hasText && (
            <>
              <p className={styles.text}>{plainText(draft.body, 240)}</p>
              <Field label={t('schedule.when')}>
                <Input type="datetime-local" value={when} min={localMoment(new Date())} onChange={(event) => setWhen(event.target.value)} />
              </Field>
            </>
          )}
          {refusal?.code.startsWith('CHAT_DLP_') && <DlpAnswer refusal={refusal} onAnswer={(answer) => make.mutate(answer)} />}
          {make.error && !refusal?.code.startsWith('CHAT_DLP_') && (
            <Banner tone="wrong" announce="alert" code={refusal?.code}>
              {make.error.message}
            </Banner>
          )}
          {waiting.isError && (
            <Banner tone="wrong" code={waiting.error instanceof ApiError ? waiting.error.code : undefined}>
              {waiting.error.message}
            </Banner>
          )}
          {!hasText && waiting.isSuccess && list.length === 0 && <p>{t('schedule.none')}</p>}
          {list.length > 0 && (
            <section>
              <h3 className={styles.heading}>{t('schedule.waiting')}</h3>
              <ul className={styles.list}>
                {list.map((one) => (
                  <li key={one.id} className={styles.row}>
                    <span className={styles.words}>
                      <time>{format.moment(new Date(one.sendAt))}</time>
                      <span className={styles.snippet}>{plainText(one.body, 120)}</span>
                      {one.refusal && <span className={styles.refused}>{one.refusal.message}</span>}
                    </span>
                    <IconButton
                      label={t('schedule.cancel')}
                      icon={<Trash2 size={18} aria-hidden="true" />}
                      onClick={() => cancel.mutate(one.id)}
                    />
                  </li>
                ))}
              </ul>
            </section>
          )}
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>{hasText ? t('common:action.cancel') : t('common:action.close')}</Button>
          {hasText && (
            <Button type="submit" variant="primary" busy={make.isPending} disabled={!isReady}>
              {t('schedule.make')}
            </Button>
          )}
        </DialogFooter>
      </form>
    </Dialog>
  );
}

/** The next working morning, nine o'clock. */
function nextMorning(): Date {
  const next = new Date();
  next.setHours(9, 0, 0, 0);
  do next.setDate(next.getDate() + 1);
  while (next.getDay() === 0 || next.getDay() === 6);
  return next;
}

function localMoment(date: Date): string {
  return `${inputValue(date)}T${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`;
}
