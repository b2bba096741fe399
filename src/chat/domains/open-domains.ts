/** Domains and guests, made together. */
import type { Audit } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/index.js';
import { DomainGuard } from './domain-guard.js';
import { DomainRecords } from './domain-records.js';
import { Domains, type DomainsDeps } from './domains.js';
import { Guests, type GuestsDeps } from './guests.js';

export interface OpenDomainsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly guestJoined: GuestsDeps['guestJoined'];
  readonly guestRemoved: GuestsDeps['guestRemoved'];
  readonly moved: DomainsDeps['moved'];
}

export function openDomains(deps: OpenDomainsDeps): Domains {
  const records = new DomainRecords(deps);
  const guard = new DomainGuard({ ...deps, records });
  const guests = new Guests({ ...deps, records, guard });
  return new Domains({ ...deps, records, guard, guests });
}
