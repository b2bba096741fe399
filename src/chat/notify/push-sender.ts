/**
 * Sends one push: encrypted for the device (RFC 8291), signed by us (RFC 8292), posted to its push
 * service (RFC 8030). The library makes the request; it goes out by the server's own way to the outside, which
 * keeps it from private addresses.
 */
import { createHash } from 'node:crypto';
import webPush from 'web-push';
import type { Log } from '../../platform/log.js';
import { OutboundError, type OutboundHttp } from '../../platform/outbound/index.js';
import type { PushKeys } from './push-keys.js';
import type { Subscription } from './push-subscriptions.js';

export interface PushSenderDeps {
  readonly outbound: OutboundHttp;
  readonly keys: PushKeys;
  readonly log: Log;
  /** `mailto:` or `https:`; whom a push service may ask about us. */
  readonly contact: string;
}

export interface Push {
  readonly payload: string;
  readonly urgent: boolean;
  /** Of pushes with the same name only the last waits for a device that is away. */
  readonly topic: string;
}

/** later: the push service may take it another time. refused: never. */
export type PushResult = 'sent' | 'gone' | 'later' | 'refused';

/** What a device that is off for longer has to be told, it learns by itself. */
const lifeSeconds = 86_400;
const answerMs = 10_000;

export class PushSender {
  readonly #deps: PushSenderDeps;

  constructor(deps: PushSenderDeps) {
    this.#deps = deps;
  }

  async send(to: Subscription, { payload, urgent, topic }: Push): Promise<PushResult> {
    const { outbound, keys, log, contact } = this.#deps;
    try {
      const { method, headers, body } = webPush.generateRequestDetails({ endpoint: to.endpoint, keys: to.keys }, payload, {
        vapidDetails: { subject: contact, ...(await keys.get()) },
        contentEncoding: 'aes128gcm',
        TTL: lifeSeconds,
        urgency: urgent ? 'high' : 'normal',
        topic: createHash('sha256').update(topic).digest('base64url').slice(0, 32),
      });
      const { status } = await outbound.fetch(to.endpoint, {
        method,
        headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
        body: body ?? new Uint8Array(),
        timeoutMs: answerMs,
        maxBytes: 16_384,
        tooLarge: 'cut',
      });
      if (status >= 200 && status < 300) return 'sent';
      if (status === 404 || status === 410) return 'gone';
      log.info({ host: new URL(to.endpoint).host, status }, 'push: the push service did not take it');
      return status === 429 || status >= 500 ? 'later' : 'refused';
    } catch (error) {
      // Keys that are no point of the curve are refused by the library when it encrypts.
      const later = error instanceof OutboundError && error.code !== 'BAD_URL' && error.code !== 'PRIVATE_ADDRESS';
      log.info({ err: error, host: new URL(to.endpoint).host }, 'push: the push service could not be asked');
      return later ? 'later' : 'refused';
    }
  }
}
