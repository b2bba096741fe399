import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isViewer, myself, useStore } from '@/core';
import { cx, Stage, useMedia } from '@/design';
import { AgendaLine } from './agenda/agenda-line';
import { type AgendaDraft, AgendaPanel } from './agenda/agenda-panel';
import { Announcer } from './announcer';
import { AudioOut } from './audio-out';
import { Banners } from './banners';
import { CaptionOverlay } from './captions/caption-overlay';
import { CaptionPanel } from './captions/caption-panel';
import { type CaptionSettings, readCaptionSettings, writeCaptionSettings } from './captions/caption-settings';
import { ChatPanel } from './chat-panel';
import { ControlBar, type PanelName } from './control-bar';
import { DeviceDialog } from './device-dialog';
import { HelpDialog } from './help-dialog';
import { useMeeting } from './meeting-context';
import { useNotices } from './notices';
import { PeoplePanel } from './people-panel';
import { ConsentCard } from './recording/consent-card';
import { InformedStatus, RecordingIndicator } from './recording/recording-indicator';
import { StopRecordingDialog } from './recording/recording-items';
import { useConsentQuestion } from './recording/use-consent-question';
import styles from './room.module.css';
import { SmallWindow } from './small-window';
import { StageInvitation } from './stage-invitation';
import type { View } from './stage-plan';
import { StageView } from './stage-view';
import { useIdle } from './use-idle';
import { usePictureInPicture } from './use-picture-in-picture';
import { useShortcuts } from './use-shortcuts';
import { useUnread } from './use-unread';

/** The meeting itself: the stage takes everything, controls are in one bar. */
export function Room() {
  const { client, local } = useMeeting();
  const [panel, setPanel] = useState<PanelName | null>(null);
  const [view, setView] = useState<View>('gallery');
  const [dialog, setDialog] = useState<'devices' | 'help' | 'stop-recording' | null>(null);
  const [allowSound, setAllowSound] = useState<(() => void) | null>(null);
  const narrow = useMedia('(max-width: 600px)');
  const [captions, setCaptions] = useCaptionSettings();
  const [asks, setAsks] = useConsentQuestion();
  const [agendaDraft, setAgendaDraft] = useState<AgendaDraft | null>(null);
  const [fullScreen, toggleFullScreen] = useFullScreen();
  const small = usePictureInPicture();
  const watches = useStore(client.store, (state) => isViewer(myself(state)));
  const unread = useUnread(panel === 'chat');
  const idle = useIdle(fullScreen && panel === null && dialog === null);
  useTitle(unread);
  useNotices(
    panel === 'people',
    useCallback(() => setPanel('people'), []),
  );
  const toggle = (name: PanelName): void => setPanel((open) => (open === name ? null : name));

  useShortcuts({
    // Who only watches has neither.
    ...(watches
      ? {}
      : {
          m: () => void local.setMicrophone(!local.get().microphone.on),
          v: () => void local.setCamera(!local.get().camera.on),
        }),
    h: () => void client.raiseHand((myself(client.store.get())?.handRaisedAt ?? 0) === 0),
    c: () => toggle('chat'),
    p: () => toggle('people'),
    ...(small.possible ? { i: small.toggle } : {}),
    '?': () => setDialog('help'),
    escape: () => setPanel(null),
  });

  return (
    <Stage className={cx(styles.room, panel && styles.withPanel, idle && styles.idle)}>
      <StageView
        view={view}
        top={
          <>
            <RecordingIndicator onQuestion={() => setAsks(true)} />
            <AgendaLine onOpen={() => setPanel('agenda')} />
          </>
        }
      >
        <CaptionOverlay settings={captions} />
        {asks && <ConsentCard onClose={() => setAsks(false)} />}
      </StageView>
      {panel === 'chat' && <ChatPanel onClose={() => setPanel(null)} />}
      {panel === 'people' && <PeoplePanel onClose={() => setPanel(null)} />}
      {panel === 'captions' && <CaptionPanel settings={captions} onSettings={setCaptions} onClose={() => setPanel(null)} />}
      {panel === 'agenda' && <AgendaPanel draft={agendaDraft} onDraft={setAgendaDraft} onClose={() => setPanel(null)} />}
      <div className={styles.bar}>
        <ControlBar
          panel={panel}
          onPanel={setPanel}
          unread={unread}
          narrow={narrow}
          more={{
            view,
            onView: setView,
            fullScreen,
            onFullScreen: toggleFullScreen,
            pictureInPicture: small.possible ? { on: small.on, onToggle: small.toggle } : null,
            onDevices: () => setDialog('devices'),
            onHelp: () => setDialog('help'),
            captions: {
              shown: captions.shown,
              onToggle: () => setCaptions({ ...captions, shown: !captions.shown }),
              onOpen: () => toggle('captions'),
            },
            onAgenda: () => toggle('agenda'),
            onStopRecording: () => setDialog('stop-recording'),
          }}
          onLeave={() => client.leave()}
          onEndForAll={() => void client.endForAll()}
        />
      </div>
      <Banners allowSound={allowSound} />
      <AudioOut onBlocked={useCallback((allow) => setAllowSound(() => allow), [])} />
      <InformedStatus />
      <Announcer chatOpen={panel === 'chat'} />
      <StageInvitation />
      {small.body && <SmallWindow body={small.body} onLeave={() => client.leave()} />}
      <DeviceDialog open={dialog === 'devices'} onOpenChange={(open) => setDialog(open ? 'devices' : null)} />
      <StopRecordingDialog open={dialog === 'stop-recording'} onOpenChange={(open) => setDialog(open ? 'stop-recording' : null)} />
      <HelpDialog open={dialog === 'help'} onOpenChange={(open) => setDialog(open ? 'help' : null)} />
    </Stage>
  );
}

function useCaptionSettings(): readonly [CaptionSettings, (settings: CaptionSettings) => void] {
  const [settings, setSettings] = useState(readCaptionSettings);
  const change = (changed: CaptionSettings): void => {
    setSettings(changed);
    writeCaptionSettings(changed);
  };
  return [settings, change];
}

function useTitle(unread: number): void {
  const { t } = useTranslation('meeting');
  const { client } = useMeeting();
  const title = useStore(client.store, (state) => state.meeting?.title ?? '');
  useEffect(() => {
    const before = document.title;
    document.title = unread > 0 ? t('documentTitleUnread', { count: unread, title }) : t('documentTitle', { title });
    return () => {
      document.title = before;
    };
  }, [title, unread, t]);
}

/** The whole page rather than the stage alone: messages and menus stay visible. */
function useFullScreen(): readonly [boolean, () => void] {
  const [isFull, setIsFull] = useState(document.fullscreenElement !== null);
  useEffect(() => {
    const changed = (): void => setIsFull(document.fullscreenElement !== null);
    document.addEventListener('fullscreenchange', changed);
    return () => {
      document.removeEventListener('fullscreenchange', changed);
      if (document.fullscreenElement) void document.exitFullscreen();
    };
  }, []);
  const toggle = (): void => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void document.documentElement.requestFullscreen().catch(() => undefined);
  };
  return [isFull, toggle];
}
