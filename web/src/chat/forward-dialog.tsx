import { Forward } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ChatMessage } from '@/core';
import { Button, Dialog, DialogBody, DialogFooter, Field, Input, useToast } from '@/design';
import { useChat } from './chat-context';
import { useConversation } from './conversation-context';
import { ConversationPicker } from './conversation-picker';
import styles from './forward-dialog.module.css';
import { snippet } from './quote';

/** Sends a message on to other conversations, with a word of one's own. */
export function ForwardDialog({ message, onClose }: { readonly message: ChatMessage; readonly onClose: () => void }) {
  const { t } = useTranslation(['chat', 'common']);
  const { client } = useChat();
  const { id } = useConversation();
  const toast = useToast();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [comment, setComment] = useState('');
  const send = (): void => {
    for (const conversationId of chosen) {
      client.send({ conversationId, body: '', forward: { conversationId: id, number: message.number } });
      if (comment.trim() !== '') client.send({ conversationId, body: comment.trim() });
    }
    toast(t('forward.done', { count: chosen.length }), { tone: 'good' });
    onClose();
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t('forward.title')}>
      <DialogBody>
        <p className={styles.quote}>
          <strong>{message.senderName}</strong> {snippet(message, t)}
        </p>
        <ConversationPicker label={t('forward.to')} chosen={chosen} onChange={setChosen} />
        <Field label={t('forward.comment')}>
          <Input value={comment} maxLength={1_000} onChange={(event) => setComment(event.target.value)} />
        </Field>
      </DialogBody>
      <DialogFooter>
        <Button onClick={onClose}>{t('common:action.cancel')}</Button>
        <Button variant="primary" icon={<Forward size={18} aria-hidden="true" />} disabled={chosen.length === 0} onClick={send}>
          {t('forward.send')}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
