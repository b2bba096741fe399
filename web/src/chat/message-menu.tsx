import { CheckCheck, Copy, Ellipsis, Forward, Link2, Pin, PinOff, RotateCcw, Undo2 } from 'lucide-react';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ChatMessage } from '@/core';
import { ConfirmDialog, copyText, IconButton, Menu, MenuContent, MenuItem, MenuSeparator, MenuTrigger, useToast } from '@/design';
import { useChat } from './chat-context';
import { useConversation } from './conversation-context';
import styles from './message-item.module.css';
import { recallableUntil, useBefore } from './recall-window';

/** Everything that is done less often. */
export function MessageMenu({ message, onOpenChange }: { readonly message: ChatMessage; readonly onOpenChange: (open: boolean) => void }) {
  const { t } = useTranslation(['chat', 'common']);
  const { client, compact, recallMs } = useChat();
  const { id, head, acts } = useConversation();
  const toast = useToast();
  const [asking, setAsking] = useState(false);
  const isMine = message.senderId === client.me.id;
  const until = recallableUntil(message, head, client.me.id, recallMs);
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
          <RecallItem until={until} onSelect={() => setAsking(true)} />
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

/** There while it can be done. It is asked when the menu opens, and withdrawn while it is open. */
function RecallItem({ until, onSelect }: { readonly until: number; readonly onSelect: () => void }) {
  const { t } = useTranslation('chat');
  const { client } = useChat();
  const [offered] = useState(() => client.now < until);
  const mayRecall = useBefore(
    until,
    useCallback(() => client.now, [client]),
  );
  if (!offered) return null;
  return (
    <>
      <MenuSeparator />
      {/* It stays in its place: what has the focus doesn't vanish, and nothing else comes under the pointer. */}
      <MenuItem icon={<Undo2 size={20} aria-hidden="true" />} danger disabled={!mayRecall} onSelect={onSelect}>
        {mayRecall ? t('message.recall') : t('recall.late')}
      </MenuItem>
    </>
  );
}
