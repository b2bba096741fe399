/** Notifications on a real log, with real jobs, devices behind a push service, and a mail server. */
import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { causeway } from '#proto';
import type { Draft } from '../../../../src/chat/draft.js';
import type { Message, NewMessage } from '../../../../src/chat/message.js';
import { MessageLog } from '../../../../src/chat/message-log.js';
import { type Notify, openNotify } from '../../../../src/chat/notify/index.js';
import type { ChatEvents, ConversationFace, Guard } from '../../../../src/chat/ports.js';
import type { Config } from '../../../../src/config.js';
import { type Jobs, openJobs } from '../../../../src/platform/jobs/index.js';
import { type Mail, openMail } from '../../../../src/platform/mail/index.js';
import { createMetrics } from '../../../../src/platform/metrics.js';
import { createOutbound } from '../../../../src/platform/outbound/index.js';
import type { Principal } from '../../../../src/platform/principal.js';
import { testConfig, testLog } from '../../../support/index.js';
import { type MailServer, startMailServer } from '../../../support/mail-server.js';
import { type Device, type PushService, startPushService } from '../../../support/push-service.js';
import { Office } from '../office.js';

export interface Told {
  readonly people: readonly string[];
  readonly notice: causeway.ChatNotice.$Properties;
}

/** Short times: what is looked at is what comes after what, never how long it took. */
const soon = {
  PUSH_DELAY_MS: 20,
  PUSH_EVERY_MS: 600_000,
  URGENT_PUSH_MS: 1_000,
  URGENT_MAIL_MS: 2_000,
  URGENT_WEBHOOK_MS: 3_000,
  URGENT_REPEAT_MS: 1_000,
  URGENT_REMINDERS: 3,
} satisfies Partial<Config>;

export class NotifyWorld {
  readonly office: Office;
  readonly push: PushService;
  readonly mailServer: MailServer;
  readonly told: Told[] = [];
  readonly active = new Set<string>();
  /** What there is to be told of recordings. */
  readonly recordingNews = new Map<string, { recording: { id: string; title: string } | null; by: { name: string } }>();
  readonly guards: Guard[] = [];
  /** Where the sending of scheduled messages goes; by default into the log. */
  send: (principal: Principal, draft: Draft) => Promise<unknown> = (principal, draft) => this.log.append(messageOf(principal, draft));
  readonly config: Config;
  readonly mail: Mail;
  notify: Notify;
  log: MessageLog;
  jobs: Jobs;
  /** Added to the real time. */
  later = 0;
  #stopped: number | null = null;
  readonly clock = { now: () => this.#stopped ?? Date.now() + this.later };

  private constructor(office: Office, push: PushService, mailServer: MailServer, jobs: Jobs, over: Partial<Config>) {
    this.office = office;
    this.push = push;
    this.mailServer = mailServer;
    this.jobs = jobs;
    const outboundAllow = [push.place, over.OUTBOUND_ALLOW ?? ''].filter((item) => item !== '').join(',');
    this.config = testConfig({
      ...soon,
      SMTP_URL: mailServer.url,
      MAIL_FROM: 'causeway@harbour.example',
      ...over,
      OUTBOUND_ALLOW: outboundAllow,
    });
    this.mail = openMail(this.config, testLog());
    ({ notify: this.notify, log: this.log } = this.#open());
  }

  static async open(over: Partial<Config> = {}): Promise<NotifyWorld> {
    const office = await Office.open();
    const world = new NotifyWorld(office, await startPushService(), await startMailServer(), await jobsOf(office), over);
    await world.notify.start();
    return world;
  }

  /** Ends this part in good order; it begins anew on the same database. */
  async restart(): Promise<void> {
    await this.notify.close();
    await this.jobs.close();
    this.jobs = await jobsOf(this.office);
    ({ notify: this.notify, log: this.log } = this.#open());
    await this.notify.start();
  }

  /** This part is gone from one moment to the next; it begins anew on the same database. */
  async kill(): Promise<void> {
    await this.jobs.close();
    this.jobs = await jobsOf(this.office);
    ({ notify: this.notify, log: this.log } = this.#open());
    await this.notify.start();
  }

  /** Nothing that waits for its time is told before `settle`, however long writing takes here. */
  stopClock(): void {
    this.#stopped = this.clock.now();
  }

  /** Everybody is told who will be. */
  async settle(): Promise<void> {
    await this.notify.close();
  }

  async close(): Promise<void> {
    await this.notify.close();
    await this.log.close();
    await this.jobs.close();
    await this.mail.close();
    await this.push.close();
    await this.mailServer.close();
    await this.office.database.close();
  }

  /** Signs a person in on a device that takes pushes. */
  async device(person: Principal, language: 'en' | 'zh-Hant' | 'zh-Hans' = 'en'): Promise<Device> {
    const device = this.push.device();
    await this.signIn(person);
    await this.notify.subscriptions.set(person, { ...device.subscription, language });
    return device;
  }

  async signIn({ orgId, personId, signInId }: Principal): Promise<void> {
    await this.office.database.query(
      `insert into sign_ins (org_id, id, person_id, client, token_hash, chain_key, rotated_at, created_at, last_used_at, expires_at)
       values ($1, $2, $3, 'test', $4, '', now(), now(), now(), now() + interval '1 day') on conflict do nothing`,
      [orgId, signInId, personId, Buffer.from(signInId)],
    );
  }

  write(by: Principal, conversation: ConversationFace, body: string, more: Partial<NewMessage> = {}): Promise<Message> {
    const message = messageOf(by, { conversationId: conversation.id, clientId: randomUUID(), body });
    return this.log.append({ ...message, ...more }, more.urgent ? this.notify.urgent.inTransaction : undefined);
  }

  /** Another one on the same database, whose jobs this one runs. */
  node(): { notify: Notify; log: MessageLog } {
    return this.#open();
  }

  #open(): { notify: Notify; log: MessageLog } {
    const { office, config, clock, jobs, mail, guards } = this;
    const { database, audit } = office;
    const events = new EventEmitter<ChatEvents>();
    const log = testLog();
    const messages = new MessageLog({
      database,
      clock,
      log,
      groupCommitMs: 0,
      committed: (message) => events.emit('posted', message),
      changed: (message, change) => events.emit('changed', message, change),
    });
    const notify = openNotify({
      config,
      database,
      clock,
      log,
      metrics: createMetrics(),
      jobs,
      mail,
      outbound: createOutbound({ config, log }),
      audit,
      events,
      guards,
      send: (principal, draft) => this.send(principal, draft),
      tell: (people, notice) => this.told.push({ people, notice }),
      isActive: (personId) => this.active.has(personId),
      recordingNews: async (_whose, id) => this.recordingNews.get(id) ?? null,
    });
    return { notify, log: messages };
  }
}

function jobsOf({ database }: Office): Promise<Jobs> {
  return openJobs({ database, log: testLog(), pollMs: 50, supervisionSeconds: 1, retryDelaySeconds: 1 });
}

export function messageOf({ orgId, personId: senderId, name: senderName }: Principal, draft: Draft): NewMessage {
  const { conversationId, clientId, body, thread, mentions, mentionsAll } = draft;
  return {
    orgId,
    conversationId,
    senderId,
    senderName,
    clientId,
    body,
    thread: thread ?? null,
    mentions: mentions ?? [],
    mentionsAll: mentionsAll ?? false,
  };
}
