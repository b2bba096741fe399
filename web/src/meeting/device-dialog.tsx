import { useTranslation } from 'react-i18next';
import { Dialog, DialogBody } from '@/design';
import { DeviceChoice } from './device-choice';
import { LevelBar } from './level-bar';

/** Another microphone, camera or speaker while the meeting runs. */
export function DeviceDialog({ open, onOpenChange }: { readonly open: boolean; readonly onOpenChange: (open: boolean) => void }) {
  const { t } = useTranslation('meeting');
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t('device.title')}>
      <DialogBody>
        <LevelBar />
        <DeviceChoice />
      </DialogBody>
    </Dialog>
  );
}
