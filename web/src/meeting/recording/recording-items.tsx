import { CirclePause, CirclePlay, Disc, FileText, Square } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog, MenuItem } from '@/design';
import { useMeeting } from '../meeting-context';
import { useRecording } from './use-recording';

/** For hosts and co-hosts. Whether the organisation lets them is the server's to say. */
export function RecordingItems({ onStop }: { readonly onStop: () => void }) {
  const { t } = useTranslation('recording');
  const { client } = useMeeting();
  const { now, isTranscript } = useRecording();
  if (!now) {
    return (
      <>
        <MenuItem icon={<Disc size={18} />} onSelect={() => void client.recording.start('recording')}>
          {t('menu.start')}
        </MenuItem>
        <MenuItem icon={<FileText size={18} />} onSelect={() => void client.recording.start('transcript')}>
          {t('menu.startTranscript')}
        </MenuItem>
      </>
    );
  }
  const { paused } = now;
  return (
    <>
      <MenuItem
        icon={paused ? <CirclePlay size={18} /> : <CirclePause size={18} />}
        onSelect={() => void client.recording.setPaused(!paused)}
      >
        {isTranscript ? t(paused ? 'menu.resumeTranscript' : 'menu.pauseTranscript') : t(paused ? 'menu.resume' : 'menu.pause')}
      </MenuItem>
      <MenuItem icon={<Square size={18} />} onSelect={onStop}>
        {t(isTranscript ? 'menu.stopTranscript' : 'menu.stop')}
      </MenuItem>
    </>
  );
}

export function StopRecordingDialog({ open, onOpenChange }: { readonly open: boolean; readonly onOpenChange: (open: boolean) => void }) {
  const { t } = useTranslation('recording');
  const { client } = useMeeting();
  const { now, isTranscript } = useRecording();
  return (
    <ConfirmDialog
      // Another host may have stopped it meanwhile.
      open={open && now !== null}
      onOpenChange={onOpenChange}
      title={t(isTranscript ? 'menu.stopTitleTranscript' : 'menu.stopTitle')}
      description={t('menu.stopWords')}
      action={t(isTranscript ? 'menu.stopTranscript' : 'menu.stop')}
      dismiss={t(isTranscript ? 'menu.keepGoingTranscript' : 'menu.keepGoing')}
      onConfirm={() => {
        onOpenChange(false);
        void client.recording.stop();
      }}
    />
  );
}
