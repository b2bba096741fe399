/** Where to go after the sign-in: a place of this page only, whatever a link says. */
export function safeNext(next: string | null, origin = location.origin): string {
  if (next === null || !next.startsWith('/')) return '/';
  // `//host` and `/\host` name another server (WHATWG URL, scheme-relative).
  const target = new URL(next, origin);
  return target.origin === origin ? `${target.pathname}${target.search}${target.hash}` : '/';
}
