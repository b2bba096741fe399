/** Milliseconds until a JWT ends (RFC 7519 section 4.1.4), or null when it doesn't say. */
export function tokenLifeLeft(token: string, now: number): number | null {
  try {
    const body = token.split('.')[1] ?? '';
    const claims: unknown = JSON.parse(atob(body.replaceAll('-', '+').replaceAll('_', '/')));
    if (typeof claims !== 'object' || claims === null || !('exp' in claims) || typeof claims.exp !== 'number') return null;
    return claims.exp * 1_000 - now;
  } catch {
    return null;
  }
}
