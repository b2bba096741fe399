/** Who may administer apps, and what an act looks like in the audit log. */
import type { AuditEntry } from '../../platform/audit.js';
import { CausewayError } from '../../platform/errors.js';
import type { Principal } from '../../platform/principal.js';

/** @throws AUTH_FORBIDDEN */
export function requireAdministrator(principal: Principal): void {
  if (!isAdministrator(principal)) throw new CausewayError('AUTH_FORBIDDEN');
}

export function isAdministrator({ role }: Principal): boolean {
  return role === 'owner' || role === 'admin';
}

export function act(by: Principal, action: string, subject: AuditEntry['subject'], detail: AuditEntry['detail'] = {}): AuditEntry {
  return { orgId: by.orgId, actor: { id: by.personId, name: by.name }, action, subject, detail };
}
