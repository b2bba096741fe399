import { useQueryClient } from '@tanstack/react-query';
import { MessageCircle, Reply, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type RecordingComment, type RecordingDetail } from '@/api';
import {
  type Answer,
  Avatar,
  Button,
  ConfirmDialog,
  EmptyState,
  Field,
  FourStates,
  IconButton,
  Skeleton,
  SkeletonGroup,
  Textarea,
} from '@/design';
import { useFormat } from '@/i18n';
import { useAct } from '@/pages/admin/use-act';
import { FormFailure } from '@/pages/forms/form-failure';
import { useForm } from '@/pages/forms/use-form';
import said from '@/pages/said.module.css';
import { archiveKeys } from '../archive-queries';
import { clock } from '../clock';
import { Moment } from '../player/moment';
import { usePlayer, usePlayerState } from '../player/player-context';
import styles from './comments-panel.module.css';

const longest = 4_000;

/** What people say about a moment, and what others answer. */
export function CommentsPanel({
  recording,
  answer,
}: {
  readonly recording: RecordingDetail;
  readonly answer: Answer<{ comments: RecordingComment[] }>;
}) {
  const { t } = useTranslation('archive');
  const empty = (
    <EmptyState icon={<MessageCircle size={24} aria-hidden="true" />} title={t('comments.empty')}>
      {t('comments.emptyWords')}
    </EmptyState>
  );
  return (
    <div className={styles.panel}>
      <NewComment recording={recording} />
      <FourStates answer={answer} busy={<Busy />} isEmpty={({ comments }) => comments.length === 0} empty={empty}>
        {({ comments }) => (
          <ol className={styles.list}>
            {comments
              .filter(({ replyTo }) => replyTo === null)
              .map((comment) => (
                <Thread
                  key={comment.id}
                  recording={recording}
                  comment={comment}
                  replies={comments.filter(({ replyTo }) => replyTo === comment.id)}
                />
              ))}
          </ol>
        )}
      </FourStates>
    </div>
  );
}

function Thread({
  recording,
  comment,
  replies,
}: {
  readonly recording: RecordingDetail;
  readonly comment: RecordingComment;
  readonly replies: readonly RecordingComment[];
}) {
  const { t } = useTranslation('archive');
  const [isReplying, setReplying] = useState(false);
  return (
    <li className={styles.thread}>
      <One recording={recording} comment={comment} isFirst />
      {replies.length > 0 && (
        <ol className={styles.replies}>
          {replies.map((reply) => (
            <li key={reply.id}>
              <One recording={recording} comment={reply} isFirst={false} />
            </li>
          ))}
        </ol>
      )}
      <div className={styles.replies}>
        {isReplying ? (
          <CommentForm recording={recording} replyTo={comment.id} atMs={comment.atMs} onClose={() => setReplying(false)} />
        ) : (
          <Button variant="quiet" icon={<Reply size={18} aria-hidden="true" />} onClick={() => setReplying(true)}>
            {t('comments.reply')}
          </Button>
        )}
      </div>
    </li>
  );
}

function One({
  recording,
  comment,
  isFirst,
}: {
  readonly recording: RecordingDetail;
  readonly comment: RecordingComment;
  readonly isFirst: boolean;
}) {
  const { t } = useTranslation('archive');
  const format = useFormat();
  const [isAsking, setAsking] = useState(false);
  const remove = useAct(() => api.recordings.removeComment(recording.id, comment.id), {
    refresh: archiveKeys.comments(recording.id),
    onDone: () => setAsking(false),
  });
  const { person } = comment;
  return (
    <article className={styles.comment}>
      {person && <Avatar name={person.name} id={person.id} size={28} />}
      <div className={said.words}>
        <p className={said.by}>
          {isFirst && <Moment atMs={comment.atMs} />}
          {person && <span className={said.name}>{person.name}</span>}
          <time className={said.time} dateTime={comment.createdAt}>
            {format.ago(new Date(comment.createdAt))}
          </time>
        </p>
        <p className={person ? styles.text : styles.gone}>{person ? comment.text : t('comments.gone')}</p>
      </div>
      {comment.mayDelete && person && (
        <IconButton label={t('comments.remove')} icon={<Trash2 size={18} aria-hidden="true" />} onClick={() => setAsking(true)} />
      )}
      <ConfirmDialog
        open={isAsking}
        onOpenChange={setAsking}
        title={t('comments.removeTitle')}
        description={t('comments.removeWords')}
        action={t('comments.remove')}
        busy={remove.busy}
        onConfirm={() => remove.run(undefined)}
      />
    </article>
  );
}

/** Stands at the moment at which one began to write. */
function NewComment({ recording }: { readonly recording: RecordingDetail }) {
  const { t } = useTranslation('archive');
  const { player } = usePlayer();
  const now = usePlayerState((state) => clock(state.atMs));
  const [atMs, setAt] = useState<number | null>(null);
  if (recording.state === 'on' || recording.state === 'paused') return null;
  return atMs === null ? (
    <Button icon={<MessageCircle size={18} aria-hidden="true" />} onClick={() => setAt(Math.round(player.state.get().atMs))}>
      {t('comments.addAt', { time: now })}
    </Button>
  ) : (
    <CommentForm recording={recording} replyTo={null} atMs={atMs} onClose={() => setAt(null)} />
  );
}

function CommentForm({
  recording,
  replyTo,
  atMs,
  onClose,
}: {
  readonly recording: RecordingDetail;
  readonly replyTo: string | null;
  readonly atMs: number;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation(['archive', 'common']);
  const queries = useQueryClient();
  const form = useForm<{ text: string }>({
    initial: { text: '' },
    check: ({ text }) => (text.trim() === '' ? { text: t('comments.check') } : {}),
    submit: async ({ text }) => {
      await api.recordings.comment(recording.id, { text: text.trim(), atMs, replyTo });
      await queries.invalidateQueries({ queryKey: archiveKeys.comments(recording.id) });
      onClose();
    },
  });
  return (
    <form className={styles.form} onSubmit={form.onSubmit} noValidate>
      <FormFailure failure={form.failure} />
      <Field label={replyTo === null ? t('comments.at', { time: clock(atMs) }) : t('comments.replyLabel')} error={form.errors.text}>
        <Textarea
          autoFocus
          rows={3}
          maxLength={longest}
          value={form.values.text}
          onChange={(event) => form.set('text', event.target.value)}
        />
      </Field>
      <div className={styles.buttons}>
        <Button onClick={onClose}>{t('common:action.cancel')}</Button>
        <Button type="submit" variant="primary" busy={form.busy}>
          {t('comments.send')}
        </Button>
      </div>
    </form>
  );
}

function Busy() {
  return (
    <SkeletonGroup className={styles.list}>
      {[70, 48].map((width) => (
        <div key={width} className={styles.comment}>
          <Skeleton shape="circle" width={28} height={28} />
          <div className={said.words}>
            <Skeleton width={120} />
            <Skeleton width={`${width}%`} />
          </div>
        </div>
      ))}
    </SkeletonGroup>
  );
}
