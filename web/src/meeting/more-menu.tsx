import {
  Captions,
  CaptionsOff,
  Expand,
  Keyboard,
  Link2,
  ListChecks,
  Lock,
  LockOpen,
  MicOff,
  MonitorUp,
  MonitorX,
  PictureInPicture2,
  Settings2,
  Shrink,
  Users,
} from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { isModerator, isViewer, myself, useStore } from '@/core';
import { copyText, MenuChoices, MenuContent, MenuItem, MenuLabel, MenuSeparator, useToast } from '@/design';
import { useMeeting } from './meeting-context';
import { RecordingItems } from './recording/recording-items';
import type { View } from './stage-plan';

export interface MoreMenuProps {
  readonly view: View;
  readonly onView: (view: View) => void;
  readonly fullScreen: boolean;
  readonly onFullScreen: () => void;
  /** Null: this browser has no small window for it. */
  readonly pictureInPicture: { readonly on: boolean; readonly onToggle: () => void } | null;
  readonly onDevices: () => void;
  readonly onHelp: () => void;
  /** Those of oneself, on the stage. */
  readonly captions: { readonly shown: boolean; readonly onToggle: () => void; readonly onOpen: () => void };
  readonly onAgenda: () => void;
  readonly onStopRecording: () => void;
}

interface Narrow {
  readonly people: { readonly label: string; readonly onSelect: () => void };
  readonly share: { readonly isSharing: boolean; readonly onSelect: () => void } | null;
}

/** What is needed less often, and on a phone what the bar has no room for. */
export function MoreMenu({
  view,
  onView,
  fullScreen,
  onFullScreen,
  pictureInPicture,
  onDevices,
  onHelp,
  captions,
  onAgenda,
  onStopRecording,
  narrow,
}: MoreMenuProps & { readonly narrow: Narrow | null }) {
  const { t } = useTranslation(['meeting', 'recording', 'agenda']);
  const { client, link } = useMeeting();
  const captionsOn = useStore(client.store, (state) => state.meeting?.captions.on ?? false);
  const toast = useToast();
  const moderates = useStore(client.store, (state) => isModerator(myself(state)));
  const watches = useStore(client.store, (state) => isViewer(myself(state)));
  const planned = useStore(client.store, (state) => (state.meeting?.agenda.items.length ?? 0) > 0);
  const locked = useStore(client.store, (state) => state.meeting?.locked ?? false);
  const copy = async (): Promise<void> => {
    if (await copyText(link)) toast(t('more.copied'), { tone: 'good' });
    else toast(t('more.copyFailed', { link }), { tone: 'wrong' });
  };
  return (
    <MenuContent side="top" align="center">
      {narrow && (
        <>
          <MenuItem icon={<Users size={18} />} onSelect={narrow.people.onSelect}>
            {narrow.people.label}
          </MenuItem>
          {narrow.share && (
            <MenuItem icon={narrow.share.isSharing ? <MonitorX size={18} /> : <MonitorUp size={18} />} onSelect={narrow.share.onSelect}>
              {narrow.share.isSharing ? t('bar.shareOn') : t('bar.shareOff')}
            </MenuItem>
          )}
          <MenuSeparator />
        </>
      )}
      <MenuLabel>{t('more.view')}</MenuLabel>
      <MenuChoices
        value={view}
        onChange={onView}
        choices={[
          { value: 'gallery', label: t('more.gallery') },
          { value: 'speaker', label: t('more.speaker') },
        ]}
      />
      <MenuSeparator />
      {document.fullscreenEnabled && (
        <MenuItem icon={fullScreen ? <Shrink size={18} /> : <Expand size={18} />} onSelect={onFullScreen}>
          {fullScreen ? t('more.exitFullScreen') : t('more.fullScreen')}
        </MenuItem>
      )}
      {pictureInPicture && (
        <MenuItem icon={<PictureInPicture2 size={18} />} hint="I" onSelect={pictureInPicture.onToggle}>
          {pictureInPicture.on ? t('more.closePictureInPicture') : t('more.pictureInPicture')}
        </MenuItem>
      )}
      {(moderates || planned) && (
        <MenuItem icon={<ListChecks size={18} />} onSelect={onAgenda}>
          {t('agenda:title')}
        </MenuItem>
      )}
      <MenuItem icon={<Captions size={18} />} onSelect={captions.onOpen}>
        {t('recording:captions.open')}
      </MenuItem>
      {captionsOn && (
        <MenuItem icon={captions.shown ? <CaptionsOff size={18} /> : <Captions size={18} />} onSelect={captions.onToggle}>
          {t(captions.shown ? 'recording:captions.hide' : 'recording:captions.show')}
        </MenuItem>
      )}
      {!watches && (
        <MenuItem icon={<Settings2 size={18} />} onSelect={onDevices}>
          {t('more.devices')}
        </MenuItem>
      )}
      <MenuItem icon={<Link2 size={18} />} onSelect={() => void copy()}>
        {t('more.copyLink')}
      </MenuItem>
      <MenuItem icon={<Keyboard size={18} />} hint="?" onSelect={onHelp}>
        {t('more.shortcuts')}
      </MenuItem>
      {moderates && (
        <>
          <MenuSeparator />
          <RecordingItems onStop={onStopRecording} />
          <MenuItem
            icon={captionsOn ? <CaptionsOff size={18} /> : <Captions size={18} />}
            onSelect={() => void client.recording.setCaptions(!captionsOn, '')}
          >
            {t(captionsOn ? 'recording:captions.turnOff' : 'recording:captions.turnOn')}
          </MenuItem>
          <MenuSeparator />
          <MenuItem icon={<MicOff size={18} />} onSelect={() => void client.mute('')}>
            {t('more.muteAll')}
          </MenuItem>
          <MenuItem icon={locked ? <LockOpen size={18} /> : <Lock size={18} />} onSelect={() => void client.setLock(!locked)}>
            {locked ? t('more.unlock') : t('more.lock')}
          </MenuItem>
        </>
      )}
    </MenuContent>
  );
}
