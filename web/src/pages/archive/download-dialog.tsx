import { useMutation, useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, api, type RecordingDetail } from '@/api';
import { fileSize } from '@/chat/file-size';
import { Banner, Button, Dialog, DialogBody } from '@/design';
import { currentLanguage, localeOf } from '@/i18n';
import { FormFailure } from '@/pages/forms/form-failure';
import styles from './download-dialog.module.css';
import { type Downloading, useDownload } from './use-download';

const everyMs = 2_000;

/** The film or the sound as they are; or a copy with one's name in the picture, which takes its time. */
export function DownloadDialog({ recording, onClose }: { readonly recording: RecordingDetail; readonly onClose: () => void }) {
  const { t } = useTranslation(['archive', 'common']);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('download.title')}
      description={t(recording.mine.watermark ? 'download.wordsMarked' : 'download.words')}
    >
      <DialogBody>{recording.mine.watermark ? <Marked recording={recording} /> : <Plain recording={recording} />}</DialogBody>
    </Dialog>
  );
}

function Plain({ recording }: { readonly recording: RecordingDetail }) {
  const { t } = useTranslation('archive');
  const locale = localeOf(currentLanguage());
  const download = useDownload();
  const files = ['video', 'audio'].flatMap((wanted) => recording.files.filter(({ kind }) => kind === wanted));
  return (
    <div className={styles.files}>
      <FormFailure failure={download.failure} />
      {files.map(({ name, kind, bytes }) => (
        <Button
          key={name}
          wide
          icon={<Download size={18} aria-hidden="true" />}
          busy={download.asked?.what === 'file' && download.asked.name === name}
          onClick={() => download.start({ recordingId: recording.id, what: 'file', name })}
        >
          {t(kind === 'video' ? 'download.video' : 'download.audio', { size: fileSize(bytes, locale) })}
        </Button>
      ))}
      {files.length === 0 && <p>{t('download.none')}</p>}
      <Begun of={download} />
    </div>
  );
}

function Marked({ recording }: { readonly recording: RecordingDetail }) {
  const { t } = useTranslation('archive');
  const [asked, setAsked] = useState<string | null>(null);
  const start = useMutation({ mutationFn: () => api.recordings.startDownload(recording.id), onSuccess: ({ id }) => setAsked(id) });
  const job = useQuery({
    queryKey: ['recording', recording.id, 'download', asked],
    queryFn: ({ signal }) => api.recordings.download(recording.id, asked ?? '', signal),
    enabled: asked !== null,
    refetchInterval: ({ state }) => (state.data?.state === 'ready' || state.data?.state === 'failed' ? false : everyMs),
  });
  const download = useDownload();
  const failure = [start.error, job.error, download.failure].find((error) => error instanceof ApiError) ?? null;
  const now = job.data ?? start.data;
  const percent = Math.round((now?.progress ?? 0) * 100);
  return (
    <div className={styles.files}>
      <FormFailure failure={failure instanceof ApiError ? failure : null} />
      {now?.state === 'failed' && (
        <Banner tone="wrong" announce="alert">
          {t('download.failed')}
        </Banner>
      )}
      {now === undefined || now.state === 'failed' ? (
        <Button wide variant="primary" busy={start.isPending} onClick={() => start.mutate()}>
          {t('download.make')}
        </Button>
      ) : now.state === 'ready' ? (
        <Button
          wide
          variant="primary"
          icon={<Download size={18} aria-hidden="true" />}
          busy={download.asked !== null}
          onClick={() => download.start({ recordingId: recording.id, what: 'copy', downloadId: now.id })}
        >
          {t('download.video', { size: fileSize(now.bytes ?? 0, localeOf(currentLanguage())) })}
        </Button>
      ) : (
        <div role="status">
          <p className={styles.state}>
            <span>{t(`download.${now.state}`)}</span>
            <span className="figures">{t('percent', { percent })}</span>
          </p>
          <progress className={styles.bar} max={100} value={percent} aria-label={t('download.making')} />
          <p className={styles.small}>{t('download.leave')}</p>
        </div>
      )}
      <Begun of={download} />
    </div>
  );
}

/** Said for those who see no sign of their browser. */
function Begun({ of }: { readonly of: Downloading }) {
  const { t } = useTranslation('archive');
  return (
    <p className={styles.begun} role="status">
      {of.begun && t('download.begun')}
    </p>
  );
}
