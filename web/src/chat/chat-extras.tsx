import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useToast } from '@/design';
import { useChat } from './chat-context';
import { MessageAnnouncer } from './message-announcer';
import { QuickSwitcher } from './quick-switcher';
import { useIdleWatch } from './use-idle-watch';
import { usePageNotifications } from './use-page-notifications';

/** What chat does on every page of the shell: notices, the switcher, whether somebody is there. */
export function ChatExtras() {
  const { t } = useTranslation(['chat', 'common']);
  const { client } = useChat();
  const toast = useToast();
  const [switching, setSwitching] = useState(false);
  useIdleWatch();
  usePageNotifications();
  useEffect(
    () =>
      client.on('refused', (error) => {
        const isAway = error.code.startsWith('SOCKET_') || error.code === 'CALL_TIMEOUT';
        toast(isAway ? t('list.offline') : error.message, { tone: 'wrong' });
      }),
    [client, toast, t],
  );
  useEffect(() => {
    const keyDown = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
      event.preventDefault();
      setSwitching((open) => !open);
    };
    addEventListener('keydown', keyDown);
    return () => removeEventListener('keydown', keyDown);
  }, []);
  return (
    <>
      <MessageAnnouncer />
      {switching && <QuickSwitcher onClose={() => setSwitching(false)} />}
    </>
  );
}
