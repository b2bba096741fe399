import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, hasCode, type LedgerFace, type RecordingDetail, useSession } from '@/api';
import { Button, FourStates, Skeleton, SkeletonGroup } from '@/design';
import { currentLanguage, type Language, languages, useFormat } from '@/i18n';
import { archiveKeys } from '../archive-queries';
import { WithdrawDialog } from '../library/withdraw-dialog';
import styles from './details-panel.module.css';

/** Who was asked, told, and answered what: all of it for who manages the recording, one's own rows for everybody. */
export function Ledger({ recording }: { readonly recording: RecordingDetail }) {
  const { t } = useTranslation('archive');
  const { person } = useSession();
  const [isWithdrawing, setWithdrawing] = useState(false);
  const ledger = useQuery({
    queryKey: archiveKeys.ledger(recording.id),
    queryFn: ({ signal }) => api.recordings.ledger(recording.id, signal),
    retry: false,
  });
  // Somebody with whom it was shared was never asked: there is nothing of his.
  if (hasCode(ledger.error, 'RECORDING_FORBIDDEN', 'RECORDING_NOT_FOUND')) return null;
  const own = ledger.data?.entries.findLast((entry) => entry.person.id === person?.id);
  const isIn = recording.people.some(({ id }) => id === person?.id);
  return (
    <section>
      <h2>{t(recording.mine.manage ? 'details.ledger' : 'details.ownLedger')}</h2>
      <FourStates
        answer={ledger}
        busy={<Busy />}
        isEmpty={({ entries }) => entries.length === 0}
        empty={<p className={styles.soft}>{t('details.noEntries')}</p>}
      >
        {(data) => (
          <>
            <Entries ledger={data} />
            {data.notices.map((notice) => (
              <Notice key={notice.hash} notice={notice} />
            ))}
          </>
        )}
      </FourStates>
      {own && isIn && own.what !== 'withdrawn-all' && (
        <div className={styles.acts}>
          <Button variant="danger-quiet" onClick={() => setWithdrawing(true)}>
            {t('me.withdraw')}
          </Button>
        </div>
      )}
      {isWithdrawing && <WithdrawDialog recording={recording} onClose={() => setWithdrawing(false)} />}
    </section>
  );
}

function Entries({ ledger }: { readonly ledger: LedgerFace }) {
  const { t } = useTranslation('archive');
  const format = useFormat();
  return (
    <ol className={styles.entries}>
      {ledger.entries.map(({ number, person, what, language, client, at }) => (
        <li key={number} className={styles.entry}>
          <span className={styles.number}>{number}</span>
          <p>
            {person.name} · <span className={styles.answer}>{t(`details.what.${what}`)}</span>
          </p>
          <p className={styles.small}>
            <time dateTime={at}>{format.moment(new Date(at))}</time>
            {` · ${languages.find(({ value }) => value === language)?.label ?? language}`}
            {client !== '' && ` · ${client}`}
          </p>
        </li>
      ))}
    </ol>
  );
}

/** The words that were shown, with the hash that the ledger names. */
function Notice({ notice }: { readonly notice: LedgerFace['notices'][number] }) {
  const { t } = useTranslation('archive');
  const language: Language = languages.find(({ value }) => value === currentLanguage())?.value ?? 'en';
  const texts = notice.texts[language];
  return (
    <details className={styles.notice}>
      <summary>{t('details.notice', { version: notice.version })}</summary>
      {texts && (
        <>
          <p>
            <strong>{texts.title}</strong>
          </p>
          {[texts.what, texts.purpose, texts.kept, texts.seenBy, texts.voluntary, texts.contact].map((words) => (
            <p key={words}>{words}</p>
          ))}
        </>
      )}
      <p className={styles.hash}>
        <code>SHA-256 {notice.hash}</code>
      </p>
    </details>
  );
}

function Busy() {
  return (
    <SkeletonGroup>
      {[70, 82, 64].map((width) => (
        <Skeleton key={width} width={`${width}%`} />
      ))}
    </SkeletonGroup>
  );
}
