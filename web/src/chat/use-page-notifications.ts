/** Tells of messages while the page is out of sight: a notification of the system where it is allowed, and a sound where it is wanted. */
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { type ChatHead, type ChatMessage, isMuted } from '@/core';
import { useChat } from './chat-context';
import { playTone, wantsSound } from './chat-sound';
import { conversationName } from './conversation-name';
import { snippet } from './quote';

export function usePageNotifications(): void {
  const { t } = useTranslation(['chat', 'common']);
  const { client } = useChat();
  const navigate = useNavigate();
  const shown = useRef(new Map<string, Notification>());
  useEffect(() => {
    const show = (conversationId: string, message: ChatMessage, urgent: boolean): void => {
      const head = client.store.get().heads.get(conversationId);
      if (!head || isLooking() || !(urgent || concerns(head, message, client.me.id, client.now))) return;
      if (wantsSound()) playTone();
      if (!('Notification' in globalThis) || Notification.permission !== 'granted') return;
      const name = conversationName(head, client.me.id, t);
      const title = head.kind === 'direct' ? name : t('notice.title', { name: message.senderName, conversation: name });
      let notification: Notification;
      try {
        notification = new Notification(title, { body: snippet(message, t, 120), tag: conversationId, icon: '/icon.svg' });
      } catch {
        // Phones allow them to service workers alone.
        return;
      }
      shown.current.set(conversationId, notification);
      notification.onclick = () => {
        window.focus();
        notification.close();
        void navigate(`/chat/${conversationId}`);
      };
    };
    const seen = (): void => {
      if (!isLooking()) return;
      for (const notification of shown.current.values()) notification.close();
      shown.current.clear();
    };
    const stops = [
      client.on('message', (conversationId, message) => show(conversationId, message, false)),
      client.on('urgent', (conversationId, message) => show(conversationId, message, true)),
    ];
    addEventListener('focus', seen);
    return () => {
      for (const stop of stops) stop();
      removeEventListener('focus', seen);
    };
  }, [client, navigate, t]);
}

function isLooking(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus();
}

/** Whether the person wants to be told of it. */
export function concerns(head: ChatHead, message: ChatMessage, myId: string, now: number): boolean {
  if (isMuted(head, now) || head.kind === 'meeting') return false;
  const isForMe = message.mentionsAll || message.mentions.includes(myId) || head.kind === 'direct';
  return head.notify === 'all' ? message.thread === 0 || isForMe : isForMe;
}
