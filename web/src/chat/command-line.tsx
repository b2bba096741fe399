import { EyeOff, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Banner, IconButton, Spinner } from '@/design';
import styles from './command-line.module.css';
import { DlpAnswer } from './dlp-answer';
import { MessageBody } from './message-body';
import type { RunningCommand } from './use-command';

/** Above the field: what becomes of a command, as far as the conversation doesn't show it. */
export function CommandLine({ command }: { readonly command: RunningCommand }) {
  const { t } = useTranslation(['chat', 'common']);
  const { asking, answer, refusal, retry, close } = command;
  const end = <IconButton label={t('common:action.close')} icon={<X size={18} aria-hidden="true" />} onClick={close} />;
  if (asking) {
    return (
      <p className={styles.asking} role="status">
        <Spinner />
        {t('slash.asking', { name: asking.command })}
      </p>
    );
  }
  if (refusal?.code === 'CHAT_DLP_WARNED' || refusal?.code === 'CHAT_DLP_REASON') {
    return (
      <div className={styles.rule}>
        <DlpAnswer refusal={refusal} onAnswer={retry} />
        {end}
      </div>
    );
  }
  if (refusal) {
    return (
      <Banner tone="wrong" announce="alert" className={styles.refused} code={refusal.code} actions={end}>
        {refusal.message}
      </Banner>
    );
  }
  if (!answer) return null;
  return (
    <section className={styles.answer} aria-label={t('slash.answerOf', { name: answer.name })}>
      <div className={styles.words} role="status">
        <p className={styles.by}>
          <span className={styles.name}>{answer.name}</span>
          <EyeOff size={14} aria-hidden="true" />
          {t('slash.onlyYou')}
        </p>
        <MessageBody body={answer.text} />
      </div>
      {end}
    </section>
  );
}
