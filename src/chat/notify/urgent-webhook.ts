/** Calls the organisation's own address about urgent messages that nobody confirms: a pager, a telephone service. Ids alone. */
import { createHmac } from 'node:crypto';
import type { Clock } from '../../platform/clock.js';
import type { OutboundHttp } from '../../platform/outbound/index.js';
import type { Policy } from './notification-settings.js';

export interface UnconfirmedPlace {
  readonly conversationId: string;
  readonly number: number;
}

export class UrgentWebhook {
  readonly #deps: { outbound: OutboundHttp; clock: Clock };

  constructor(deps: { outbound: OutboundHttp; clock: Clock }) {
    this.#deps = deps;
  }

  /** @throws when it is not called with success */
  async call(
    { webhookUrl, webhookSecret }: Policy,
    place: UnconfirmedPlace,
    personIds: readonly string[],
    reminder: number,
  ): Promise<void> {
    if (webhookUrl === null || webhookSecret === null) return;
    const body = JSON.stringify({
      type: 'urgent.unconfirmed',
      conversationId: place.conversationId,
      number: place.number,
      personIds,
      reminder,
    });
    const time = Math.floor(this.#deps.clock.now() / 1_000);
    const mac = createHmac('sha256', webhookSecret).update(`${time}.${body}`).digest('hex');
    const { status } = await this.#deps.outbound.fetch(webhookUrl, {
      method: 'POST',
      // As all webhooks of Causeway (docs/chat/bots.md).
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'causeway-event': 'urgent.unconfirmed',
        'causeway-delivery': `${place.conversationId}/${place.number}/${reminder}`,
        'causeway-signature': `t=${time},v1=${mac}`,
      },
      body,
      maxBytes: 16_384,
      tooLarge: 'cut',
    });
    if (status < 200 || status >= 300) throw new Error(`The webhook answered ${status}.`);
  }
}
