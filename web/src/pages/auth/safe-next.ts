/** Where to go after the sign-in: a place of this page only, whatever a link says. */
export function safeNext(next: string | null, origin = location.origin): string {
  if (next === null || !next.startsWith('/') || !URL.canParse(next, origin)) return '/';
  const target = new URL(next, origin);
  // `//host` and `/\host` name another server (WHATWG URL, scheme-relative), and what is left of `/.//host` would.
  if (target.origin !== origin || target.pathname.startsWith('//')) return '/';
  return `${target.pathname}${target.search}${target.hash}`;
}
