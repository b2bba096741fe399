import {
  Captions,
  CaptionsOff,
  Ellipsis,
  Hand,
  Lock,
  LogOut,
  MessageSquare,
  Mic,
  MicOff,
  MonitorUp,
  MonitorX,
  Users,
  Video,
  VideoOff,
} from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { canShareScreen, isHost, isViewer, myself, useStore } from '@/core';
import { Menu, MenuTrigger } from '@/design';
import { BarButton } from './bar-button';
import styles from './control-bar.module.css';
import { duration } from './duration';
import { LeaveMenu } from './leave-menu';
import { useMeeting } from './meeting-context';
import { MoreMenu, type MoreMenuProps } from './more-menu';

export type PanelName = 'chat' | 'people' | 'captions' | 'agenda';

export interface ControlBarProps {
  readonly panel: PanelName | null;
  readonly onPanel: (panel: PanelName | null) => void;
  readonly unread: number;
  readonly more: MoreMenuProps;
  readonly onLeave: () => void;
  readonly onEndForAll: () => void;
  readonly narrow: boolean;
}

/** Everything that one does in a meeting, in the order that people know. */
export function ControlBar({ panel, onPanel, unread, more, onLeave, onEndForAll, narrow }: ControlBarProps) {
  const { t } = useTranslation(['meeting', 'recording']);
  const { client, local } = useMeeting();
  const captionsOn = useStore(client.store, (state) => state.meeting?.captions.on ?? false);
  const microphone = useStore(local, (state) => state.microphone);
  const camera = useStore(local, (state) => state.camera);
  const isSharing = useStore(local, (state) => state.screen.on);
  const handUp = useStore(client.store, (state) => (myself(state)?.handRaisedAt ?? 0) > 0);
  const people = useStore(client.store, (state) => (state.meeting?.participants.size ?? 0) + (state.meeting?.viewers ?? 0));
  const watches = useStore(client.store, (state) => isViewer(myself(state)));
  const hands = useStore(client.store, (state) => state.viewerHands.length);
  const waiting = useStore(client.store, (state) => state.waiting.length);
  const mayEnd = useStore(client.store, (state) => isHost(myself(state)));
  const toggle = (name: PanelName): void => onPanel(panel === name ? null : name);
  const share = (): void => {
    if (isSharing) local.stopScreen();
    else void local.shareScreen();
  };
  const peopleName = waiting > 0 ? t('bar.peopleWaiting', { count: people, waiting }) : t('bar.peopleCount', { count: people });

  return (
    <footer className={styles.bar}>
      <Title />
      <section className={styles.controls} aria-label={t('bar.label')}>
        {!watches && (
          <>
            <BarButton
              label={t('bar.microphone')}
              hint={microphone.on ? t('bar.microphoneOn') : t('bar.microphoneOff')}
              shortcut="M"
              pressed={microphone.on}
              look={microphone.on ? 'plain' : 'off'}
              icon={microphone.on ? <Mic size={22} aria-hidden="true" /> : <MicOff size={22} aria-hidden="true" />}
              onClick={() => void local.setMicrophone(!microphone.on)}
            />
            <BarButton
              label={t('bar.camera')}
              hint={camera.on ? t('bar.cameraOn') : t('bar.cameraOff')}
              shortcut="V"
              pressed={camera.on}
              look={camera.on ? 'plain' : 'off'}
              icon={camera.on ? <Video size={22} aria-hidden="true" /> : <VideoOff size={22} aria-hidden="true" />}
              onClick={() => void local.setCamera(!camera.on)}
            />
          </>
        )}
        {!watches && !narrow && canShareScreen() && (
          <BarButton
            label={t('bar.share')}
            hint={isSharing ? t('bar.shareOn') : t('bar.shareOff')}
            pressed={isSharing}
            look={isSharing ? 'on' : 'plain'}
            icon={isSharing ? <MonitorX size={22} aria-hidden="true" /> : <MonitorUp size={22} aria-hidden="true" />}
            onClick={share}
          />
        )}
        <BarButton
          label={t('bar.hand')}
          hint={handUp ? t('bar.handUp') : t('bar.handDown')}
          shortcut="H"
          pressed={handUp}
          look={handUp ? 'attention' : 'plain'}
          icon={<Hand size={22} aria-hidden="true" />}
          onClick={() => void client.raiseHand(!handUp)}
        />
        <BarButton
          label={t('bar.chat')}
          name={unread > 0 ? t('bar.chatUnread', { count: unread }) : t('bar.chat')}
          hint={t('bar.chat')}
          shortcut="C"
          pressed={panel === 'chat'}
          look={panel === 'chat' ? 'on' : 'plain'}
          badge={unread > 0 && (unread > 99 ? '99+' : unread)}
          icon={<MessageSquare size={22} aria-hidden="true" />}
          onClick={() => toggle('chat')}
        />
        {!narrow && (
          <BarButton
            label={t('bar.people')}
            name={peopleName}
            hint={peopleName}
            shortcut="P"
            pressed={panel === 'people'}
            look={panel === 'people' ? 'on' : waiting + hands > 0 ? 'attention' : 'plain'}
            badge={waiting > 0 ? waiting : people > 999 ? '999+' : people}
            icon={<Users size={22} aria-hidden="true" />}
            onClick={() => toggle('people')}
          />
        )}
        {!narrow && captionsOn && (
          <BarButton
            label={t('recording:captions.bar')}
            hint={t(more.captions.shown ? 'recording:captions.hide' : 'recording:captions.show')}
            pressed={more.captions.shown}
            look={more.captions.shown ? 'on' : 'plain'}
            icon={more.captions.shown ? <Captions size={22} aria-hidden="true" /> : <CaptionsOff size={22} aria-hidden="true" />}
            onClick={more.captions.onToggle}
          />
        )}
        <Menu>
          <MenuTrigger>
            <BarButton
              label={t('bar.more')}
              hint={t('bar.more')}
              look={narrow && waiting > 0 ? 'attention' : 'plain'}
              badge={narrow && waiting > 0 && waiting}
              icon={<Ellipsis size={22} aria-hidden="true" />}
            />
          </MenuTrigger>
          <MoreMenu
            {...more}
            narrow={
              narrow
                ? {
                    people: { label: peopleName, onSelect: () => toggle('people') },
                    share: canShareScreen() && !watches ? { isSharing, onSelect: share } : null,
                  }
                : null
            }
          />
        </Menu>
        {mayEnd ? (
          <LeaveMenu onLeave={onLeave} onEndForAll={onEndForAll}>
            <BarButton label={t('bar.leave')} hint={t('bar.leaveMenu')} look="leave" icon={<LogOut size={22} aria-hidden="true" />} />
          </LeaveMenu>
        ) : (
          <BarButton
            label={t('bar.leave')}
            hint={t('leave.leave')}
            look="leave"
            icon={<LogOut size={22} aria-hidden="true" />}
            onClick={onLeave}
          />
        )}
      </section>
      <div className={styles.balance} />
    </footer>
  );
}

function Title() {
  const { t } = useTranslation('meeting');
  const { client } = useMeeting();
  const title = useStore(client.store, (state) => state.meeting?.title ?? '');
  const startedAt = useStore(client.store, (state) => state.meeting?.startedAt ?? 0);
  const locked = useStore(client.store, (state) => state.meeting?.locked ?? false);
  const [now, setNow] = useState(client.serverNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(client.serverNow), 1_000);
    return () => clearInterval(timer);
  }, [client]);
  return (
    <div className={styles.title}>
      <span className={styles.name} title={title}>
        {title}
      </span>
      <span className={styles.time}>
        {locked && <Lock size={14} role="img" aria-label={t('notice.locked')} />}
        {startedAt > 0 && <time>{duration(now - startedAt)}</time>}
      </span>
    </div>
  );
}
