/** Scopes as OAuth writes them: words between spaces (RFC 6749 section 3.3). */
import type { AppScope } from './schema.js';

/** What is asked for, nothing: all that is allowed. Null: more than is allowed, or what doesn't exist. */
export function readScopes(text: string, allowed: readonly AppScope[]): readonly AppScope[] | null {
  const asked = text.split(' ').filter((word) => word !== '');
  if (asked.length === 0) return allowed;
  const given = allowed.filter((scope) => asked.includes(scope));
  return asked.every((word) => given.some((scope) => scope === word)) ? given : null;
}
