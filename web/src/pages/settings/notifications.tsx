import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type NotificationSettings, useSession } from '@/api';
import type { PushState } from '@/core/push';
import { Banner, Card, Field, FourStates, Input, Select, Skeleton, SkeletonGroup, Switch, useToast } from '@/design';
import { languages, localeOf } from '@/i18n';
import { keys } from '@/pages/queries';
import { useOwnPush } from '@/shell/use-own-push';
import styles from './notifications.module.css';

type Quiet = NonNullable<NotificationSettings['quiet']>;

/** How one wants to be told while no page is open. Each part works at once. */
export function Notifications() {
  const { t } = useTranslation('settings');
  const settings = useQuery({ queryKey: keys.notifications, queryFn: ({ signal }) => api.admin.notifications.get(signal) });
  const queries = useQueryClient();
  const toast = useToast();
  const change = useMutation({
    mutationKey: keys.notifications,
    // One after the other: each says what all of the quiet hours are.
    scope: { id: 'notifications' },
    mutationFn: (patch: Partial<NotificationSettings>) => api.admin.notifications.change(patch),
    // What is shown follows the hand; an answer from before must not undo it.
    onMutate: async (patch) => {
      await queries.cancelQueries({ queryKey: keys.notifications }, { revert: false, silent: true });
      queries.setQueryData<NotificationSettings>(keys.notifications, (now) => now && { ...now, ...patch });
    },
    onError: (error) => toast(error.message, { tone: 'wrong' }),
    onSettled: () => {
      if (queries.isMutating({ mutationKey: keys.notifications }) === 1) void queries.invalidateQueries({ queryKey: keys.notifications });
    },
  });
  return (
    <Card title={t('notifications.title')} description={t('notifications.words')}>
      <div className={styles.parts}>
        <PushSwitch />
        <FourStates
          answer={settings}
          busy={
            <SkeletonGroup>
              <Skeleton width="60%" />
              <Skeleton width="40%" />
            </SkeletonGroup>
          }
        >
          {(now) => (
            <>
              <Switch
                label={t('notifications.previews')}
                description={t('notifications.previewsWords')}
                checked={now.previews}
                onChange={(previews) => change.mutate({ previews })}
              />
              <Switch
                label={t('notifications.email')}
                description={t('notifications.emailWords')}
                checked={now.email}
                onChange={(email) => change.mutate({ email })}
              />
              {now.email && (
                <Field label={t('notifications.language')}>
                  <Select
                    value={now.language ?? ''}
                    onChange={(event) =>
                      change.mutate({ language: languages.find(({ value }) => value === event.target.value)?.value ?? null })
                    }
                  >
                    <option value="">{t('notifications.bothLanguages')}</option>
                    {languages.map(({ value, label, lang }) => (
                      <option key={value} value={value} lang={lang}>
                        {label}
                      </option>
                    ))}
                  </Select>
                </Field>
              )}
              <Switch
                label={t('notifications.quiet')}
                description={t('notifications.quietWords')}
                checked={now.quiet !== null}
                onChange={(on) => change.mutate({ quiet: on ? usualQuiet() : null })}
              />
              {now.quiet && (
                <QuietHours quiet={now.quiet} onChange={(quiet) => change.mutate({ quiet })}>
                  <Switch
                    label={t('notifications.urgent')}
                    description={t('notifications.urgentWords')}
                    checked={now.urgentInQuiet}
                    onChange={(urgentInQuiet) => change.mutate({ urgentInQuiet })}
                  />
                </QuietHours>
              )}
            </>
          )}
        </FourStates>
      </div>
    </Card>
  );
}

/** Of this browser alone. */
function PushSwitch() {
  const { t } = useTranslation('settings');
  const { person } = useSession();
  const toast = useToast();
  const [state, setState] = useState<PushState | null>(null);
  const [busy, setBusy] = useState(false);
  const personId = person?.id ?? '';
  const push = useOwnPush(personId);
  useEffect(() => {
    let gone = false;
    push.state().then(
      (now) => !gone && setState(now),
      () => !gone && setState('unsupported'),
    );
    return () => {
      gone = true;
    };
  }, [push]);
  const turn = async (on: boolean): Promise<void> => {
    setBusy(true);
    try {
      if (on) setState(await push.turnOn());
      else {
        await push.turnOff();
        setState('off');
      }
    } catch (error) {
      toast(error instanceof Error && error.message !== '' ? error.message : t('notifications.pushFailed'), { tone: 'wrong' });
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className={styles.narrow}>
      <Switch
        label={t('notifications.push')}
        description={t('notifications.pushWords')}
        checked={state === 'on'}
        disabled={busy || state === null || state === 'unsupported' || state === 'blocked'}
        onChange={(on) => void turn(on)}
      />
      {state === 'blocked' && <Banner tone="attention">{t('notifications.blocked')}</Banner>}
      {state === 'unsupported' && <Banner tone="info">{t('notifications.unsupported')}</Banner>}
    </div>
  );
}

interface QuietHoursProps {
  readonly quiet: Quiet;
  readonly onChange: (quiet: Quiet) => void;
  readonly children: ReactNode;
}

function QuietHours({ quiet, onChange, children }: QuietHoursProps) {
  const { t, i18n } = useTranslation('settings');
  // 4 January 1970 was a Sunday.
  const days = useMemo(() => {
    const short = new Intl.DateTimeFormat(localeOf(i18n.language), { weekday: 'short', timeZone: 'UTC' });
    return [1, 2, 3, 4, 5, 6, 0].map((day) => ({ day, name: short.format(new Date(Date.UTC(1970, 0, 4 + day))) }));
  }, [i18n.language]);
  const zones = useMemo(() => [...new Set([quiet.timeZone, ownZone(), ...Intl.supportedValuesOf('timeZone')])], [quiet.timeZone]);
  return (
    <div className={styles.quiet}>
      <div className={styles.pair}>
        <Field label={t('notifications.from')}>
          <Input
            type="time"
            required
            value={quiet.from}
            onChange={({ target }) => target.value && onChange({ ...quiet, from: target.value })}
          />
        </Field>
        <Field label={t('notifications.to')} hint={quiet.to <= quiet.from ? t('notifications.nextDay') : undefined}>
          <Input
            type="time"
            required
            value={quiet.to}
            onChange={({ target }) => target.value && onChange({ ...quiet, to: target.value })}
          />
        </Field>
      </div>
      <fieldset>
        <legend className={styles.legend}>{t('notifications.days')}</legend>
        <div className={styles.days}>
          {days.map(({ day, name }) => (
            <label key={day} className={styles.day}>
              <input
                type="checkbox"
                checked={quiet.days.includes(day)}
                onChange={(event) =>
                  onChange({ ...quiet, days: event.target.checked ? [...quiet.days, day].sort() : quiet.days.filter((one) => one !== day) })
                }
              />
              <span>{name}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <Field label={t('notifications.timeZone')}>
        <Select value={quiet.timeZone} onChange={(event) => onChange({ ...quiet, timeZone: event.target.value })}>
          {zones.map((zone) => (
            <option key={zone} value={zone}>
              {zone.replaceAll('_', ' ')}
            </option>
          ))}
        </Select>
      </Field>
      {children}
    </div>
  );
}

function usualQuiet(): Quiet {
  return { from: '20:00', to: '08:00', days: [0, 1, 2, 3, 4, 5, 6], timeZone: ownZone() };
}

function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
