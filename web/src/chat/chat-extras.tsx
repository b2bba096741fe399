import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { onNotificationOpened } from '@/core';
import { useToast } from '@/design';
import { useOwnPush } from '@/shell/use-own-push';
import { useChat } from './chat-context';
import { MessageAnnouncer } from './message-announcer';
import { useIdleWatch } from './use-idle-watch';
import { usePageNotifications } from './use-page-notifications';

/** What chat does on every page of the shell: notices, whether somebody is there. */
export function ChatExtras() {
  const { t } = useTranslation(['chat', 'common']);
  const { client } = useChat();
  const toast = useToast();
  const navigate = useNavigate();
  useIdleWatch();
  usePageNotifications();
  const push = useOwnPush(client.me.id);
  // What the browser renewed by itself, and who is signed in here now. Without it pushes go on as they were.
  useEffect(() => void push.refresh().catch(() => undefined), [push]);
  // A notification that came while the page was closed is opened in it.
  useEffect(() => onNotificationOpened((path) => void navigate(path)), [navigate]);
  useEffect(
    () =>
      client.on('refused', (error) => {
        const isAway = error.code.startsWith('SOCKET_') || error.code === 'CALL_TIMEOUT';
        toast(isAway ? t('list.offline') : error.message, { tone: 'wrong' });
      }),
    [client, toast, t],
  );
  return <MessageAnnouncer />;
}
