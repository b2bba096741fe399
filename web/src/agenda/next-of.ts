/** Which item a meeting turns to when somebody says "next". Pure. */
import type { AgendaItem, AgendaNow } from '@server/signaling/meeting-state';

/** After a pause it is the first that was not talked about yet. */
export function nextOf({ items, currentId }: Pick<AgendaNow, 'items' | 'currentId'>): AgendaItem | null {
  const at = items.findIndex(({ id }) => id === currentId);
  if (at >= 0) return items[at + 1] ?? null;
  const lastDone = items.findLastIndex(({ spentMs }) => spentMs > 0);
  return items[lastDone + 1] ?? null;
}
