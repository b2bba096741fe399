import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isViewer, type MeetingClient, myself, type Notice } from '@/core';
import { VisuallyHidden } from '@/design';
import { localeOf } from '@/i18n';
import { type Announcement, coalesce } from './announcements';
import { useMeeting } from './meeting-context';

const collectMs = 1_200;
const namedAtMost = 3;
const textAtMost = 160;

/** Tells screen readers what others see: who came and went, hands, the chat while it is closed. */
export function Announcer({ chatOpen }: { readonly chatOpen: boolean }) {
  const { t, i18n } = useTranslation(['meeting', 'recording', 'agenda']);
  const { client } = useMeeting();
  const [said, setSaid] = useState('');

  useEffect(() => {
    let waiting: Notice[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const list = new Intl.ListFormat(localeOf(i18n.language), { type: 'conjunction' });
    const sentence = (told: Announcement): string => {
      if (told.kind === 'recording') return t(`recording:notice.${startedWords(client, told.transcript)}`, { name: told.by });
      if (told.kind === 'captions') return t(told.on ? 'recording:notice.captionsOn' : 'recording:notice.captionsOff');
      if (told.kind === 'agenda') return t('agenda:nowNamed', { title: told.title });
      if (told.kind === 'share') return t('notice.share', { name: told.name });
      if (told.kind === 'chat') {
        return told.count === 1
          ? t('notice.chat', { name: told.name, text: told.text.slice(0, textAtMost) })
          : t('notice.chatMany', { count: told.count });
      }
      const count = told.names.length;
      if (told.kind === 'joined' && count > namedAtMost) return t('notice.joinedMany', { count });
      if (told.kind === 'left' && count > namedAtMost) return t('notice.leftMany', { count });
      return t(`notice.${told.kind}`, { names: list.format(told.names) });
    };
    const stop = client.on('notice', (notice) => {
      if (notice.kind === 'chat' && chatOpen) return;
      waiting.push(notice);
      timer ??= setTimeout(() => {
        timer = undefined;
        const announcements = coalesce(waiting);
        waiting = [];
        if (announcements.length > 0) setSaid(announcements.map(sentence).join(' '));
      }, collectMs);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [client, chatOpen, t, i18n.language]);

  return (
    <VisuallyHidden role="status" aria-live="polite" data-testid="announcer">
      {said}
    </VisuallyHidden>
  );
}

/** What its start means for the one who hears it. */
function startedWords({ store, recording }: MeetingClient, transcript: boolean) {
  const state = store.get();
  if (isViewer(myself(state))) return 'startedViewer';
  const asks = state.meeting?.recording?.notice.asks ?? true;
  if (recording.get().consent === 'yes') return transcript ? 'startedTranscriptOwn' : 'startedOwn';
  if (transcript) return asks ? 'startedTranscript' : 'startedTranscriptInform';
  return asks ? 'started' : 'startedInform';
}
