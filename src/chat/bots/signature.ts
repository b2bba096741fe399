/**
 * What proves to a receiver that a request is ours, unchanged and fresh: HMAC-SHA-256 over the time
 * and the body. Receivers compute the same and refuse what is older than five minutes
 * (docs/chat/bots.md).
 */
import { createHmac } from 'node:crypto';
import { newSecret } from '../../platform/ids.js';

export interface SignedRequest {
  readonly secret: string;
  readonly body: string;
  readonly delivery: string;
  readonly event: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export function newSigningSecret(): string {
  return `whsec_${newSecret()}`;
}

export function signedHeaders({ secret, body, delivery, event, now }: SignedRequest): Record<string, string> {
  const time = Math.floor(now / 1000);
  const mac = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
  return {
    'content-type': 'application/json; charset=utf-8',
    'causeway-event': event,
    'causeway-delivery': delivery,
    'causeway-signature': `t=${time},v1=${mac}`,
  };
}
