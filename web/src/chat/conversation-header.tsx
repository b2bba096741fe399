import { ArrowLeft, Bell, BellOff, CalendarSearch, EllipsisVertical, Info, Pin } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api } from '@/api';
import { type ChatHead, isMuted, type NotifyLevel } from '@/core';
import { Badge, IconButton, Menu, MenuChoices, MenuContent, MenuItem, MenuLabel, MenuSeparator, MenuTrigger, useToast } from '@/design';
import { useChat, useChatState } from './chat-context';
import { ConversationFace } from './conversation-face';
import styles from './conversation-header.module.css';
import { conversationName } from './conversation-name';
import { DayDialog } from './day-dialog';

export interface ConversationHeaderProps {
  readonly head: ChatHead;
  readonly panel: string | null;
  readonly onPanel: (panel: 'info' | 'pins' | null) => void;
  readonly onDay: (time: number) => void;
}

export function ConversationHeader({ head, panel, onPanel, onDay }: ConversationHeaderProps) {
  const { t } = useTranslation(['chat', 'common']);
  const { client } = useChat();
  const [asksDay, setAsksDay] = useState(false);
  const counterpart = head.kind === 'direct' ? head.counterpart : null;
  const status = useChatState(({ presence }) => (counterpart ? (presence.get(counterpart.id) ?? 'offline') : 'offline'));
  const details = [
    head.kind === 'direct' ? (status === 'offline' ? '' : t(`presence.${status}`)) : t('header.members', { count: head.memberCount }),
    head.domainName,
  ].filter((word) => word !== '');
  return (
    <header className={styles.header}>
      <Link to="/chat" className={styles.back} aria-label={t('header.back')}>
        <ArrowLeft size={20} aria-hidden="true" />
      </Link>
      <span className={styles.face}>
        <ConversationFace head={head} size={36} />
      </span>
      <button type="button" className={styles.words} onClick={() => onPanel(panel === 'info' ? null : 'info')}>
        <span className={styles.name}>
          <span className={styles.title}>{conversationName(head, client.me.id, t)}</span>
          {counterpart?.external && <Badge tone="lantern">{t('guest')}</Badge>}
          {counterpart?.app && <Badge>{t('message.app')}</Badge>}
        </span>
        {details.length > 0 && <span className={styles.detail}>{details.join(' · ')}</span>}
      </button>
      <div className={styles.actions}>
        <IconButton
          label={t('header.day')}
          icon={<CalendarSearch size={20} aria-hidden="true" />}
          className={styles.wide}
          onClick={() => setAsksDay(true)}
        />
        <MuteMenu head={head} />
        <IconButton
          label={t('pins.title')}
          icon={<Pin size={20} aria-hidden="true" />}
          pressed={panel === 'pins'}
          className={styles.wide}
          onClick={() => onPanel(panel === 'pins' ? null : 'pins')}
        />
        <IconButton
          label={t('info.title')}
          icon={<Info size={20} aria-hidden="true" />}
          pressed={panel === 'info'}
          onClick={() => onPanel(panel === 'info' ? null : 'info')}
        />
        <Menu>
          <MenuTrigger>
            <IconButton label={t('header.more')} icon={<EllipsisVertical size={20} aria-hidden="true" />} className={styles.narrow} />
          </MenuTrigger>
          <MenuContent>
            <MenuItem icon={<Pin size={20} aria-hidden="true" />} onSelect={() => onPanel('pins')}>
              {t('pins.title')}
            </MenuItem>
            <MenuItem icon={<CalendarSearch size={20} aria-hidden="true" />} onSelect={() => setAsksDay(true)}>
              {t('header.day')}
            </MenuItem>
          </MenuContent>
        </Menu>
      </div>
      {asksDay && <DayDialog onClose={() => setAsksDay(false)} onDay={onDay} />}
    </header>
  );
}

const hour = 3_600_000;

function MuteMenu({ head }: { readonly head: ChatHead }) {
  const { t } = useTranslation(['chat', 'common']);
  const { client } = useChat();
  const toast = useToast();
  const muted = isMuted(head, client.now);
  const change = async (body: Parameters<typeof api.chat.changeMine>[1]): Promise<void> => {
    try {
      await api.chat.changeMine(head.id, body);
      await client.refreshHead(head.id);
    } catch (error) {
      toast(error instanceof Error ? error.message : '', { tone: 'wrong' });
    }
  };
  const muteFor = (ms: number): void => void change({ mutedUntil: new Date(client.now + ms).toISOString() });
  return (
    <Menu>
      <MenuTrigger>
        <IconButton
          label={muted ? t('mute.isMuted') : t('mute.label')}
          icon={muted ? <BellOff size={20} aria-hidden="true" /> : <Bell size={20} aria-hidden="true" />}
        />
      </MenuTrigger>
      <MenuContent>
        <MenuLabel>{t('mute.level')}</MenuLabel>
        <MenuChoices<NotifyLevel>
          value={head.notify}
          onChange={(notify) => void change({ notify })}
          choices={[
            { value: 'all', label: t('mute.all') },
            { value: 'mentions', label: t('mute.mentions') },
            { value: 'nothing', label: t('mute.nothing') },
          ]}
        />
        <MenuSeparator />
        {head.mutedUntil > client.now ? (
          <MenuItem onSelect={() => void change({ mutedUntil: null })}>{t('mute.off')}</MenuItem>
        ) : (
          <>
            <MenuItem onSelect={() => muteFor(hour)}>{t('mute.hour')}</MenuItem>
            <MenuItem onSelect={() => muteFor(8 * hour)}>{t('mute.hours')}</MenuItem>
            <MenuItem onSelect={() => muteFor(7 * 24 * hour)}>{t('mute.week')}</MenuItem>
          </>
        )}
      </MenuContent>
    </Menu>
  );
}
