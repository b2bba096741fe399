import { BellRing, Check } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ChatMessage } from '@/core';
import { Button } from '@/design';
import { useChat, useChatState } from './chat-context';
import { useConversation } from './conversation-context';

/** An urgent message: who gets it confirms it, who wrote it sees who has. */
export function UrgentLine({ message }: { readonly message: ChatMessage }) {
  const { t } = useTranslation(['chat', 'common']);
  const { client } = useChat();
  const { id, acts } = useConversation();
  const [busy, setBusy] = useState(false);
  const waits = useChatState(({ urgent }) => urgent.some((one) => one.conversationId === id && one.message.number === message.number));
  if (waits) {
    const confirm = async (): Promise<void> => {
      setBusy(true);
      await client.confirm(id, message.number);
      setBusy(false);
    };
    return (
      <Button variant="primary" busy={busy} icon={<Check size={18} aria-hidden="true" />} onClick={() => void confirm()}>
        {t('urgent.confirm')}
      </Button>
    );
  }
  return (
    <Button variant="quiet" icon={<BellRing size={18} aria-hidden="true" />} onClick={() => acts.readers(message)}>
      {t('urgent.who')}
    </Button>
  );
}
