import { useEffect, useState } from 'react';
import { useMeeting } from './meeting-context';

/** Messages that came while the chat was closed. */
export function useUnread(chatOpen: boolean): number {
  const { client } = useMeeting();
  const [unread, setUnread] = useState(0);
  useEffect(() => {
    if (chatOpen) {
      setUnread(0);
      return;
    }
    return client.on('notice', (notice) => {
      if (notice.kind === 'chat') setUnread((count) => count + 1);
    });
  }, [client, chatOpen]);
  return unread;
}
