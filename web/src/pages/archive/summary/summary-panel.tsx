import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Bot, FilePenLine, RefreshCw, Send, Sparkles } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, hasCode, type RecordingDetail, type Sentence, type Summary } from '@/api';
import { Badge, Banner, Button, ConfirmDialog, EmptyState, FourStates, Skeleton, SkeletonGroup } from '@/design';
import { useFormat } from '@/i18n';
import { useAct } from '@/pages/admin/use-act';
import { archiveKeys } from '../archive-queries';
import { Moment } from '../player/moment';
import { ActionItems } from './action-items';
import { SummaryEditor } from './summary-editor';
import styles from './summary-panel.module.css';

const makingEveryMs = 3_000;

export function useSummary({ id, state }: Pick<RecordingDetail, 'id' | 'state'>) {
  return useQuery({
    queryKey: archiveKeys.summary(id),
    queryFn: ({ signal }) => api.recordings.summary(id, signal),
    refetchInterval: ({ state: answer }) => (answer.data?.making || state === 'processing' ? makingEveryMs : false),
  });
}

/** What it was about, what was decided, who does what. Made by a machine, until a person says otherwise. */
export function SummaryPanel({ recording }: { readonly recording: RecordingDetail }) {
  const { t } = useTranslation('archive');
  const summary = useSummary(recording);
  const queries = useQueryClient();
  const make = useAct(() => api.recordings.summaryAgain(recording.id), {
    refresh: archiveKeys.summary(recording.id),
    done: t('summary.againDone'),
  });
  if (!summary.data && hasCode(summary.error, 'SUMMARY_NOT_FOUND', 'RECORDING_NOT_READY'))
    return (
      <EmptyState
        icon={<Sparkles size={24} aria-hidden="true" />}
        title={t('summary.none')}
        action={
          recording.mine.manage &&
          recording.state === 'ready' && (
            <Button busy={make.busy} onClick={() => make.run(undefined)}>
              {t('summary.make')}
            </Button>
          )
        }
      >
        {t(recording.state === 'ready' ? 'summary.noneWords' : 'summary.notYet')}
      </EmptyState>
    );
  return (
    <FourStates answer={summary} busy={<Busy />}>
      {(data) => (
        <Shown
          recording={recording}
          summary={data}
          onChanged={(changed) => queries.setQueryData(archiveKeys.summary(recording.id), changed)}
        />
      )}
    </FourStates>
  );
}

function Shown({
  recording,
  summary,
  onChanged,
}: {
  readonly recording: RecordingDetail;
  readonly summary: Summary;
  readonly onChanged: (summary: Summary) => void;
}) {
  const { t } = useTranslation('archive');
  const [isEditing, setEditing] = useState(false);
  const [asking, setAsking] = useState<'again' | 'post' | null>(null);
  const refresh = archiveKeys.summary(recording.id);
  const again = useAct(() => api.recordings.summaryAgain(recording.id), {
    refresh,
    done: t('summary.againDone'),
    onDone: () => setAsking(null),
  });
  const post = useAct(() => api.recordings.postSummary(recording.id, summary.number), {
    refresh,
    done: t('summary.posted'),
    onDone: () => setAsking(null),
  });
  const { content, mayManage } = summary;
  if (isEditing)
    return (
      <SummaryEditor
        recordingId={recording.id}
        summary={summary}
        onSaved={(saved) => {
          onChanged(saved);
          setEditing(false);
        }}
        onClose={() => setEditing(false)}
      />
    );
  const isEmpty = content.overview.length + content.topics.length + content.decisions.length + content.questions.length === 0;
  return (
    <div className={styles.panel}>
      <Origin summary={summary} />
      {summary.making && (
        <Banner tone="info" announce="status">
          {t('summary.making')}
        </Banner>
      )}
      {mayManage && (
        <div className={styles.acts}>
          <Button icon={<FilePenLine size={18} aria-hidden="true" />} onClick={() => setEditing(true)}>
            {t('summary.edit')}
          </Button>
          <Button icon={<Send size={18} aria-hidden="true" />} onClick={() => setAsking('post')}>
            {t('summary.post')}
          </Button>
          <Button variant="quiet" icon={<RefreshCw size={18} aria-hidden="true" />} onClick={() => setAsking('again')}>
            {t('summary.again')}
          </Button>
        </div>
      )}
      {summary.posted && <Posted recording={recording} posted={summary.posted} />}
      {isEmpty && <p className={styles.soft}>{t('summary.emptyContent')}</p>}
      {content.overview.length > 0 && (
        <section>
          <h2>{t('summary.overview')}</h2>
          <Sentences sentences={content.overview} />
        </section>
      )}
      <ActionItems recording={recording} items={summary.actionItems} mayManage={mayManage} />
      {content.decisions.length > 0 && (
        <section>
          <h2>{t('summary.decisions')}</h2>
          <Sentences sentences={content.decisions} />
        </section>
      )}
      {content.questions.length > 0 && (
        <section>
          <h2>{t('summary.questions')}</h2>
          <Sentences sentences={content.questions} />
        </section>
      )}
      {content.topics.length > 0 && (
        <section>
          <h2>{t('summary.topics')}</h2>
          <ol className={styles.topics}>
            {content.topics.map((topic) => (
              <li key={`${topic.beginMs} ${topic.title}`}>
                <h3 className={styles.topic}>
                  <Moment atMs={topic.beginMs} /> {topic.title}
                </h3>
                <Sentences sentences={topic.sentences} />
              </li>
            ))}
          </ol>
        </section>
      )}
      <ConfirmDialog
        open={asking === 'again'}
        onOpenChange={(open) => !open && setAsking(null)}
        title={t('summary.againTitle')}
        description={t('summary.againWords')}
        action={t('summary.again')}
        danger={false}
        busy={again.busy}
        onConfirm={() => again.run(undefined)}
      />
      <ConfirmDialog
        open={asking === 'post'}
        onOpenChange={(open) => !open && setAsking(null)}
        title={t('summary.postTitle')}
        description={t(summary.editedBy === null ? 'summary.postUnreviewed' : 'summary.postWords')}
        action={t('summary.post')}
        danger={false}
        busy={post.busy}
        onConfirm={() => post.run(undefined)}
      />
    </div>
  );
}

/** Who wrote it: a machine, and which; a person, and who. */
function Origin({ summary }: { readonly summary: Summary }) {
  const { t } = useTranslation('archive');
  const format = useFormat();
  const { engine, model, editedBy, fellBack, madeAt } = summary;
  const time = format.moment(new Date(madeAt));
  return (
    <div className={styles.origin}>
      <Bot size={20} aria-hidden="true" />
      <div>
        <p>
          {engine === 'server' ? t('summary.byModel', { model: model ?? '' }) : t('summary.byRules')}{' '}
          {editedBy ? (
            <Badge tone="jade">{t('summary.reviewedBy', { name: editedBy.name })}</Badge>
          ) : (
            <Badge tone="lantern">{t('summary.notReviewed')}</Badge>
          )}
        </p>
        <p className={styles.small}>
          {t('summary.madeAt', { time })}
          {fellBack !== null && ` ${t(`summary.fellBack.${fellBack}`)}`}
        </p>
      </div>
    </div>
  );
}

function Posted({ recording, posted }: { readonly recording: RecordingDetail; readonly posted: NonNullable<Summary['posted']> }) {
  const { t } = useTranslation('archive');
  const format = useFormat();
  return (
    <p className={styles.small}>
      {t('summary.postedBy', { name: posted.by.name, time: format.moment(new Date(posted.at)) })}{' '}
      <Link to={`/chat/${recording.conversationId}`}>{t('summary.toConversation')}</Link>
    </p>
  );
}

function Sentences({ sentences }: { readonly sentences: readonly Sentence[] }) {
  return (
    <ul className={styles.sentences}>
      {sentences.map((sentence, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same sentence may stand there twice; they are drawn anew together.
        <li key={at} className={styles.sentence}>
          {sentence.origin === 'person' && sentence.lineId === null && sentence.atMs === 0 ? (
            <span className={styles.noMoment} aria-hidden="true" />
          ) : (
            <Moment atMs={sentence.atMs} />
          )}
          <p>
            {sentence.text}
            {sentence.speaker !== null && <span className={styles.speaker}> {sentence.speaker}</span>}
          </p>
        </li>
      ))}
    </ul>
  );
}

function Busy() {
  return (
    <SkeletonGroup className={styles.panel}>
      {[90, 74, 82, 60, 88].map((width) => (
        <Skeleton key={width} width={`${width}%`} />
      ))}
    </SkeletonGroup>
  );
}
