/** Passwords, kept as argon2id (RFC 9106), with the parameters that OWASP recommends where many sign in at once: 19 MiB, two passes, one lane. */
import { hash, verify } from '@node-rs/argon2';

const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export function hashPassword(password: string): Promise<string> {
  return hash(password, parameters);
}

/** Takes as long for an account that doesn't exist, so that the time tells nothing. */
export async function checkPassword(stored: string | null, password: string): Promise<boolean> {
  nobody ??= hashPassword('nobody has this password');
  const matches = await verify(stored ?? (await nobody), password);
  return matches && stored !== null;
}

let nobody: Promise<string> | undefined;
