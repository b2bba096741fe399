/** How long an item of an agenda has taken, in whole minutes: seconds that run would hurry people. */
import type { AgendaItem } from '@server/signaling/meeting-state';
import { useTranslation } from 'react-i18next';

const minuteMs = 60_000;

export interface ItemTime {
  readonly words: string;
  /** Longer than planned. */
  readonly over: boolean;
}

export function useItemTime(): (item: AgendaItem, spentMs: number) => ItemTime {
  const { t } = useTranslation('agenda');
  return ({ minutes }, spentMs) => {
    const spent = Math.floor(spentMs / minuteMs);
    if (minutes !== null && spent > minutes) return { words: t('over', { count: spent - minutes }), over: true };
    if (minutes !== null) return { words: t('ofMinutes', { spent, count: minutes }), over: false };
    return { words: spent === 0 ? t('begun') : t('minutes', { count: spent }), over: false };
  };
}
