import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type RecordingDetail, type RecordingEdit } from '@/api';
import { Badge, Banner, Button, Choice, Field, FourStates, Input, Skeleton, SkeletonGroup } from '@/design';
import { useFormat } from '@/i18n';
import { FormDialog } from '@/pages/forms/form-dialog';
import { useForm } from '@/pages/forms/use-form';
import { archiveKeys } from '../archive-queries';
import { clock, readClock } from '../clock';
import { usePlayer } from '../player/player-context';
import styles from './edits-dialog.module.css';

const kinds = ['redact', 'trim'] as const;
type What = (typeof kinds)[number];

/** Takes a passage out, or what lies around one; says until when it can be undone. */
export function EditsDialog({ recording, onClose }: { readonly recording: RecordingDetail; readonly onClose: () => void }) {
  const { t } = useTranslation('archive');
  const { player } = usePlayer();
  const queries = useQueryClient();
  const { atMs, beginMs, durationMs } = player.state.get();
  const form = useForm<{ what: What; from: string; to: string; reason: string }>({
    initial: { what: 'redact', from: clock(atMs), to: clock(Math.min(atMs + 10_000, durationMs)), reason: '' },
    check: ({ from, to, reason }) => {
      const [fromMs, toMs] = [readClock(from), readClock(to)];
      return {
        ...(fromMs === null && { from: t('time.check') }),
        ...((toMs === null || (fromMs !== null && toMs <= fromMs)) && { to: t('time.checkEnd') }),
        ...(reason.trim() === '' && { reason: t('edits.checkReason') }),
      };
    },
    submit: async ({ what, from, to, reason }) => {
      await api.recordings.edit(recording.id, { what, fromMs: readClock(from) ?? 0, toMs: readClock(to) ?? 0, reason: reason.trim() });
      await Promise.all([archiveKeys.one(recording.id), archiveKeys.all].map((queryKey) => queries.invalidateQueries({ queryKey })));
      onClose();
    },
  });
  const { values, set, errors } = form;
  const choose = (what: What): void => {
    set('what', what);
    if (what === 'trim') {
      set('from', clock(beginMs));
      set('to', clock(durationMs));
    }
  };
  return (
    <FormDialog
      form={form}
      size="wide"
      title={t('edits.title')}
      description={t('edits.words')}
      action={t(`edits.action.${values.what}`)}
      danger
      onClose={onClose}
    >
      <Choice
        label={t('edits.what')}
        hint={t(`edits.hint.${values.what}`)}
        value={values.what}
        onChange={choose}
        choices={kinds.map((value) => ({ value, label: t(`edits.kind.${value}`) }))}
      />
      <div className={styles.pair}>
        <Field label={t('time.from')} hint={t('time.hint')} error={errors.from}>
          <Input value={values.from} onChange={(event) => set('from', event.target.value)} />
        </Field>
        <Field label={t('time.to')} error={errors.to}>
          <Input value={values.to} onChange={(event) => set('to', event.target.value)} />
        </Field>
      </div>
      <Field label={t('edits.reason')} hint={t('edits.reasonHint')} error={errors.reason}>
        <Input maxLength={500} value={values.reason} onChange={(event) => set('reason', event.target.value)} />
      </Field>
      <Banner tone="info">{t('edits.anew')}</Banner>
      <Done recording={recording} />
    </FormDialog>
  );
}

/** What was cut before, and can be undone. */
function Done({ recording }: { readonly recording: RecordingDetail }) {
  const { t } = useTranslation('archive');
  const edits = useQuery({
    queryKey: archiveKeys.edits(recording.id),
    queryFn: ({ signal }) => api.recordings.edits(recording.id, signal),
  });
  return (
    <FourStates
      answer={edits}
      busy={
        <SkeletonGroup>
          <Skeleton width="60%" />
        </SkeletonGroup>
      }
      isEmpty={({ edits: list }) => list.length === 0}
      empty={null}
    >
      {({ edits: list }) => (
        <section>
          <h3 className={styles.title}>{t('edits.done')}</h3>
          <ul className={styles.list}>
            {list.map((edit) => (
              <One key={edit.id} recording={recording} edit={edit} />
            ))}
          </ul>
        </section>
      )}
    </FourStates>
  );
}

function One({ recording, edit }: { readonly recording: RecordingDetail; readonly edit: RecordingEdit }) {
  const { t } = useTranslation('archive');
  const format = useFormat();
  const queries = useQueryClient();
  const [isUndoing, setUndoing] = useState(false);
  const [reason, setReason] = useState('');
  const moment = (time: string): string => format.moment(new Date(time));
  const { what, fromMs, toMs, madeBy, madeAt, undone, finalAt, finalOn } = edit;
  const undo = useMutation({
    mutationFn: () => api.recordings.undoEdit(recording.id, edit.id, reason.trim()),
    onSuccess: async () => {
      await Promise.all([archiveKeys.one(recording.id), archiveKeys.all].map((queryKey) => queries.invalidateQueries({ queryKey })));
      setUndoing(false);
    },
  });
  return (
    <li className={styles.edit}>
      <div className={styles.words}>
        <p>
          <Badge tone={undone ? 'plain' : 'lantern'}>{t(undone ? 'edits.undone' : `edits.kind.${what}`)}</Badge> {clock(fromMs)}–
          {clock(toMs)}
        </p>
        <p className={styles.small}>
          {t('edits.madeBy', { name: madeBy.name, time: moment(madeAt), reason: edit.reason })}
          {undone && ` ${t('edits.undoneBy', { name: undone.by, time: moment(undone.at) })}`}
          {!undone && finalAt !== null && ` ${t('edits.final')}`}
          {!undone && finalAt === null && finalOn !== null && ` ${t('edits.finalOn', { time: moment(finalOn) })}`}
        </p>
        {isUndoing && (
          <Field label={t('edits.undoReason')} error={undo.error?.message ?? null}>
            <Input autoFocus maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
          </Field>
        )}
      </div>
      {!undone && finalAt === null && (
        <Button
          variant={isUndoing ? 'primary' : 'secondary'}
          disabled={isUndoing && reason.trim() === ''}
          busy={undo.isPending}
          onClick={() => (isUndoing ? undo.mutate() : setUndoing(true))}
        >
          {t('edits.undo')}
        </Button>
      )}
    </li>
  );
}
