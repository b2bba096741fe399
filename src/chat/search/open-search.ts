/** The search as chat has it: the index that follows the log, and what is found by it. */
import type { EventEmitter } from 'node:events';
import type { Database } from '../../platform/database/index.js';
import type { Log } from '../../platform/log.js';
import type { Metrics } from '../../platform/metrics.js';
import type { Principal } from '../../platform/principal.js';
import type { ChatEvents } from '../ports.js';
import { Indexer } from './indexer.js';
import type { Found, SearchQuery } from './schema.js';
import { Search } from './search.js';

export interface SearchDeps {
  readonly database: Database;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly events: EventEmitter<ChatEvents>;
}

export interface SearchPart {
  /** @throws CHAT_NOT_FOUND, CHAT_SEARCH_EMPTY, REQUEST_INVALID */
  find(principal: Principal, query: SearchQuery): Promise<Found>;
  /** Idempotent. */
  close(): Promise<void>;
}

export function openSearch({ database, log, metrics, events }: SearchDeps): SearchPart {
  const search = new Search(database);
  const count = metrics.counter({ name: 'causeway_search_indexed_total', help: 'Messages that the search took in, new and changed ones.' });
  const indexer = new Indexer({ database, log, indexed: (messages) => count.inc(messages) });
  metrics.gauge({ name: 'causeway_search_waiting', help: 'Conversations that wait to be indexed on this node.' }, (self) =>
    self.set(indexer.waiting),
  );
  const wake = ({ conversationId }: { readonly conversationId: string }) => indexer.wake(conversationId);
  events.on('posted', wake).on('changed', wake);
  return {
    find: (principal, query) => search.find(principal, query),
    close: async () => {
      events.off('posted', wake).off('changed', wake);
      await indexer.close();
    },
  };
}
