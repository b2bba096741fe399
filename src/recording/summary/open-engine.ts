/** The engine that the settings ask for: a server of the operator with the rules of this program behind it, or these rules alone. */
import type { Config } from '../../config.js';
import type { Log } from '../../platform/log.js';
import type { SummaryEngine } from './meeting-text.js';
import { OfflineEngine } from './offline/offline-engine.js';
import { ModelClient } from './server/model-client.js';
import { ServerEngine } from './server/server-engine.js';

export interface OpenEngineDeps {
  readonly config: Pick<Config, 'SUMMARY_URL' | 'SUMMARY_MODEL' | 'SUMMARY_API_KEY' | 'SUMMARY_TIMEOUT_MS' | 'SUMMARY_CONTEXT_TOKENS'>;
  readonly log: Log;
}

export function openEngine({ config, log }: OpenEngineDeps): SummaryEngine {
  const offline = new OfflineEngine();
  if (config.SUMMARY_URL === undefined || config.SUMMARY_MODEL === undefined) return offline;
  const client = new ModelClient(
    { url: config.SUMMARY_URL, model: config.SUMMARY_MODEL, apiKey: config.SUMMARY_API_KEY, timeoutMs: config.SUMMARY_TIMEOUT_MS },
    log,
  );
  return new ServerEngine({ client, fallBack: offline, contextTokens: config.SUMMARY_CONTEXT_TOKENS, log });
}
