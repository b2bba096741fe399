import { useTranslation } from 'react-i18next';
import { Dialog, DialogBody, KeyList } from '@/design';
import { playerKeys } from './use-player-keys';

export function KeysDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation('archive');
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t('keys.title')} description={t('keys.words')}>
      <DialogBody>
        <KeyList
          keys={playerKeys.map(([keys, name]) => [
            keys.split(' ').map((key) => (key === 'Space' ? t('keys.space') : key)),
            t(`keys.${name}`),
          ])}
        />
      </DialogBody>
    </Dialog>
  );
}
