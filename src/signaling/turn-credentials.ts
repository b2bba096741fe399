/**
 * STUN and TURN servers as a participant is told them. TURN servers that share a secret with us get
 * credentials that end by themselves: draft-uberti-behave-turn-rest-00, which coturn calls
 * `use-auth-secret`. So nobody who was in a meeting once can use the server for ever.
 */
import { createHmac } from 'node:crypto';
import { type Config, listOf } from '../config.js';
import type { Clock } from '../platform/clock.js';

export interface TurnCredential {
  readonly username: string;
  readonly credential: string;
}

/** JSON of RTCIceServer[] for one participant. */
export type IceServersOf = (participantId: string) => string;

type TurnConfig = Pick<Config, 'ICE_SERVERS' | 'TURN_URLS' | 'TURN_SECRET' | 'TURN_CREDENTIAL_MS'>;

export function iceServersOf(config: TurnConfig, clock: Clock): IceServersOf {
  const { TURN_SECRET: secret, TURN_CREDENTIAL_MS: lifeMs } = config;
  const urls = listOf(config.TURN_URLS);
  // The settings refuse servers without a secret.
  if (urls.length === 0 || secret === undefined) return () => config.ICE_SERVERS;
  const others: unknown[] = JSON.parse(config.ICE_SERVERS);
  return (participantId) => JSON.stringify([...others, { urls, ...turnCredential(secret, clock.now() + lifeMs, participantId) }]);
}

/**
 * Draft, section 2.2: the name is the time of its end and an id, the password its HMAC-SHA1. The id
 * is the participant's, so that a quota of the TURN server counts participants; it is of this stay
 * alone, and the server's log learns no name and no account from it.
 */
export function turnCredential(secret: string, endsAt: number, id: string): TurnCredential {
  const username = `${Math.floor(endsAt / 1_000)}:${id}`;
  return { username, credential: createHmac('sha1', secret).update(username).digest('base64') };
}
