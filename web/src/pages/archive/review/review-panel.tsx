import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { FileText, Flag, ShieldQuestion, Trash2, UserPlus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type RecordingDetail, type Review, type ReviewMark } from '@/api';
import {
  type Answer,
  Badge,
  type BadgeTone,
  Button,
  Choice,
  EmptyState,
  Field,
  FourStates,
  IconButton,
  Input,
  Select,
  Skeleton,
  SkeletonGroup,
  Textarea,
  useToast,
} from '@/design';
import { currentLanguage, languages, useFormat } from '@/i18n';
import { useAct } from '@/pages/admin/use-act';
import { FormDialog } from '@/pages/forms/form-dialog';
import { useForm } from '@/pages/forms/use-form';
import { saveBlob } from '@/pages/meeting-details/save-file';
import { keys } from '@/pages/queries';
import { archiveKeys } from '../archive-queries';
import { clock, readClock } from '../clock';
import { Moment } from '../player/moment';
import { usePlayer } from '../player/player-context';
import styles from './review-panel.module.css';

const outcomes = ['cleared', 'flagged', 'escalated'] as const;
type Outcome = (typeof outcomes)[number];
const tones: Readonly<Record<Outcome, BadgeTone>> = { cleared: 'jade', flagged: 'lantern', escalated: 'live' };

/** Compliance: somebody is asked to look at it, marks passages, and says what came of it. */
export function ReviewPanel({
  recording,
  answer,
}: {
  readonly recording: RecordingDetail;
  readonly answer: Answer<{ reviews: Review[] }>;
}) {
  const { t } = useTranslation('archive');
  const [isAssigning, setAssigning] = useState(false);
  const assign = recording.mine.govern && (
    <Button icon={<UserPlus size={18} aria-hidden="true" />} onClick={() => setAssigning(true)}>
      {t('review.assign')}
    </Button>
  );
  const empty = (
    <EmptyState icon={<ShieldQuestion size={24} aria-hidden="true" />} title={t('review.empty')} action={assign}>
      {t('review.emptyWords')}
    </EmptyState>
  );
  return (
    <>
      <FourStates answer={answer} busy={<Busy />} isEmpty={({ reviews }) => reviews.length === 0} empty={empty}>
        {({ reviews }) => (
          <div className={styles.panel}>
            {assign && <div>{assign}</div>}
            {reviews.map((review) => (
              <One key={review.id} recording={recording} review={review} />
            ))}
          </div>
        )}
      </FourStates>
      {isAssigning && <AssignDialog recording={recording} onClose={() => setAssigning(false)} />}
    </>
  );
}

function One({ recording, review }: { readonly recording: RecordingDetail; readonly review: Review }) {
  const { t } = useTranslation('archive');
  const format = useFormat();
  const toast = useToast();
  const [isMarking, setMarking] = useState(false);
  const [isFinishing, setFinishing] = useState(false);
  const report = useMutation({
    mutationFn: () => api.recordings.reviewReport(review.id),
    onSuccess: (blob) => saveBlob(`${t('review.reportName', { title: recording.title })}.pdf`, blob),
    onError: (error) => toast(error.message, { tone: 'wrong' }),
  });
  const { outcome, reviewer, assignedBy, task, dueOn, conclusion, finishedAt, marks, mine, createdAt } = review;
  const works = mine && outcome === null;
  return (
    <section className={styles.review}>
      <p className={styles.head}>
        {outcome === null ? (
          <Badge tone="harbour">{t('review.open')}</Badge>
        ) : (
          <Badge tone={tones[outcome]}>{t(`review.outcome.${outcome}`)}</Badge>
        )}
        <strong>{reviewer.name}</strong>
      </p>
      <p className={styles.small}>
        {t('review.assignedBy', { name: assignedBy.name, time: format.moment(new Date(createdAt)) })}
        {dueOn !== null && ` · ${t('actions.due', { day: format.day(new Date(`${dueOn}T00:00`)) })}`}
        {finishedAt !== null && ` · ${t('review.finishedAt', { time: format.moment(new Date(finishedAt)) })}`}
      </p>
      {task !== '' && <p className={styles.text}>{task}</p>}
      {marks.length > 0 && (
        <ul className={styles.marks}>
          {marks.map((mark) => (
            <Mark key={mark.id} recording={recording} review={review} mark={mark} mayRemove={works} />
          ))}
        </ul>
      )}
      {conclusion !== '' && (
        <p className={styles.text}>
          <strong>{t('review.conclusion')}</strong> {conclusion}
        </p>
      )}
      <div className={styles.acts}>
        {works && (
          <>
            <Button icon={<Flag size={18} aria-hidden="true" />} onClick={() => setMarking(true)}>
              {t('review.mark')}
            </Button>
            <Button variant="primary" onClick={() => setFinishing(true)}>
              {t('review.finish')}
            </Button>
          </>
        )}
        {outcome !== null && (
          <Button icon={<FileText size={18} aria-hidden="true" />} busy={report.isPending} onClick={() => report.mutate()}>
            {t('review.report')}
          </Button>
        )}
      </div>
      {isMarking && <MarkDialog recording={recording} review={review} onClose={() => setMarking(false)} />}
      {isFinishing && <FinishDialog recording={recording} review={review} onClose={() => setFinishing(false)} />}
    </section>
  );
}

function Mark({
  recording,
  review,
  mark,
  mayRemove,
}: {
  readonly recording: RecordingDetail;
  readonly review: Review;
  readonly mark: ReviewMark;
  readonly mayRemove: boolean;
}) {
  const { t } = useTranslation('archive');
  const remove = useAct(() => api.recordings.removeMark(review.id, mark.id), { refresh: archiveKeys.reviews(recording.id) });
  return (
    <li className={styles.mark}>
      <div className={styles.words}>
        <p>
          <Moment atMs={mark.fromMs} />–{clock(mark.toMs)} <strong>{mark.label}</strong>
        </p>
        {mark.note !== '' && <p className={styles.text}>{mark.note}</p>}
      </div>
      {mayRemove && (
        <IconButton
          label={t('review.removeMark', { label: mark.label })}
          icon={<Trash2 size={18} aria-hidden="true" />}
          onClick={() => remove.run(undefined)}
        />
      )}
    </li>
  );
}

function AssignDialog({ recording, onClose }: { readonly recording: RecordingDetail; readonly onClose: () => void }) {
  const { t } = useTranslation('archive');
  const queries = useQueryClient();
  const people = useQuery({ queryKey: keys.people, queryFn: ({ signal }) => api.people.list(signal) });
  const form = useForm({
    initial: { reviewerId: '', task: '', dueOn: '' },
    check: ({ reviewerId }) => (reviewerId === '' ? { reviewerId: t('review.checkReviewer') } : {}),
    submit: async ({ reviewerId, task, dueOn }) => {
      await api.recordings.assignReview(recording.id, { reviewerId, task: task.trim(), dueOn: dueOn || null });
      await queries.invalidateQueries({ queryKey: archiveKeys.reviews(recording.id) });
      onClose();
    },
  });
  const { values, set, errors } = form;
  return (
    <FormDialog form={form} title={t('review.assign')} description={t('review.assignWords')} action={t('review.assign')} onClose={onClose}>
      <Field label={t('review.reviewer')} error={errors.reviewerId}>
        <Select value={values.reviewerId} onChange={(event) => set('reviewerId', event.target.value)}>
          <option value="">{t('review.choose')}</option>
          {(people.data?.people ?? [])
            .filter(({ role }) => role !== 'guest')
            .map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
        </Select>
      </Field>
      <Field label={t('review.task')} hint={t('review.taskHint')} error={errors.task}>
        <Textarea rows={3} maxLength={2_000} value={values.task} onChange={(event) => set('task', event.target.value)} />
      </Field>
      <Field label={t('actions.when')} error={errors.dueOn}>
        <Input type="date" value={values.dueOn} onChange={(event) => set('dueOn', event.target.value)} />
      </Field>
    </FormDialog>
  );
}

/** From where one is now; the end is put where one goes on to. */
function MarkDialog({
  recording,
  review,
  onClose,
}: {
  readonly recording: RecordingDetail;
  readonly review: Review;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation('archive');
  const { player } = usePlayer();
  const queries = useQueryClient();
  const at = player.state.get().atMs;
  const form = useForm({
    initial: { fromMs: clock(at), toMs: clock(at + 10_000), label: '', note: '' },
    check: ({ fromMs, toMs, label }) => {
      const [from, to] = [readClock(fromMs), readClock(toMs)];
      return {
        ...(from === null && { fromMs: t('time.check') }),
        ...((to === null || (from !== null && to < from)) && { toMs: t('time.checkEnd') }),
        ...(label.trim() === '' && { label: t('review.checkLabel') }),
      };
    },
    submit: async ({ fromMs, toMs, label, note }) => {
      await api.recordings.addMark(review.id, {
        fromMs: readClock(fromMs) ?? 0,
        toMs: readClock(toMs) ?? 0,
        label: label.trim(),
        note: note.trim(),
      });
      await queries.invalidateQueries({ queryKey: archiveKeys.reviews(recording.id) });
      onClose();
    },
  });
  const { values, set, errors } = form;
  return (
    <FormDialog form={form} title={t('review.mark')} onClose={onClose}>
      <div className={styles.pair}>
        <Field label={t('time.from')} error={errors.fromMs}>
          <Input value={values.fromMs} onChange={(event) => set('fromMs', event.target.value)} />
        </Field>
        <Field label={t('time.to')} error={errors.toMs}>
          <Input value={values.toMs} onChange={(event) => set('toMs', event.target.value)} />
        </Field>
      </div>
      <Field label={t('review.label')} hint={t('review.labelHint')} error={errors.label}>
        <Input autoFocus maxLength={60} value={values.label} onChange={(event) => set('label', event.target.value)} />
      </Field>
      <Field label={t('actions.note')} error={errors.note}>
        <Textarea rows={3} maxLength={2_000} value={values.note} onChange={(event) => set('note', event.target.value)} />
      </Field>
    </FormDialog>
  );
}

function FinishDialog({
  recording,
  review,
  onClose,
}: {
  readonly recording: RecordingDetail;
  readonly review: Review;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation('archive');
  const queries = useQueryClient();
  const form = useForm<{ outcome: Outcome; conclusion: string }>({
    initial: { outcome: 'cleared', conclusion: '' },
    submit: async ({ outcome, conclusion }) => {
      const language = languages.find(({ value }) => value === currentLanguage())?.value ?? 'en';
      await api.recordings.finishReview(review.id, { outcome, conclusion: conclusion.trim(), language });
      await queries.invalidateQueries({ queryKey: archiveKeys.reviews(recording.id) });
      onClose();
    },
  });
  return (
    <FormDialog form={form} title={t('review.finish')} description={t('review.finishWords')} action={t('review.finish')} onClose={onClose}>
      <Choice
        label={t('review.outcomeLabel')}
        hint={t(`review.outcomeHint.${form.values.outcome}`)}
        value={form.values.outcome}
        onChange={(outcome) => form.set('outcome', outcome)}
        choices={outcomes.map((value) => ({ value, label: t(`review.outcome.${value}`) }))}
      />
      <Field label={t('review.conclusion')} error={form.errors.conclusion}>
        <Textarea
          rows={4}
          maxLength={4_000}
          value={form.values.conclusion}
          onChange={(event) => form.set('conclusion', event.target.value)}
        />
      </Field>
    </FormDialog>
  );
}

function Busy() {
  return (
    <SkeletonGroup>
      <Skeleton width="60%" />
      <Skeleton width="80%" />
    </SkeletonGroup>
  );
}
