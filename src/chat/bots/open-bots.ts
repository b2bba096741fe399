/** Constructs apps, webhooks and slash commands. */
import type { EventEmitter } from 'node:events';
import { z } from 'zod';
import type { Config } from '../../config.js';
import type { Audit } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/index.js';
import type { JobKind, Jobs } from '../../platform/jobs/index.js';
import type { Log } from '../../platform/log.js';
import type { Metrics } from '../../platform/metrics.js';
import type { OutboundHttp } from '../../platform/outbound/index.js';
import type { Principal } from '../../platform/principal.js';
import type { Chat } from '../chat.js';
import type { Members } from '../members.js';
import type { Message } from '../message.js';
import type { ChatEvents, Guard } from '../ports.js';
import { AppTokens, isAppToken } from './app-tokens.js';
import { Apps } from './apps.js';
import { AuthorizationCodes } from './authorization-codes.js';
import { DeadLetters } from './dead-letters.js';
import { IncomingWebhooks } from './incoming-webhooks.js';
import { OutgoingWebhooks } from './outgoing-webhooks.js';
import { Rate } from './rate.js';
import { SlashCommands } from './slash-commands.js';
import { TokenEndpoint } from './token-endpoint.js';
import { WebhookQueue } from './webhook-queue.js';
import { WebhookWorker } from './webhook-worker.js';

export interface BotsDeps {
  readonly config: Pick<
    Config,
    | 'BOT_TOKEN_MS'
    | 'BOT_REQUESTS_PER_MINUTE'
    | 'BOT_HOOK_POSTS_PER_MINUTE'
    | 'SLASH_COMMAND_MS'
    | 'SLASH_COMMANDS_PER_MINUTE'
    | 'WEBHOOK_TRIES'
    | 'WEBHOOK_RETRY_MS'
    | 'WEBHOOK_TIMEOUT_MS'
    | 'WEBHOOK_DISABLE_MS'
  >;
  readonly database: Database;
  readonly jobs: Jobs;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly audit: Audit;
  readonly outbound: OutboundHttp;
  readonly chat: Pick<Chat, 'send'>;
  readonly members: Pick<Members, 'of'>;
  readonly guards: readonly Guard[];
  /** Wakes deliveries; what is lost here is found by looking. */
  readonly events: Pick<EventEmitter<ChatEvents>, 'on' | 'off'>;
}

export interface Bots {
  readonly apps: Apps;
  readonly codes: AuthorizationCodes;
  readonly tokenEndpoint: TokenEndpoint;
  readonly incoming: IncomingWebhooks;
  readonly outgoing: OutgoingWebhooks;
  readonly deadLetters: DeadLetters;
  readonly commands: SlashCommands;
  /** Whether it has the form of an app's token, so that `authenticate` is to be asked. */
  isAppToken(token: string): boolean;
  /** The app behind an access token. @throws AUTH_REQUIRED, AUTH_EXPIRED, AUTH_SIGNED_OUT, REQUEST_RATE */
  authenticate(accessToken: string): Promise<Principal>;
  /** Gives up what is being delivered; it is delivered again. Idempotent. */
  close(): Promise<void>;
}

/** What a node does around the request itself, milliseconds: its lease must outlive it. */
const leaseMarginMs = 5_000;

/** Every night, once over all nodes. */
const forgetOldThings: JobKind<Record<string, never>> = {
  name: 'chat.forget-old-of-apps',
  schema: z.record(z.string(), z.never()),
};

export async function openBots(deps: BotsDeps): Promise<Bots> {
  const { config, database, jobs, clock, audit, outbound, chat, events } = deps;
  const rate = new Rate(clock, config.BOT_REQUESTS_PER_MINUTE);
  const apps = new Apps({ database, clock, audit });
  const tokens = new AppTokens({ database, clock, lifeMs: config.BOT_TOKEN_MS, rate });
  const codes = new AuthorizationCodes({ database, clock, audit, apps, tokens });
  const queue = new WebhookQueue({
    database,
    audit,
    leaseMs: config.WEBHOOK_TIMEOUT_MS + leaseMarginMs,
    disableMs: config.WEBHOOK_DISABLE_MS,
  });
  const worker = new WebhookWorker({
    ...deps,
    queue,
    tries: config.WEBHOOK_TRIES,
    retryMs: config.WEBHOOK_RETRY_MS,
    timeoutMs: config.WEBHOOK_TIMEOUT_MS,
  });
  const wake = () => worker.wake();
  const happened = (message: Message) => worker.wake(message.conversationId);
  const deadLetters = new DeadLetters({ database, clock, audit, wake });
  await jobs.work(forgetOldThings, async () => {
    await tokens.forgetOld();
    await deadLetters.forgetOld();
  });
  await jobs.schedule(forgetOldThings, '37 3 * * *', {});
  events.on('posted', happened);
  events.on('changed', happened);
  worker.start();
  return {
    apps,
    codes,
    tokenEndpoint: new TokenEndpoint({ database, apps, tokens, codes, rate }),
    incoming: new IncomingWebhooks({ database, clock, audit, apps, chat, rate: new Rate(clock, config.BOT_HOOK_POSTS_PER_MINUTE) }),
    outgoing: new OutgoingWebhooks({ database, clock, audit, outbound, apps, wake }),
    deadLetters,
    commands: new SlashCommands({
      ...deps,
      apps,
      answerMs: config.SLASH_COMMAND_MS,
      rate: new Rate(clock, config.SLASH_COMMANDS_PER_MINUTE),
    }),
    isAppToken,
    authenticate: (accessToken) => tokens.authenticate(accessToken),
    close: async () => {
      events.off('posted', happened);
      events.off('changed', happened);
      await worker.close();
    },
  };
}
