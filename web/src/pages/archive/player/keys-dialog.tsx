import { useTranslation } from 'react-i18next';
import { Dialog, DialogBody } from '@/design';
import styles from './keys-dialog.module.css';
import { playerKeys } from './use-player-keys';

export function KeysDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation('archive');
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t('keys.title')} description={t('keys.words')}>
      <DialogBody>
        <dl className={styles.list}>
          {playerKeys.map(([keys, name]) => (
            <div key={name} className={styles.row}>
              <dt>
                {keys.split(' ').map((key) => (
                  <kbd key={key} className={styles.key}>
                    {key === 'Space' ? t('keys.space') : key}
                  </kbd>
                ))}
              </dt>
              <dd>{t(`keys.${name}`)}</dd>
            </div>
          ))}
        </dl>
      </DialogBody>
    </Dialog>
  );
}
