import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ChatMessage, type RpcError, toRpcError } from '@/core';
import { Button } from '@/design';
import { useChat } from './chat-context';
import { useConversation } from './conversation-context';
import { DlpAnswer } from './dlp-answer';
import styles from './message-editor.module.css';
import { isComposing } from './typing-keys';
import { useGrowing } from './use-growing';

/** One's own message, changed in its place. */
export function MessageEditor({ message }: { readonly message: ChatMessage }) {
  const { t } = useTranslation(['chat', 'common']);
  const { client, bodyCharacters } = useChat();
  const { id, acts } = useConversation();
  const [body, setBody] = useState(message.body);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<RpcError | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const tooMany = [...body.trim()].length - bodyCharacters;
  useGrowing(field, body);
  useEffect(() => {
    const element = field.current;
    element?.focus();
    element?.setSelectionRange(element.value.length, element.value.length);
  }, []);
  const close = (): void => acts.edit(null);
  const save = async (answer: { dlpAcknowledged?: boolean; dlpReason?: string } = {}): Promise<void> => {
    const text = body.trim();
    if (text === message.body) return close();
    if (text === '' || tooMany > 0 || busy) return;
    setBusy(true);
    try {
      await client.edit(id, message.number, { body: text, mentions: message.mentions, ...answer });
      close();
    } catch (thrown) {
      setRefusal(toRpcError(thrown));
      setBusy(false);
    }
  };
  const keyDown = (event: KeyboardEvent): void => {
    if (isComposing(event)) return;
    if (event.key === 'Escape') {
      event.stopPropagation();
      close();
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      void save();
    }
  };
  return (
    <div className={styles.editor}>
      <textarea
        ref={field}
        className={styles.field}
        rows={1}
        value={body}
        aria-label={t('message.editLabel')}
        dir="auto"
        onChange={(event) => setBody(event.target.value)}
        onKeyDown={keyDown}
      />
      {refusal && <DlpAnswer refusal={refusal} onAnswer={(answer) => void save(answer)} />}
      {tooMany > 0 && <p className={styles.wrong}>{t('composer.tooLong', { count: tooMany })}</p>}
      <div className={styles.buttons}>
        <span className={styles.hint}>{t('message.editHint')}</span>
        <Button variant="quiet" onClick={close}>
          {t('common:action.cancel')}
        </Button>
        <Button variant="primary" busy={busy} disabled={body.trim() === '' || tooMany > 0} onClick={() => void save()}>
          {t('common:action.save')}
        </Button>
      </div>
    </div>
  );
}
