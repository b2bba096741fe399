import { ChevronLeft, ChevronRight, Download, X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ChatMessage } from '@/core';
import { IconButton, Spinner } from '@/design';
import { isPicture, useSaveFile } from './attachments';
import styles from './lightbox.module.css';
import { useBlobUrl } from './use-blob-url';

/** A picture as large as the page allows, and its neighbours in the message. */
export function Lightbox({
  message,
  attachmentId,
  onClose,
}: {
  readonly message: ChatMessage;
  readonly attachmentId: string;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation(['chat', 'common']);
  const pictures = message.attachments.filter(isPicture);
  const [at, setAt] = useState(() =>
    Math.max(
      0,
      pictures.findIndex(({ id }) => id === attachmentId),
    ),
  );
  const picture = pictures[at];
  const { url, failed } = useBlobUrl(picture?.id ?? null, 'whole');
  const { save } = useSaveFile();
  const step = (by: number): void => setAt((now) => Math.max(0, Math.min(pictures.length - 1, now + by)));
  const keyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowLeft') step(-1);
    if (event.key === 'ArrowRight') step(1);
  };
  if (!picture) return null;
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={`stage ${styles.stage}`}>
          <Radix.Content className={styles.content} onKeyDown={keyDown} onOpenAutoFocus={focusItself} aria-describedby={undefined}>
            <header className={styles.header}>
              <Radix.Title className={styles.title}>{picture.name}</Radix.Title>
              <IconButton
                label={t('file.download', { name: picture.name })}
                icon={<Download size={20} aria-hidden="true" />}
                onClick={() => void save(picture)}
              />
              <Radix.Close asChild>
                <IconButton label={t('common:action.close')} icon={<X size={20} aria-hidden="true" />} />
              </Radix.Close>
            </header>
            <div className={styles.picture}>
              {url && <img src={url} alt={picture.name} className={styles.image} />}
              {!url && (failed ? <p role="alert">{t('file.failed')}</p> : <Spinner size={32} />)}
            </div>
            {pictures.length > 1 && (
              <footer className={styles.footer}>
                <IconButton
                  label={t('file.previous')}
                  icon={<ChevronLeft size={20} aria-hidden="true" />}
                  disabled={at === 0}
                  onClick={() => step(-1)}
                />
                <span>
                  {at + 1} / {pictures.length}
                </span>
                <IconButton
                  label={t('file.next')}
                  icon={<ChevronRight size={20} aria-hidden="true" />}
                  disabled={at === pictures.length - 1}
                  onClick={() => step(1)}
                />
              </footer>
            )}
          </Radix.Content>
        </Radix.Overlay>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Not its first button: that would open the button's tooltip, which then takes the first Escape. */
function focusItself(event: Event): void {
  event.preventDefault();
  if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus();
}
