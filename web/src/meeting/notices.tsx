import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { causeway } from '#proto';
import { isModerator, isWebinar, myself, type Notice } from '@/core';
import { type ToastOptions, useToast } from '@/design';
import { localeOf } from '@/i18n';
import { useMeeting } from './meeting-context';

const { Role } = causeway;
/** More are a number. */
const namedAtMost = 3;

/** What concerns this person, as a message with what can be done about it. */
export function useNotices(peopleOpen: boolean, onShowPeople: () => void): void {
  const { t } = useTranslation(['meeting', 'recording']);
  const { client, local } = useMeeting();
  const toast = useToast();
  useEffect(() => {
    const unmute = { label: t('notice.unmute'), onClick: () => void local.setMicrophone(true) };
    const showPeople = { label: t('notice.showPeople'), onClick: onShowPeople };
    const admission = (name: string): ToastOptions => {
      const named = client.store.get().waiting.filter((person) => person.name === name);
      // Of two with one name the list tells which is which.
      const [person] = named;
      if (!person || named.length > 1) return { action: showPeople };
      return { action: { label: t('people.admit'), onClick: () => void client.answerLobby(person.id, true) }, other: showPeople };
    };
    const show = (notice: Notice): void => {
      switch (notice.kind) {
        case 'lobby':
          // Who looks at the list sees it there.
          if (!peopleOpen) toast(t('notice.lobby', { names: notice.name }), admission(notice.name));
          break;
        case 'hand':
          if (isModerator(myself(client.store.get()))) toast(t('notice.hand', { names: notice.name }));
          break;
        case 'muted':
          toast(t('notice.muted', { name: notice.by }), { action: unmute });
          break;
        case 'asked-to-unmute':
          if (!local.get().microphone.on) toast(t('notice.askedToUnmute', { name: notice.by }), { action: unmute });
          break;
        case 'share-stopped':
          toast(t('notice.shareStopped', { name: notice.by }));
          break;
        case 'role':
          // In a webinar the stage tells of itself; see `StageInvitation`.
          if (isWebinar(client.store.get().meeting) && (notice.role === Role.ROLE_PRESENTER || notice.role === Role.ROLE_VIEWER)) break;
          toast(
            t(
              notice.role === Role.ROLE_HOST
                ? 'notice.nowHost'
                : notice.role === Role.ROLE_CO_HOST
                  ? 'notice.nowCoHost'
                  : 'notice.nowAttendee',
            ),
          );
          break;
        case 'locked':
          toast(t(notice.locked ? 'notice.locked' : 'notice.unlocked'));
          break;
        case 'recording':
          if (notice.what === 'troubled') {
            if (isModerator(myself(client.store.get()))) toast(t('recording:state.troubleWords'), { tone: 'wrong' });
          }
          // Its start is a question, or a card that informs; see `ConsentCard`.
          else if (notice.what !== 'started') toast(t(`recording:notice.${notice.what}`));
          break;
        case 'refused':
          if (notice.about === 'recording' && notice.error.code === 'RECORDING_NOT_ALLOWED') {
            toast(t('recording:refused.notAllowed'), { tone: 'wrong' });
            break;
          }
          // Who is no host at all is not offered it.
          if (notice.about === 'recording' && notice.error.code === 'MEETING_FORBIDDEN') {
            toast(t('recording:refused.forbidden'), { tone: 'wrong' });
            break;
          }
          toast(notice.error.code.startsWith('SOCKET_') || notice.error.code === 'CALL_TIMEOUT' ? t('notice.lost') : notice.error.message, {
            tone: 'wrong',
          });
          break;
        case 'not-sent':
          toast(t('notice.notSent', { reason: notice.error.message }), { tone: 'wrong' });
          break;
        case 'joined':
        case 'left':
        case 'share':
        case 'chat':
        case 'captions':
        case 'agenda':
        case 'hand-lowered':
          // Seen on the stage, in the list and on the badge; `Announcer` says it to those who don't see it.
          break;
      }
    };
    return client.on('notice', show);
  }, [client, local, toast, t, peopleOpen, onShowPeople]);
  useViewerHands(peopleOpen, onShowPeople);
}

/** Hands in the audience of a webinar, which only its hosts are told of. */
function useViewerHands(peopleOpen: boolean, onShowPeople: () => void): void {
  const { t, i18n } = useTranslation('meeting');
  const { client } = useMeeting();
  const toast = useToast();
  useEffect(() => {
    const list = new Intl.ListFormat(localeOf(i18n.language), { type: 'conjunction' });
    let known = client.store.get().viewerHands;
    return client.store.subscribe(() => {
      const hands = client.store.get().viewerHands;
      if (hands === known) return;
      const before = new Set(known.map(({ id }) => id));
      known = hands;
      const names = hands.filter(({ id }) => !before.has(id)).map(({ name }) => name);
      // Who looks at the list sees them there.
      if (names.length === 0 || peopleOpen) return;
      const words =
        names.length > namedAtMost ? t('notice.handMany', { count: names.length }) : t('notice.hand', { names: list.format(names) });
      toast(words, { action: { label: t('notice.showPeople'), onClick: onShowPeople } });
    });
  }, [client, toast, t, i18n.language, peopleOpen, onShowPeople]);
}
