import { CheckCheck, Copy, Ellipsis, Forward, Link2, Pin, PinOff, RotateCcw, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ChatMessage } from '@/core';
import { ConfirmDialog, copyText, IconButton, Menu, MenuContent, MenuItem, MenuSeparator, MenuTrigger, useToast } from '@/design';
import { useChat } from './chat-context';
import { useConversation } from './conversation-context';
import styles from './message-item.module.css';

/** Everything that is done less often. */
export function MessageMenu({ message, onOpenChange }: { readonly message: ChatMessage; readonly onOpenChange: (open: boolean) => void }) {
  const { t } = useTranslation(['chat', 'common']);
  const { client, compact } = useChat();
  const { id, head, acts } = useConversation();
  const toast = useToast();
  const [asking, setAsking] = useState(false);
  const isMine = message.senderId === client.me.id;
  const mayRecall = isMine || head.admin;
  const copy = async (text: string): Promise<void> => {
    if (await copyText(text)) toast(t('common:copy.done'), { tone: 'good' });
    else toast(t('common:copy.failed'), { tone: 'wrong' });
  };
  const recall = (): void => {
    setAsking(false);
    void client.recall(id, message.number);
  };
  return (
    <>
      <Menu onOpenChange={onOpenChange}>
        <MenuTrigger>
          <IconButton label={t('message.more')} icon={<Ellipsis size={18} aria-hidden="true" />} className={styles.tool} />
        </MenuTrigger>
        <MenuContent>
          {acts.forward && (
            <MenuItem icon={<Forward size={20} aria-hidden="true" />} onSelect={() => acts.forward?.(message)}>
              {t('message.forward')}
            </MenuItem>
          )}
          {message.body !== '' && (
            <MenuItem icon={<Copy size={20} aria-hidden="true" />} onSelect={() => void copy(message.body)}>
              {t('message.copy')}
            </MenuItem>
          )}
          {!compact && (
            <MenuItem
              icon={<Link2 size={20} aria-hidden="true" />}
              onSelect={() => void copy(`${location.origin}/chat/${id}/${message.number}`)}
            >
              {t('message.copyLink')}
            </MenuItem>
          )}
          {message.thread === 0 && (
            <MenuItem
              icon={message.pinned ? <PinOff size={20} aria-hidden="true" /> : <Pin size={20} aria-hidden="true" />}
              onSelect={() => void client.pin(id, message.number, !message.pinned)}
            >
              {message.pinned ? t('message.unpin') : t('message.pin')}
            </MenuItem>
          )}
          <MenuItem icon={<CheckCheck size={20} aria-hidden="true" />} onSelect={() => acts.readers(message)}>
            {t('message.readers')}
          </MenuItem>
          {message.editedAt > 0 && (
            <MenuItem icon={<RotateCcw size={20} aria-hidden="true" />} onSelect={() => acts.history(message)}>
              {t('message.history')}
            </MenuItem>
          )}
          {mayRecall && (
            <>
              <MenuSeparator />
              <MenuItem icon={<Undo2 size={20} aria-hidden="true" />} danger onSelect={() => setAsking(true)}>
                {t('message.recall')}
              </MenuItem>
            </>
          )}
        </MenuContent>
      </Menu>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t('recall.title')}
        description={isMine ? t('recall.words') : t('recall.wordsOther', { name: message.senderName })}
        action={t('message.recall')}
        onConfirm={recall}
      />
    </>
  );
}
