import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { RecordingDetail } from '@/api';
import { fileSize } from '@/chat/file-size';
import { Avatar, CopyButton } from '@/design';
import { currentLanguage, localeOf, useFormat } from '@/i18n';
import { clock } from '../clock';
import { Moment } from '../player/moment';
import styles from './details-panel.module.css';
import { Evidence } from './evidence';
import { Ledger } from './ledger';
import { Retention } from './retention';
import { Viewings } from './viewings';

const filesShown = 6;

/** What there is of a recording, of whom, and what proves it. */
export function DetailsPanel({ recording }: { readonly recording: RecordingDetail }) {
  const { t } = useTranslation('archive');
  const { mine, version } = recording;
  return (
    <div className={styles.panel}>
      <People recording={recording} />
      <Ledger recording={recording} />
      <Pauses recording={recording} />
      <Retention recording={recording} />
      {version > 0 && <Files recording={recording} />}
      {version > 0 && <Evidence recording={recording} />}
      {mine.govern && version > 0 && recording.kind === 'recording' && <Viewings id={recording.id} />}
      <p>
        <Link to={`/meetings/${recording.meetingId}`}>{t('toMeeting')}</Link>
      </p>
    </div>
  );
}

function People({ recording }: { readonly recording: RecordingDetail }) {
  const { t } = useTranslation('archive');
  return (
    <section>
      <h2>{t('details.people')}</h2>
      {recording.people.length === 0 ? (
        <p className={styles.soft}>{t('details.nobody')}</p>
      ) : (
        <ul className={styles.people}>
          {recording.people.map(({ id, name }) => (
            <li key={id} className={styles.person}>
              <Avatar name={name} id={id} size={24} />
              {name}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Pauses({ recording }: { readonly recording: RecordingDetail }) {
  const { t } = useTranslation('archive');
  if (recording.pauses.length === 0) return null;
  return (
    <section>
      <h2>{t('details.pauses')}</h2>
      <ul className={styles.lines}>
        {recording.pauses.map(({ fromMs, toMs }) => (
          <li key={fromMs}>
            <Moment atMs={fromMs} />
            {toMs === null ? t('details.pausedStill') : t('details.pausedUntil', { time: clock(toMs), length: clock(toMs - fromMs) })}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Files({ recording }: { readonly recording: RecordingDetail }) {
  const { t } = useTranslation('archive');
  const format = useFormat();
  const [isWhole, setWhole] = useState(false);
  const locale = localeOf(currentLanguage());
  // Whoever looks for a file looks for the film and the sound, not for the pieces of the stream.
  const files = [...recording.files].sort((a, b) => Number(a.kind === 'hls') - Number(b.kind === 'hls') || a.name.localeCompare(b.name));
  const main = files.filter(({ kind }) => kind !== 'hls' && kind !== 'thumbnail');
  const shown = isWhole ? files : main.slice(0, filesShown);
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  return (
    <section>
      <h2>{t('details.files')}</h2>
      <p className={styles.soft}>
        {t('details.filesCount', { count: files.length, size: fileSize(total, locale), version: format.number(recording.version) })}
      </p>
      <ul className={styles.files}>
        {shown.map(({ name, bytes, sha256 }) => (
          <li key={name} className={styles.file}>
            <p>
              <span className={styles.fileName}>{name}</span> <span className={styles.soft}>{fileSize(bytes, locale)}</span>
            </p>
            <p className={styles.hash}>
              <code>SHA-256 {sha256}</code>
              <CopyButton iconOnly text={sha256} label={t('details.copyHash', { name })} />
            </p>
          </li>
        ))}
      </ul>
      {files.length > shown.length && (
        <button type="button" className={styles.link} onClick={() => setWhole(true)}>
          {t('details.allFiles', { count: files.length })}
        </button>
      )}
    </section>
  );
}
