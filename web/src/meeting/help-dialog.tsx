import { useTranslation } from 'react-i18next';
import { Dialog, DialogBody } from '@/design';
import styles from './help-dialog.module.css';

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
        <dl className={styles.list}>
          {keys.map(([key, name]) => (
            <div key={key} className={styles.row}>
              <dt>
                <kbd className={styles.key}>{key}</kbd>
              </dt>
              <dd>{t(`help.${name}`)}</dd>
            </div>
          ))}
        </dl>
      </DialogBody>
    </Dialog>
  );
}
