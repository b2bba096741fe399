/** Dates, times and spans as the reader's language and place write them. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { localeOf } from './language';

export interface Format {
  /** 14:30 */
  readonly time: (date: Date) => string;
  /** Today, Tomorrow, Wednesday 14 January; with the year when it is another. */
  readonly day: (date: Date, now?: Date) => string;
  /** Wed 14 Jan, 14:30 */
  readonly moment: (date: Date, now?: Date) => string;
  /** 1 h 05 min */
  readonly span: (milliseconds: number) => string;
  /** How long ago, in the largest unit that fits. */
  readonly ago: (date: Date, now?: Date) => string;
  /** Hong Kong time */
  readonly zone: (date: Date) => string;
  /** 12,345 */
  readonly number: (value: number) => string;
  /** 0.0123 -> 1.2% */
  readonly percent: (ratio: number) => string;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

export function useFormat(): Format {
  const { t, i18n } = useTranslation();
  const language = i18n.language;
  return useMemo(() => {
    const locale = localeOf(language);
    const make = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options);
    const time = make({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    const dayThisYear = make({ weekday: 'long', day: 'numeric', month: 'long' });
    const dayOtherYear = make({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
    const momentThisYear = make({ weekday: 'short', day: 'numeric', month: 'short' });
    const momentOtherYear = make({ day: 'numeric', month: 'short', year: 'numeric' });
    const zone = make({ timeZoneName: 'longGeneric' });
    const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
    const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
    const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
    return {
      time: (date) => time.format(date),
      day: (date, now = new Date()) => {
        const distance = daysBetween(now, date);
        if (distance === 0) return t('time.today');
        if (distance === 1) return t('time.tomorrow');
        if (distance === -1) return t('time.yesterday');
        return (sameYear(date, now) ? dayThisYear : dayOtherYear).format(date);
      },
      moment: (date, now = new Date()) => `${(sameYear(date, now) ? momentThisYear : momentOtherYear).format(date)} ${time.format(date)}`,
      span: (milliseconds) => {
        const minutes = Math.max(1, Math.round(milliseconds / minute));
        if (minutes < 60) return t('time.minutes', { count: minutes });
        const rest = minutes % 60;
        const hours = Math.floor(minutes / 60);
        return rest === 0 ? t('time.hours', { count: hours }) : t('time.hoursMinutes', { hours, minutes: rest });
      },
      ago: (date, now = new Date()) => {
        const distance = date.getTime() - now.getTime();
        const size = Math.abs(distance);
        if (size < minute) return t('time.now');
        if (size < hour) return relative.format(Math.round(distance / minute), 'minute');
        if (size < day) return relative.format(Math.round(distance / hour), 'hour');
        return relative.format(daysBetween(now, date), 'day');
      },
      zone: (date) => zone.formatToParts(date).find((part) => part.type === 'timeZoneName')?.value ?? '',
      number: (value) => number.format(value),
      percent: (ratio) => percent.format(ratio),
    };
  }, [language, t]);
}

/** Whole days on the calendar of the reader, whatever the hour. */
export function daysBetween(from: Date, to: Date): number {
  return Math.round((startOfDay(to).getTime() - startOfDay(from).getTime()) / day);
}

function startOfDay(date: Date): Date {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate());
}

function sameYear(a: Date, b: Date): boolean {
  return a.getFullYear() === b.getFullYear();
}
