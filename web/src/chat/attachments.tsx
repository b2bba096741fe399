import { Download, FileText, ImageOff } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api';
import type { ChatAttachment, ChatMessage } from '@/core';
import { IconButton, useToast } from '@/design';
import { localeOf } from '@/i18n';
import styles from './attachments.module.css';
import { useConversation } from './conversation-context';
import { fileSize } from './file-size';
import { useBlobUrl } from './use-blob-url';

const widest = 320;
const highest = 240;

export function Attachments({ message }: { readonly message: ChatMessage }) {
  const { acts } = useConversation();
  const pictures = message.attachments.filter(isPicture);
  const files = message.attachments.filter((attachment) => !isPicture(attachment));
  return (
    <>
      {pictures.length > 0 && (
        <div className={styles.pictures}>
          {pictures.map((picture) => (
            <Picture key={picture.id} picture={picture} onOpen={() => acts.picture(message, picture.id)} />
          ))}
        </div>
      )}
      {files.length > 0 && (
        <ul className={styles.files}>
          {files.map((file) => (
            <FileRow key={file.id} file={file} />
          ))}
        </ul>
      )}
    </>
  );
}

export function isPicture({ preview, width, height }: ChatAttachment): boolean {
  return preview && width > 0 && height > 0;
}

/** Its place is as large as the picture before it is here, so that nothing jumps. */
function Picture({ picture, onOpen }: { readonly picture: ChatAttachment; readonly onOpen: () => void }) {
  const { t } = useTranslation(['chat', 'common']);
  const { url, failed, retry } = useBlobUrl(picture.id, 'preview');
  const scale = Math.min(1, widest / picture.width, highest / picture.height);
  const size = { width: Math.max(40, Math.round(picture.width * scale)), aspectRatio: `${picture.width} / ${picture.height}` };
  if (failed) {
    return (
      <button type="button" className={styles.picture} style={size} onClick={retry}>
        <ImageOff size={20} aria-hidden="true" />
        <span className={styles.failed}>{t('file.failed')}</span>
      </button>
    );
  }
  return (
    <button type="button" className={styles.picture} style={size} onClick={onOpen} aria-label={t('file.open', { name: picture.name })}>
      {url && <img src={url} alt="" className={styles.image} draggable={false} />}
    </button>
  );
}

function FileRow({ file }: { readonly file: ChatAttachment }) {
  const { t, i18n } = useTranslation(['chat', 'common']);
  const { save, busy } = useSaveFile();
  return (
    <li className={styles.file}>
      <FileText size={20} aria-hidden="true" className={styles.fileIcon} />
      <span className={styles.fileWords}>
        <span className={styles.fileName} title={file.name}>
          {file.name}
        </span>
        <span className={styles.fileSize}>{fileSize(file.size, localeOf(i18n.language))}</span>
      </span>
      <IconButton
        label={t('file.download', { name: file.name })}
        icon={<Download size={20} aria-hidden="true" />}
        onClick={() => void save(file)}
        disabled={busy}
      />
    </li>
  );
}

/** Saves a file to the person's device. */
export function useSaveFile(): { save: (file: Pick<ChatAttachment, 'id' | 'name'>) => Promise<void>; busy: boolean } {
  const { t } = useTranslation(['chat', 'common']);
  const toast = useToast();
  const [busy, setBusy] = useState(false);
  const save = async ({ id, name }: Pick<ChatAttachment, 'id' | 'name'>): Promise<void> => {
    setBusy(true);
    try {
      const url = URL.createObjectURL(await api.chat.attachment(id));
      const link = document.createElement('a');
      link.href = url;
      link.download = name;
      link.click();
      // The browser has taken the bytes over by then.
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    } catch (error) {
      toast(error instanceof Error && error.message !== '' ? error.message : t('file.failed'), { tone: 'wrong' });
    } finally {
      setBusy(false);
    }
  };
  return { save, busy };
}
