import { type ReactNode, useCallback, useMemo, useState } from 'react';
import type { Member } from '@/api';
import { type ChatHead, type ChatMessage, tail } from '@/core';
import { useChat } from './chat-context';
import { ConversationContext, type ConversationParts, type MessageActs } from './conversation-context';
import { ForwardDialog } from './forward-dialog';
import { HistoryDialog } from './history-dialog';
import { Lightbox } from './lightbox';
import { ReadersDialog } from './readers-dialog';
import { useMembers, useNames } from './use-members';

export interface Scope {
  readonly members: readonly Member[];
  readonly replyTo: ChatMessage | null;
  readonly endReply: () => void;
  /** Changes what one has written last. */
  readonly editLast: () => void;
}

export interface ConversationScopeProps {
  readonly head: ChatHead;
  readonly thread: number;
  readonly highlighted: number | null;
  readonly onGoTo: (number: number) => void;
  readonly onThread: ((message: ChatMessage) => void) | null;
  readonly mayForward: boolean;
  readonly children: (scope: Scope) => ReactNode;
}

type Asked = { readonly what: 'readers' | 'history' | 'forward'; readonly message: ChatMessage };

/** Around the messages of a conversation or of a thread: who they name, and what is done with them. */
export function ConversationScope({ head, thread, highlighted, onGoTo, onThread, mayForward, children }: ConversationScopeProps) {
  const { client } = useChat();
  const { id } = head;
  const [replyTo, setReplyTo] = useState<ChatMessage | null>(null);
  const [editing, setEditing] = useState<number | null>(null);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [picture, setPicture] = useState<{ message: ChatMessage; attachmentId: string } | null>(null);
  const members = useMembers(id);
  const names = useNames(members.data, client.me);

  const acts = useMemo(
    (): MessageActs => ({
      reply: setReplyTo,
      edit: (message) => setEditing(message?.number ?? null),
      thread: onThread,
      forward: mayForward ? (message) => setAsked({ what: 'forward', message }) : null,
      readers: (message) => setAsked({ what: 'readers', message }),
      history: (message) => setAsked({ what: 'history', message }),
      goTo: onGoTo,
      picture: (message, attachmentId) => setPicture({ message, attachmentId }),
    }),
    [onThread, mayForward, onGoTo],
  );
  const parts = useMemo(
    (): ConversationParts => ({ id, head, thread, names, acts, editing, highlighted }),
    [id, head, thread, names, acts, editing, highlighted],
  );
  const editLast = useCallback((): void => {
    const log = client.log(id);
    const messages = thread > 0 ? log?.threads.get(thread)?.replies : log && tail(log)?.messages;
    // What was forwarded stays in the words of who wrote it.
    const last = messages?.findLast(
      ({ senderId, kind, recalledAt, forwarded }) => senderId === client.me.id && kind === 'text' && recalledAt === 0 && forwarded === null,
    );
    if (last) setEditing(last.number);
  }, [client, id, thread]);
  const endReply = useCallback((): void => setReplyTo(null), []);
  const close = (): void => setAsked(null);
  return (
    <ConversationContext value={parts}>
      {children({ members: members.data ?? [], replyTo, endReply, editLast })}
      {asked?.what === 'readers' && <ReadersDialog message={asked.message} onClose={close} />}
      {asked?.what === 'history' && <HistoryDialog message={asked.message} onClose={close} />}
      {asked?.what === 'forward' && <ForwardDialog message={asked.message} onClose={close} />}
      {picture && <Lightbox message={picture.message} attachmentId={picture.attachmentId} onClose={() => setPicture(null)} />}
    </ConversationContext>
  );
}
