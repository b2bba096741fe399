import { ShieldAlert } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Input } from '@/design';
import styles from './dlp-answer.module.css';

export interface DlpAnswerProps {
  readonly refusal: { readonly code: string; readonly message: string };
  readonly onAnswer: (answer: { dlpAcknowledged?: boolean; dlpReason?: string }) => void;
}

/** What the organisation's rules say about a text, and the answer that they ask for. */
export function DlpAnswer({ refusal, onAnswer }: DlpAnswerProps) {
  const { t } = useTranslation(['chat', 'common']);
  const [reason, setReason] = useState('');
  const isWarning = refusal.code === 'CHAT_DLP_WARNED';
  const asksReason = refusal.code === 'CHAT_DLP_REASON';
  return (
    <div className={styles.answer} role="alert">
      <p className={styles.words}>
        <ShieldAlert size={18} aria-hidden="true" />
        <span>{refusal.message}</span>
      </p>
      {isWarning && <Button onClick={() => onAnswer({ dlpAcknowledged: true })}>{t('dlp.sendAnyway')}</Button>}
      {asksReason && (
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            if (reason.trim() !== '') onAnswer({ dlpReason: reason.trim(), dlpAcknowledged: true });
          }}
        >
          <Input
            value={reason}
            maxLength={500}
            placeholder={t('dlp.reason')}
            aria-label={t('dlp.reason')}
            onChange={(event) => setReason(event.target.value)}
          />
          <Button type="submit" disabled={reason.trim() === ''}>
            {t('dlp.sendWithReason')}
          </Button>
        </form>
      )}
    </div>
  );
}
