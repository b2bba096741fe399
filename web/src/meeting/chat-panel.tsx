import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { ChatContext } from '@/chat/chat-context';
import { Composer, type ComposerHandle } from '@/chat/composer';
import { ConversationScope } from '@/chat/conversation-scope';
import { MessageList, type MessageListHandle } from '@/chat/message-list';
import { TypingLine } from '@/chat/typing-line';
import { type ChatClient, useStore } from '@/core';
import { EmptyState } from '@/design';
import { useMeeting } from './meeting-context';
import { SidePanel } from './side-panel';

/** The meeting's conversation, by the same parts as the pages of chat. */
export function ChatPanel({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation('meeting');
  const { client, chatCharacters, chatRecallMs } = useMeeting();
  const chat = useStore(client.store, (state) => state.chat);
  return (
    <SidePanel title={t('chat.title')} closeLabel={t('chat.close')} onClose={onClose}>
      {chat && (
        <ChatContext value={{ client: chat, bodyCharacters: chatCharacters, recallMs: chatRecallMs, compact: true }}>
          <Conversation chat={chat} />
        </ChatContext>
      )}
    </SidePanel>
  );
}

function Conversation({ chat }: { readonly chat: ChatClient }) {
  const { t } = useTranslation('meeting');
  const head = useStore(chat.store, ({ heads }) => heads.get(chat.only ?? '') ?? null);
  const list = useRef<MessageListHandle>(null);
  const composer = useRef<ComposerHandle>(null);
  if (!head) return null;
  const toNewest = (): void => list.current?.toNewest();
  return (
    <ConversationScope head={head} thread={0} highlighted={null} onGoTo={nothing} onThread={null} mayForward={false}>
      {({ members, replyTo, endReply, editLast }) => (
        <>
          <MessageList
            ref={list}
            at={null}
            onToNewest={toNewest}
            onTakeBack={(pending) => {
              chat.discard(pending.conversationId, pending.clientId);
              composer.current?.takeBack(pending);
            }}
            empty={<EmptyState title={t('chat.empty')}>{t('chat.emptyWords')}</EmptyState>}
          />
          <TypingLine conversationId={head.id} thread={0} />
          <Composer
            ref={composer}
            members={members}
            replyTo={replyTo}
            onReplyEnd={endReply}
            onEditLast={editLast}
            onSent={toNewest}
            onPoll={null}
            onSchedule={null}
          />
        </>
      )}
    </ConversationScope>
  );
}

/** Beside a meeting the list stays at the newest. */
function nothing(): void {}
