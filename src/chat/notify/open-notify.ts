/** Constructs notifications: who is told of what, urgent messages, messages that wait for their time. */
import type { EventEmitter } from 'node:events';
import type { causeway } from '#proto';
import type { Config } from '../../config.js';
import type { Audit } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/index.js';
import type { Jobs } from '../../platform/jobs/index.js';
import type { Log } from '../../platform/log.js';
import type { Mail } from '../../platform/mail/index.js';
import type { Metrics } from '../../platform/metrics.js';
import type { OutboundHttp } from '../../platform/outbound/index.js';
import type { Principal } from '../../platform/principal.js';
import type { Draft } from '../draft.js';
import type { ChatEvents, Guard } from '../ports.js';
import { MessageNotices } from './message-notices.js';
import { NotificationSettingsStore } from './notification-settings.js';
import { PushDelivery, type RecordingNewsOf } from './push-delivery.js';
import { PushKeys } from './push-keys.js';
import { PushSender } from './push-sender.js';
import { PushSubscriptions } from './push-subscriptions.js';
import { RecordingPushes } from './recording-pushes.js';
import { ScheduledMessages } from './scheduled.js';
import { ScheduledSender } from './scheduled-sender.js';
import { Urgent } from './urgent.js';
import { UrgentReminders } from './urgent-reminders.js';
import { UrgentWebhook } from './urgent-webhook.js';

export interface NotifyDeps {
  readonly config: Pick<
    Config,
    | 'PUBLIC_URL'
    | 'MAIL_FROM'
    | 'CHAT_BODY_CHARACTERS'
    | 'PUSH_DELAY_MS'
    | 'PUSH_EVERY_MS'
    | 'URGENT_PUSH_MS'
    | 'URGENT_MAIL_MS'
    | 'URGENT_WEBHOOK_MS'
    | 'URGENT_REPEAT_MS'
    | 'URGENT_REMINDERS'
    | 'URGENT_PER_HOUR'
    | 'URGENT_MEMBERS'
    | 'SCHEDULED_PER_PERSON'
  >;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly jobs: Jobs;
  readonly mail: Mail;
  readonly outbound: OutboundHttp;
  readonly audit: Audit;
  readonly events: EventEmitter<ChatEvents>;
  /** All that a message passes before it is kept; asked when one is scheduled, and again by `send`. */
  readonly guards: readonly Guard[];
  readonly send: (principal: Principal, draft: Draft) => Promise<unknown>;
  /** On all devices and nodes. */
  readonly tell: (personIds: readonly string[], notice: causeway.ChatNotice.$Properties) => void;
  /** Whether the person uses a device just now, on any node. */
  readonly isActive: (personId: string) => boolean | Promise<boolean>;
  readonly recordingNews: RecordingNewsOf;
}

export interface Notify {
  readonly urgent: Urgent;
  readonly recordings: RecordingPushes;
  readonly settings: NotificationSettingsStore;
  readonly subscriptions: PushSubscriptions;
  readonly keys: PushKeys;
  readonly scheduled: ScheduledMessages;
  readonly outbound: OutboundHttp;
  /** From now on jobs run: call it when messages can be sent. */
  start(): Promise<void>;
  /** Sign-ins are over: their devices hear nothing any more. */
  forgetSignIns(signInIds: readonly string[]): Promise<void>;
  /** Tells at once of what waits. Idempotent. */
  close(): Promise<void>;
}

/** Time to tell those who are to be told when the server goes down. */
const closeMs = 3_000;

export function openNotify(deps: NotifyDeps): Notify {
  const { config, database, clock, log, metrics, jobs, mail, outbound, audit, events, tell } = deps;
  const pageUrl = config.PUBLIC_URL === undefined ? null : new URL(config.PUBLIC_URL).origin;
  const keys = new PushKeys(database, clock);
  const subscriptions = new PushSubscriptions(database, clock);
  const settings = new NotificationSettingsStore({ database, outbound, audit });
  const sender = new PushSender({ outbound, keys, log, contact: contactOf(config) });
  const delivery = new PushDelivery({ database, clock, jobs, metrics, settings, subscriptions, sender, recordingNews: deps.recordingNews });
  const notices = new MessageNotices({
    database,
    clock,
    log,
    jobs,
    settings,
    delivery,
    anyDevice: (orgId) => subscriptions.any(orgId),
    isActive: deps.isActive,
    delayMs: config.PUSH_DELAY_MS,
    everyMs: config.PUSH_EVERY_MS,
  });
  const reminders = new UrgentReminders({
    database,
    clock,
    log,
    jobs,
    mail,
    webhook: new UrgentWebhook({ outbound, clock }),
    settings,
    delivery,
    tell,
    pageUrl,
    pushMs: config.URGENT_PUSH_MS,
    mailMs: config.URGENT_MAIL_MS,
    webhookMs: config.URGENT_WEBHOOK_MS,
    repeatMs: config.URGENT_REPEAT_MS,
    most: config.URGENT_REMINDERS,
  });
  const urgent = new Urgent({
    database,
    clock,
    settings,
    delivery,
    reminders,
    tell,
    perHour: config.URGENT_PER_HOUR,
    members: config.URGENT_MEMBERS,
  });
  const scheduledSender = new ScheduledSender({
    database,
    clock,
    log,
    jobs,
    send: deps.send,
    refused: ({ orgId, personId, conversationId }) => {
      tell([personId], { conversationChanged: conversationId });
      background(delivery.deliver([{ orgId, personId, conversationId, number: 0, kind: 'scheduled-refused' }]));
    },
  });
  const scheduled = new ScheduledMessages({
    database,
    clock,
    guards: deps.guards,
    bodyCharacters: config.CHAT_BODY_CHARACTERS,
    perPerson: config.SCHEDULED_PER_PERSON,
    plan: scheduledSender.plan,
  });

  const running = new Set<Promise<void>>();
  const background = (work: Promise<void>): void => {
    const done = work
      .catch((error: unknown) => log.warn({ err: error }, 'notify: somebody was not told'))
      .finally(() => running.delete(done));
    running.add(done);
  };
  const onPosted = (...[message]: ChatEvents['posted']): void => {
    notices.posted(message);
    if (message.urgent) background(urgent.posted(message));
  };
  const onChanged = (...[message, change]: ChatEvents['changed']): void => {
    if (message.urgent) background(urgent.changed(message, change));
  };
  events.on('posted', onPosted);
  events.on('changed', onChanged);

  return {
    urgent,
    recordings: new RecordingPushes({ clock, settings, delivery, isActive: deps.isActive }),
    settings,
    subscriptions,
    keys,
    scheduled,
    outbound,
    start: async () => {
      await delivery.start();
      await notices.start();
      await reminders.start();
      await scheduledSender.start();
    },
    forgetSignIns: (signInIds) => subscriptions.forget(signInIds),
    close: async () => {
      events.off('posted', onPosted);
      events.off('changed', onChanged);
      const timer = setTimeout(() => delivery.stop(), closeMs);
      await notices.close();
      while (running.size > 0) await Promise.all(running);
      clearTimeout(timer);
    },
  };
}

/** RFC 8292 section 2.1: whom the operator of a push service may write to. */
function contactOf({ MAIL_FROM: address, PUBLIC_URL: url }: NotifyDeps['config']): string {
  if (address !== undefined) return `mailto:${address}`;
  return url?.startsWith('https:') ? new URL(url).origin : 'mailto:nobody@causeway.invalid';
}
