import { useTranslation } from 'react-i18next';
import { AgendaEditor } from '@/agenda/agenda-editor';
import { fromDraft, type PlannedItem, toDraft } from '@/agenda/draft';
import type { Agenda, Meeting, MeetingInput } from '@/api';
import { Button, Choice, DialogBody, DialogFooter, Field, FieldError, Input, Select, Switch } from '@/design';
import { useFormat } from '@/i18n';
import { FormFailure } from '@/pages/forms/form-failure';
import { useForm } from '@/pages/forms/use-form';
import { fromLocal, nextHalfHour, toLocalDate, toLocalTime } from './local-time';
import styles from './meeting-form.module.css';

export type PlannedMeeting = Required<Omit<MeetingInput, 'agenda'>> & { readonly agenda: readonly PlannedItem[] };

export interface MeetingFormProps {
  /** The meeting that is changed; none for a new one. */
  readonly meeting?: Meeting | undefined;
  /** Its agenda. */
  readonly agenda?: Agenda | undefined;
  /** The word on the main button. */
  readonly action: string;
  readonly onCancel: () => void;
  readonly submit: (input: PlannedMeeting) => Promise<unknown>;
}

const kinds = ['meeting', 'webinar'] as const;
const lobbies = ['guests', 'everyone', 'off'] as const;

/** A meeting's title, time and rules, for making and for changing. Stands inside a Dialog. */
export function MeetingForm({ meeting, agenda, action, onCancel, submit }: MeetingFormProps) {
  const { t } = useTranslation(['meetings', 'common', 'agenda']);
  const format = useFormat();
  const start = meeting?.startsAt ? new Date(meeting.startsAt) : nextHalfHour(new Date());
  const form = useForm({
    initial: {
      title: meeting?.title ?? '',
      kind: meeting?.kind ?? 'meeting',
      timed: meeting ? meeting.startsAt !== null : true,
      date: toLocalDate(start),
      time: toLocalTime(start),
      lobby: meeting?.lobby ?? 'guests',
      guests: meeting?.guests ?? true,
      chatHistory: meeting?.chatHistory ?? true,
      agenda: toDraft(agenda?.items ?? []),
    },
    check: ({ title, timed, date, time }) => ({
      ...(title.trim() === '' ? { title: t('form.titleCheck') } : {}),
      ...(timed && date === '' ? { date: t('form.dateCheck') } : {}),
      ...(timed && time === '' ? { time: t('form.timeCheck') } : {}),
    }),
    submit: ({ timed, date, time, title, kind, lobby, guests, chatHistory, agenda: items }) =>
      submit({
        title: title.trim(),
        kind,
        lobby,
        guests,
        chatHistory,
        startsAt: timed ? fromLocal(date, time).toISOString() : null,
        agenda: fromDraft(items),
      }),
  });
  const { values, set, errors } = form;
  // Who was in it came as a participant or as a viewer; that stays.
  const begun = meeting !== undefined && meeting.startedAt !== null;
  return (
    <form onSubmit={form.onSubmit} noValidate>
      <DialogBody>
        <FormFailure failure={form.failure} />
        <Field label={t('form.title')} error={errors.title}>
          <Input
            name="title"
            maxLength={120}
            autoComplete="off"
            autoFocus
            placeholder={t('form.titleExample')}
            value={values.title}
            onChange={(event) => set('title', event.target.value)}
          />
        </Field>
        <Choice
          label={t('form.kind')}
          hint={begun ? t('form.kindFixed') : t(`form.kindHint.${values.kind}`)}
          value={values.kind}
          disabled={begun}
          onChange={(kind) => set('kind', kind)}
          choices={kinds.map((value) => ({ value, label: t(`form.kindChoice.${value}`) }))}
        />
        <div>
          <Switch label={t('form.timed')} checked={values.timed} onChange={(timed) => set('timed', timed)} />
          {values.timed && (
            <>
              <div className={styles.when}>
                <Field label={t('form.date')} error={errors.date}>
                  <Input type="date" name="date" value={values.date} onChange={(event) => set('date', event.target.value)} />
                </Field>
                <Field label={t('form.time')} error={errors.time}>
                  <Input type="time" name="time" step={300} value={values.time} onChange={(event) => set('time', event.target.value)} />
                </Field>
              </div>
              <p className={styles.zone}>{t('form.zone', { zone: format.zone(start) })}</p>
            </>
          )}
        </div>
        <fieldset className={styles.agenda}>
          <legend>{t('agenda:title')}</legend>
          <p className={styles.zone}>{t('agenda:editor.hint')}</p>
          <AgendaEditor items={values.agenda} onChange={(items) => set('agenda', [...items])} />
          <FieldError>{errors.agenda}</FieldError>
        </fieldset>
        <Field label={t('form.lobby')} hint={t(`form.lobbyHint.${values.lobby}`)}>
          <Select
            name="lobby"
            value={values.lobby}
            onChange={(event) => set('lobby', lobbies.find((lobby) => lobby === event.target.value) ?? 'guests')}
          >
            {lobbies.map((lobby) => (
              <option key={lobby} value={lobby}>
                {t(`form.lobbyChoice.${lobby}`)}
              </option>
            ))}
          </Select>
        </Field>
        <div>
          <Switch
            label={t('form.guests')}
            description={t('form.guestsHint')}
            checked={values.guests}
            onChange={(guests) => set('guests', guests)}
          />
          <Switch
            label={t('form.chatHistory')}
            description={t('form.chatHistoryHint')}
            checked={values.chatHistory}
            onChange={(chatHistory) => set('chatHistory', chatHistory)}
          />
        </div>
      </DialogBody>
      <DialogFooter>
        <Button onClick={onCancel}>{t('common:action.cancel')}</Button>
        <Button type="submit" variant="primary" busy={form.busy}>
          {action}
        </Button>
      </DialogFooter>
    </form>
  );
}
