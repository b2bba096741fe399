import { CausewayError } from '../../platform/errors.js';
import type { Principal } from '../../platform/principal.js';

/** @throws AUTH_FORBIDDEN */
export function assertAdministrator({ role }: Principal): void {
  if (role !== 'owner' && role !== 'admin') throw new CausewayError('AUTH_FORBIDDEN');
}
