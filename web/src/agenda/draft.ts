/** An agenda while somebody writes it. Pure. */
import type { AgendaItem } from '@server/signaling/meeting-state';
import { randomId } from '@/core/ids';

export interface DraftItem {
  readonly id: string;
  readonly title: string;
  /** As it is typed; empty: as long as it takes. */
  readonly minutes: string;
}

export type PlannedItem = Omit<AgendaItem, 'spentMs'>;

export const itemsAtMost = 50;
export const titleAtMost = 200;
const minutesAtMost = 600;

export function emptyItem(): DraftItem {
  return { id: randomId(), title: '', minutes: '' };
}

export function toDraft(items: readonly PlannedItem[]): DraftItem[] {
  return items.map(({ id, title, minutes }) => ({ id, title, minutes: minutes === null ? '' : String(minutes) }));
}

/** What nobody gave a title is no item. */
export function fromDraft(items: readonly DraftItem[]): PlannedItem[] {
  return items
    .map(({ id, title, minutes }) => ({ id, title: title.trim(), minutes: toMinutes(minutes) }))
    .filter(({ title }) => title !== '');
}

/** Whether it says the same as what is there: then there is nothing to save. */
export function isSame(items: readonly DraftItem[], there: readonly PlannedItem[]): boolean {
  const form = (list: readonly PlannedItem[]) => JSON.stringify(list.map(({ id, title, minutes }) => [id, title, minutes]));
  return form(fromDraft(items)) === form(there);
}

export function moved(items: readonly DraftItem[], from: number, to: number): DraftItem[] {
  const list = [...items];
  const [item] = list.splice(from, 1);
  if (item) list.splice(to, 0, item);
  return list;
}

function toMinutes(text: string): number | null {
  const minutes = Math.round(Number(text));
  return text.trim() === '' || !Number.isFinite(minutes) || minutes < 1 ? null : Math.min(minutes, minutesAtMost);
}
