/** How people are told of recordings, for the part that knows what there is to tell: how they want it, and by push. */
import type { Clock } from '../../platform/clock.js';
import type { Language } from '../../platform/errors.js';
import { type NotificationSettingsStore, privacyFor, silentUntil } from './notification-settings.js';
import type { PushDelivery, RecordingPush } from './push-delivery.js';

export interface RecordingPushesDeps {
  readonly clock: Clock;
  readonly settings: NotificationSettingsStore;
  readonly delivery: PushDelivery;
  /** He uses a device just now, and sees for himself. */
  readonly isActive: (personId: string) => boolean | Promise<boolean>;
}

export interface Wishes {
  readonly email: boolean;
  /** Of e-mails; null: not known. */
  readonly language: Language | null;
  /** Names and titles may leave the server. */
  readonly named: boolean;
  /** Until when no push may come, milliseconds since 1970; null: one may come now. */
  readonly silentUntil: number | null;
}

export class RecordingPushes {
  readonly #deps: RecordingPushesDeps;

  constructor(deps: RecordingPushesDeps) {
    this.#deps = deps;
  }

  async wishes(orgId: string, personId: string): Promise<Wishes> {
    const { clock, settings } = this.#deps;
    const [policy, own] = await Promise.all([settings.policy(orgId), settings.of({ orgId, personId })]);
    return {
      email: own.email,
      language: own.language,
      named: privacyFor(policy, own) !== 'ids',
      silentUntil: silentUntil(policy, own, false, clock.now()),
    };
  }

  /** Resolves when each push service was asked. */
  async push(push: RecordingPush): Promise<void> {
    if (!(await this.#deps.isActive(push.personId))) await this.#deps.delivery.deliver([push]);
  }
}
