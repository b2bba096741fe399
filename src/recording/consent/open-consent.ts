/** Policies, notices, the ledger of consent and withdrawal, made together. */
import type { Audit } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/index.js';
import type { HttpApp } from '../../platform/http/index.js';
import type { Jobs } from '../../platform/jobs/index.js';
import type { Log } from '../../platform/log.js';
import type { Holds, RecordingAccess, RecordingRows } from '../ports.js';
import { ConsentLedger } from './ledger.js';
import { Notices } from './notices.js';
import { Policies } from './policies.js';
import { Recorded } from './recorded.js';
import { consentRoutes } from './routes.js';
import { type ConsentHooks, Withdrawals } from './withdrawals.js';

export interface ConsentDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly jobs: Jobs;
  readonly log: Log;
  readonly rows: Pick<RecordingRows, 'get'>;
  readonly access: RecordingAccess;
  readonly holds: Holds;
  readonly hooks: ConsentHooks;
  /** Sound or words go to a service beyond this server, for captions or summaries: notices say so. Default: no. */
  readonly outside?: boolean;
}

export interface Consent {
  readonly policies: Policies;
  readonly notices: Notices;
  readonly ledger: ConsentLedger;
  readonly withdrawals: Withdrawals;
  routes(app: HttpApp): void;
}

export async function openConsent(deps: ConsentDeps): Promise<Consent> {
  const policies = new Policies(deps);
  const notices = new Notices(deps);
  const ledger = new ConsentLedger(deps);
  const withdrawals = new Withdrawals({ ...deps, ledger });
  const recorded = new Recorded({ ...deps, ledger, notices });
  await withdrawals.work();
  return { policies, notices, ledger, withdrawals, routes: (app) => consentRoutes(app, { policies, recorded, withdrawals }) };
}
