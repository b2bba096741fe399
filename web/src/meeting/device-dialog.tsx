import { useTranslation } from 'react-i18next';
import { useStore, type VideoCodec, videoCodecs } from '@/core';
import { Dialog, DialogBody, Field, Select } from '@/design';
import { DeviceChoice } from './device-choice';
import { LevelBar } from './level-bar';
import { useLocalMedia } from './local-media-context';

/** As their standards write them: names, not words. */
const names: Readonly<Record<VideoCodec, string>> = { vp8: 'VP8', h264: 'H.264', vp9: 'VP9', av1: 'AV1' };

/** Another microphone, camera or speaker while the meeting runs. */
export function DeviceDialog({ open, onOpenChange }: { readonly open: boolean; readonly onOpenChange: (open: boolean) => void }) {
  const { t } = useTranslation('meeting');
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t('device.title')}>
      <DialogBody>
        <LevelBar />
        <DeviceChoice />
        <CodecChoice />
      </DialogBody>
    </Dialog>
  );
}

function CodecChoice() {
  const { t } = useTranslation('meeting');
  const local = useLocalMedia();
  const codec = useStore(local, (state) => state.choices.codec);
  return (
    <Field label={t('device.codec')} hint={t('device.codecWords')}>
      <Select value={codec} onChange={(event) => local.chooseCodec(videoCodecs.find((name) => name === event.target.value) ?? 'vp8')}>
        {videoCodecs.map((name) => (
          <option key={name} value={name}>
            {names[name]}
          </option>
        ))}
      </Select>
    </Field>
  );
}
