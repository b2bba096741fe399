import { useTranslation } from 'react-i18next';
import { Dialog, DialogBody, KeyList } from '@/design';

const keys = [
  ['M', 'microphone'],
  ['V', 'camera'],
  ['H', 'hand'],
  ['C', 'chat'],
  ['P', 'people'],
  ['I', 'pictureInPicture'],
  ['← →', 'pages'],
  ['?', 'list'],
  ['Esc', 'close'],
] as const;

export function HelpDialog({ open, onOpenChange }: { readonly open: boolean; readonly onOpenChange: (open: boolean) => void }) {
  const { t } = useTranslation('meeting');
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t('help.title')} description={t('help.words')}>
      <DialogBody>
        <KeyList keys={keys.map(([key, name]) => [[key], t(`help.${name}`)])} />
      </DialogBody>
    </Dialog>
  );
}
