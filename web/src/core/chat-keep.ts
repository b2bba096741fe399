/**
 * What chat keeps on this device: what was written and is not acknowledged (so that it is sent after
 * a reload too), and the list and newest messages for a start without waiting. It belongs to one
 * person; a sign-out takes all of it away. Where the browser keeps nothing, the page works without.
 */
import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from 'idb';
import type { ChatHead } from './chat-model';
import type { Pending, Span } from './conversation-log';

export interface KeptLog {
  readonly cursor: number;
  readonly visibleAfter: number;
  readonly span: Span;
}

export interface Kept {
  readonly epoch: string;
  readonly heads: readonly ChatHead[];
  readonly logs: ReadonlyMap<string, KeptLog>;
  readonly outbox: readonly Pending[];
}

interface Schema extends DBSchema {
  meta: { key: 'owner'; value: { readonly personId: string; readonly epoch: string } };
  heads: { key: string; value: ChatHead };
  logs: { key: string; value: KeptLog };
  outbox: { key: string; value: Pending };
}

const name = 'causeway.chat';
const version = 1;
const stores = ['meta', 'heads', 'logs', 'outbox'] as const;
const nothing: Kept = { epoch: '', heads: [], logs: new Map(), outbox: [] };

export class ChatKeep {
  readonly #personId: string;
  #database: Promise<IDBPDatabase<Schema> | null>;
  #closed = false;

  constructor(personId: string) {
    this.#personId = personId;
    this.#database = this.#open();
  }

  async load(): Promise<Kept> {
    const kept = await this.#try(async (database) => {
      const tx = database.transaction(stores, 'readwrite');
      const owner = await tx.objectStore('meta').get('owner');
      if (owner?.personId !== this.#personId) {
        // Somebody else's, or the first time.
        await Promise.all(stores.map((store) => tx.objectStore(store).clear()));
        await tx.objectStore('meta').put({ personId: this.#personId, epoch: '' }, 'owner');
        await tx.done;
        return nothing;
      }
      const [heads, ids, logs, outbox] = await Promise.all([
        tx.objectStore('heads').getAll(),
        tx.objectStore('logs').getAllKeys(),
        tx.objectStore('logs').getAll(),
        tx.objectStore('outbox').getAll(),
      ]);
      await tx.done;
      const byId = new Map<string, KeptLog>();
      ids.forEach((id, index) => {
        const log = logs[index];
        if (log) byId.set(id, log);
      });
      return { epoch: owner.epoch, heads, logs: byId, outbox: outbox.sort((a, b) => a.writtenAt - b.writtenAt) };
    });
    return kept ?? nothing;
  }

  /** In place of all that was kept of the list. */
  async saveHeads(epoch: string, heads: readonly ChatHead[]): Promise<void> {
    await this.#try(async (database) => {
      const tx = database.transaction(['meta', 'heads', 'logs'], 'readwrite');
      await tx.objectStore('meta').put({ personId: this.#personId, epoch }, 'owner');
      await tx.objectStore('heads').clear();
      for (const head of heads) await tx.objectStore('heads').put(head, head.id);
      const known = new Set(heads.map(({ id }) => id));
      for (const id of await tx.objectStore('logs').getAllKeys()) if (!known.has(id)) await tx.objectStore('logs').delete(id);
      await tx.done;
    });
  }

  async saveLog(conversationId: string, log: KeptLog | null): Promise<void> {
    await this.#try(async (database) => {
      if (log) await database.put('logs', log, conversationId);
      else await database.delete('logs', conversationId);
    });
  }

  async saveOutgoing(pending: Pending): Promise<void> {
    await this.#try((database) => database.put('outbox', pending, pending.clientId));
  }

  async removeOutgoing(clientId: string): Promise<void> {
    await this.#try((database) => database.delete('outbox', clientId));
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    void this.#database.then((database) => database?.close());
  }

  async #open(): Promise<IDBPDatabase<Schema> | null> {
    try {
      return await openDB<Schema>(name, version, {
        upgrade: (database) => {
          for (const store of stores) database.createObjectStore(store);
        },
        // Another tab signs out and takes all of it away: let it.
        blocking: (_current, _blocked, event) => {
          this.#closed = true;
          if (event.target instanceof IDBDatabase) event.target.close();
        },
      });
    } catch {
      return null;
    }
  }

  async #try<Result>(run: (database: IDBPDatabase<Schema>) => Promise<Result>): Promise<Result | null> {
    const database = await this.#database;
    if (!database || this.#closed) return null;
    try {
      return await run(database);
    } catch {
      // A full disk, or a database that was just taken away: nothing is kept, that is all.
      return null;
    }
  }
}

/** Nothing of anybody stays on this device. */
export async function forgetChat(): Promise<void> {
  await deleteDB(name).catch(() => undefined);
}
