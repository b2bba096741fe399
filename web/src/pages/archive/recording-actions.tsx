import { Download, Ellipsis, Pencil, RefreshCw, Scissors, Share2, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RecordingDetail } from '@/api';
import { Button, ConfirmDialog, IconButton, Menu, MenuContent, MenuItem, MenuSeparator, MenuTrigger } from '@/design';
import { DeleteDialog } from './delete-dialog';
import { DownloadDialog } from './download-dialog';
import { EditsDialog } from './edits/edits-dialog';
import styles from './recording-page.module.css';
import { RenameDialog } from './rename-dialog';
import { ShareDialog } from './share/share-dialog';
import { useRetry } from './use-retry';

type Open = 'share' | 'download' | 'rename' | 'edit' | 'again' | 'delete';

/** What one may do with the whole of it. The server decides; this spares others what it would refuse. */
export function RecordingActions({ recording }: { readonly recording: RecordingDetail }) {
  const { t } = useTranslation('archive');
  const [open, setOpen] = useState<Open | null>(null);
  const retry = useRetry(recording.id);
  const { mine, state, kind } = recording;
  const close = (): void => setOpen(null);
  const isReady = state === 'ready';
  const isFilm = kind === 'recording';
  return (
    <div className={styles.actions}>
      {mine.manage && isReady && isFilm && (
        <Button icon={<Share2 size={18} aria-hidden="true" />} onClick={() => setOpen('share')}>
          {t('act.share')}
        </Button>
      )}
      {mine.download && isReady && isFilm && (
        <Button icon={<Download size={18} aria-hidden="true" />} onClick={() => setOpen('download')}>
          {t('act.download')}
        </Button>
      )}
      {mine.manage && (
        <Menu>
          <MenuTrigger>
            <IconButton label={t('act.more')} icon={<Ellipsis size={20} aria-hidden="true" />} />
          </MenuTrigger>
          <MenuContent>
            <MenuItem icon={<Pencil size={18} aria-hidden="true" />} onSelect={() => setOpen('rename')}>
              {t('act.rename')}
            </MenuItem>
            {isFilm && (state === 'ready' || state === 'failed') && (
              <MenuItem icon={<Scissors size={18} aria-hidden="true" />} onSelect={() => setOpen('edit')}>
                {t('act.edit')}
              </MenuItem>
            )}
            {(state === 'ready' || state === 'failed') && (
              <MenuItem icon={<RefreshCw size={18} aria-hidden="true" />} onSelect={() => setOpen('again')}>
                {t('act.again')}
              </MenuItem>
            )}
            {state !== 'on' && state !== 'paused' && (
              <>
                <MenuSeparator />
                <MenuItem danger icon={<Trash2 size={18} aria-hidden="true" />} onSelect={() => setOpen('delete')}>
                  {t('act.delete')}
                </MenuItem>
              </>
            )}
          </MenuContent>
        </Menu>
      )}
      {open === 'share' && <ShareDialog recording={recording} onClose={close} />}
      {open === 'download' && <DownloadDialog recording={recording} onClose={close} />}
      {open === 'rename' && <RenameDialog recording={recording} onClose={close} />}
      {open === 'edit' && <EditsDialog recording={recording} onClose={close} />}
      {open === 'delete' && <DeleteDialog recording={recording} onClose={close} />}
      <ConfirmDialog
        open={open === 'again'}
        onOpenChange={(isOpen) => !isOpen && close()}
        title={t('again.title')}
        description={t('again.words')}
        action={t('again.action')}
        danger={false}
        busy={retry.busy}
        onConfirm={() => {
          retry.run();
          close();
        }}
      />
    </div>
  );
}
