/**
 * The copy of the list and of the newest messages on this device: when it is written, and how the
 * page begins with it. Where nothing is kept, nothing happens.
 */
import type { ChatKeep, Kept } from './chat-keep';
import type { ChatStore } from './chat-store';
import { emptyLog, isBehind, newest } from './conversation-log';
import { Timers } from './timers';

export interface ChatCopyDeps {
  readonly store: ChatStore;
  readonly myId: string;
  readonly keep?: ChatKeep | undefined;
}

const keptMessages = 100;
const saveMs = 2_000;

export class ChatCopy {
  /** The server's word for the history that what is held belongs to; the next Sync says it back. */
  epoch = '';
  readonly #deps: ChatCopyDeps;
  readonly #timers = new Timers();

  constructor(deps: ChatCopyDeps) {
    this.#deps = deps;
  }

  /** Shows what was kept. */
  restore({ epoch, heads, logs }: Kept): void {
    const { store, myId } = this.#deps;
    this.epoch = epoch;
    const restored = new Map(
      [...logs].map(([id, { cursor, visibleAfter, span }]) => [id, { ...emptyLog(myId, cursor, visibleAfter), spans: [span] }] as const),
    );
    if (heads.length > 0) store.update({ listed: true, heads: new Map(heads.map((head) => [head.id, head])), logs: restored });
    store.update({ drafts: new Map(heads.flatMap(({ id, draft }) => (draft === '' ? [] : [[id, draft] as const]))) });
  }

  saveLogSoon(id: string): void {
    this.#timers.later(`log ${id}`, saveMs, () => this.saveLog(id));
  }

  /** Only where it is complete: a start from it must not miss anything. */
  saveLog(id: string): void {
    const { store, keep } = this.#deps;
    const log = store.get().logs.get(id);
    const span = log && newest(log, keptMessages);
    if (log && span && !isBehind(log)) void keep?.saveLog(id, { cursor: log.cursor, visibleAfter: log.visibleAfter, span });
    this.saveListSoon();
  }

  /** The person may not read it any more. */
  forgetLog(id: string): void {
    void this.#deps.keep?.saveLog(id, null);
    this.saveListSoon();
  }

  saveListSoon(): void {
    const { store, keep } = this.#deps;
    if (keep) this.#timers.later('list', saveMs, () => void keep.saveHeads(this.epoch, [...store.get().heads.values()]));
  }

  /** Idempotent. */
  close(): void {
    this.#timers.close();
    this.#deps.keep?.close();
  }
}
