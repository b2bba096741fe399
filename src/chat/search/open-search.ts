/** The search as chat has it: the index that follows the log, and what is found by it. */
import type { EventEmitter } from 'node:events';
import type { Database } from '../../platform/database/index.js';
import type { Log } from '../../platform/log.js';
import type { Principal } from '../../platform/principal.js';
import type { ChatEvents } from '../ports.js';
import { Indexer } from './indexer.js';
import type { Found, SearchQuery } from './schema.js';
import { Search } from './search.js';

export interface SearchDeps {
  readonly database: Database;
  readonly log: Log;
  readonly events: EventEmitter<ChatEvents>;
}

export interface SearchPart {
  /** @throws CHAT_NOT_FOUND, CHAT_SEARCH_EMPTY, REQUEST_INVALID */
  find(principal: Principal, query: SearchQuery): Promise<Found>;
  /** Idempotent. */
  close(): Promise<void>;
}

export function openSearch({ database, log, events }: SearchDeps): SearchPart {
  const search = new Search(database);
  const indexer = new Indexer({ database, log });
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
