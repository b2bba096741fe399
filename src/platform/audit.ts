/**
 * The audit log as parts see it: who did what to what, written in the transaction of the act, so that
 * there is no act without its row. Kept and chained by src/services/audit.
 */
import type { Query } from './database/index.js';

export interface AuditEntry {
  readonly orgId: string;
  /** Null: the server itself. */
  readonly actor: { readonly id: string; readonly name: string } | null;
  /** `area.what`, such as `chat.domain-refused`; docs/reference/audit.md lists them. */
  readonly action: string;
  /** Ids of what it was done to. */
  readonly subject: Readonly<Record<string, string | number>>;
  /** JSON. The least that explains the act; never content that was blocked. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

export interface Audit {
  /** Appends in the caller's transaction. Concurrent writers of one organisation wait for each other: do it last. */
  record(tx: Query, entry: AuditEntry): Promise<void>;
  /** Appends by itself, for acts that were refused and changed nothing else. */
  recordAlone(entry: AuditEntry): Promise<void>;
}
