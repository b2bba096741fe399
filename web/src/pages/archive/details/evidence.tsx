import { useMutation, useQuery } from '@tanstack/react-query';
import { FileCheck2, FileJson } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { api, type RecordingDetail } from '@/api';
import { Button, CopyButton, useToast } from '@/design';
import { FormFailure } from '@/pages/forms/form-failure';
import { saveFile } from '@/pages/meeting-details/save-file';
import { archiveKeys } from '../archive-queries';
import { useDownload } from '../use-download';
import styles from './details-panel.module.css';

/** What shows years later that nothing was altered, and how one looks. */
export function Evidence({ recording }: { readonly recording: RecordingDetail }) {
  const { t } = useTranslation('archive');
  const toast = useToast();
  const { id, version, mine } = recording;
  const key = useQuery({ queryKey: archiveKeys.evidenceKey, queryFn: ({ signal }) => api.recordings.evidenceKey(signal) });
  const fail = (error: Error): void => toast(error.message, { tone: 'wrong' });
  const manifest = useMutation({
    mutationFn: () => api.recordings.manifest(id),
    onSuccess: (signed) => saveFile(`manifest-${id}-v${version}.json`, 'application/json', JSON.stringify(signed, null, 2)),
    onError: fail,
  });
  const zip = useDownload();
  const command = `npm run verify -- causeway-recording-${id}-v${version}.zip`;
  return (
    <section>
      <h2>{t('evidence.title')}</h2>
      <p className={styles.soft}>{t('evidence.words')}</p>
      {(mine.manage || mine.govern) && (
        <div className={styles.acts}>
          {mine.govern && (
            <Button
              icon={<FileCheck2 size={18} aria-hidden="true" />}
              busy={zip.asked !== null}
              onClick={() => zip.start({ recordingId: id, what: 'evidence' })}
            >
              {t('evidence.zip')}
            </Button>
          )}
          <Button icon={<FileJson size={18} aria-hidden="true" />} busy={manifest.isPending} onClick={() => manifest.mutate()}>
            {t('evidence.manifest')}
          </Button>
        </div>
      )}
      <FormFailure failure={zip.failure} />
      <p className={styles.soft} role="status">
        {zip.begun && t('download.begun')}
      </p>
      {mine.govern && (
        <>
          <ol className={styles.how}>
            <li>{t('evidence.how1')}</li>
            <li>
              {t('evidence.how2')}
              <div className={styles.code}>
                <code>{command}</code>
                <CopyButton iconOnly text={command} label={t('evidence.copyCommand')} />
              </div>
            </li>
            <li>{t('evidence.how3')}</li>
          </ol>
          {key.data?.key && (
            <p className={styles.hash}>
              <code>
                {t('evidence.fingerprint')} {key.data.key.id}
              </code>
              <CopyButton iconOnly text={key.data.key.id} label={t('evidence.copyFingerprint')} />
            </p>
          )}
        </>
      )}
    </section>
  );
}
