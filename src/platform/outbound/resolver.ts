/** Names to addresses, within a time. */
import { lookup, Resolver } from 'node:dns/promises';

/** All addresses of a name, in the order in which they should be tried. Rejects when there are none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/**
 * Asks the name servers directly, because the system's own lookup holds one of Node's four threads
 * as long as a slow name server likes, and files and passwords wait behind it. The system is asked
 * only for names that the name servers don't know: those of /etc/hosts.
 */
export const resolveName: Resolve = async (host) => {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  const [four, six] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const found = [...(four.status === 'fulfilled' ? four.value : []), ...(six.status === 'fulfilled' ? six.value : [])];
  if (found.length > 0) return found;
  const failures = [four, six].flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  const timedOut = failures.find((failure) => failure instanceof Error && 'code' in failure && failure.code === 'ETIMEOUT');
  if (timedOut) throw timedOut;
  return (await lookup(host, { all: true })).map(({ address }) => address);
};
