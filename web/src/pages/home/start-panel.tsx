import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CalendarPlus, Video } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { api, useSession } from '@/api';
import { Button, Field, Input, useToast } from '@/design';
import { localeOf } from '@/i18n';
import { useForm } from '@/pages/forms/use-form';
import { keepMeeting } from '@/pages/queries';
import { HarbourView } from '@/shell/harbour-view';
import { meetingCodeOf } from './meeting-code';
import styles from './start-panel.module.css';

/** The first thing one sees: start, plan, or join. */
export function StartPanel({ onSchedule }: { onSchedule: () => void }) {
  const { t, i18n } = useTranslation('meetings');
  const { person } = useSession();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const toast = useToast();
  const name = person?.name ?? '';
  const start = useMutation({
    mutationFn: () => api.meetings.create({ title: t('instantTitle', { name }) }),
    onSuccess: (meeting) => {
      keepMeeting(queries, meeting);
      void navigate(`/m/${meeting.code}`);
    },
    onError: (error) => toast(error.message, { tone: 'wrong' }),
  });
  const join = useForm({
    initial: { code: '' },
    check: ({ code }) => (meetingCodeOf(code) === null ? { code: t('join.check') } : {}),
    submit: async ({ code }) => navigate(`/m/${encodeURIComponent(meetingCodeOf(code) ?? '')}`),
  });
  const now = new Date();
  const today = new Intl.DateTimeFormat(localeOf(i18n.language), { weekday: 'long', day: 'numeric', month: 'long' }).format(now);
  return (
    <section className={styles.panel}>
      <div className={styles.content}>
        <p className={styles.today}>{today}</p>
        <h1 className={styles.greeting}>{t(`greeting.${partOfDay(now)}`, { name })}</h1>
        <div className={styles.actions}>
          <Button
            variant="primary"
            size="large"
            icon={<Video size={20} aria-hidden="true" />}
            busy={start.isPending}
            onClick={() => start.mutate()}
          >
            {t('start')}
          </Button>
          <Button size="large" icon={<CalendarPlus size={20} aria-hidden="true" />} onClick={onSchedule}>
            {t('schedule.open')}
          </Button>
        </div>
        <form className={styles.join} onSubmit={join.onSubmit} noValidate>
          <Field label={t('join.label')} labelHidden error={join.errors.code} className={styles.code}>
            <Input
              name="code"
              placeholder={t('join.label')}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              value={join.values.code}
              onChange={(event) => join.set('code', event.target.value)}
            />
          </Field>
          <Button type="submit">{t('join.action')}</Button>
        </form>
      </div>
      <HarbourView className={styles.harbour} />
    </section>
  );
}

function partOfDay(date: Date): 'morning' | 'afternoon' | 'evening' {
  const hour = date.getHours();
  if (hour >= 5 && hour < 12) return 'morning';
  return hour >= 12 && hour < 18 ? 'afternoon' : 'evening';
}
