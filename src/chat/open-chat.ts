/** Constructs chat: the core, then the parts around it. What one part needs of another is handed over here. */
import { EventEmitter } from 'node:events';
import type { Config } from '../config.js';
import type { Audit } from '../platform/audit.js';
import type { BlobStore } from '../platform/blobs/index.js';
import type { Bus } from '../platform/bus/index.js';
import type { Clock } from '../platform/clock.js';
import type { Database } from '../platform/database/index.js';
import type { Handlers, Topics } from '../platform/gateway/index.js';
import type { HttpApp } from '../platform/http/index.js';
import type { Jobs } from '../platform/jobs/index.js';
import type { Log } from '../platform/log.js';
import type { Mail } from '../platform/mail/index.js';
import type { Metrics } from '../platform/metrics.js';
import type { OutboundHttp } from '../platform/outbound/index.js';
import type { Principal } from '../platform/principal.js';
import { openAttachments } from './attachments/index.js';
import { openBots } from './bots/open-bots.js';
import { type BotRoutesOptions, botRoutes } from './bots/routes.js';
import { Chat } from './chat.js';
import { chatService } from './chat-service.js';
import { ChatSessions } from './chat-sessions.js';
import { conversationTopic } from './conversation-news.js';
import { Conversations } from './conversations.js';
import { type Dlp, dlpRoutes, openDlp } from './dlp/index.js';
import type { Domains } from './domains/domains.js';
import { GuestMail } from './domains/guest-mail.js';
import { openDomains } from './domains/open-domains.js';
import { type DomainRoutesOptions, domainRoutes } from './domains/routes.js';
import { Heads } from './heads.js';
import { LinkCards } from './link-cards/index.js';
import { LogWatch } from './log-watch.js';
import { Members } from './members.js';
import { MessageActs } from './message-acts.js';
import { MessageLog } from './message-log.js';
import { MessageReader } from './message-reader.js';
import { Minutes } from './minutes.js';
import { type Notify, notifyRoutes, openNotify, type RecordingNewsOf } from './notify/index.js';
import type { ChatEvents, Guard, MemberGuard, UrgentDesk } from './ports.js';
import { Presence } from './presence.js';
import { Presenter } from './presenter.js';
import { Reads } from './reads.js';
import { openRetention, type Retention } from './retention/open-retention.js';
import { retentionRoutes } from './retention/routes.js';
import { chatRoutes } from './routes.js';
import { openSearch, searchRoutes } from './search/index.js';
import { Sync } from './sync.js';
import { changeOnWire, messageOnWire } from './wire.js';

export interface ChatPartDeps {
  readonly config: Config;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly bus: Bus;
  readonly blobs: BlobStore;
  readonly jobs: Jobs;
  /** Of this process. */
  readonly nodeId: string;
  readonly topics: Topics;
  readonly audit: Audit;
  readonly metrics: Metrics;
  readonly outbound: OutboundHttp;
  readonly mail: Mail;
  /** What somebody is told of a recording. */
  readonly recordingNews: RecordingNewsOf;
}

/** What the routes need of parts that chat doesn't know. */
export type ChatRoutesOptions = DomainRoutesOptions & BotRoutesOptions;

export interface ChatPart {
  readonly chat: Chat;
  readonly conversations: Conversations;
  readonly domains: Domains;
  readonly holds: Retention['holds'];
  readonly notify: Pick<Notify, 'forgetSignIns' | 'recordings'>;
  /** What is told of recordings has changed: pages of these people look again. */
  recordingNewsChanged(personIds: readonly string[]): void;
  readonly minutes: Minutes;
  readonly handlers: Handlers<'ChatService'>;
  /** The app behind a token, where it has the form of an app's; null: it has not. @throws AUTH_REQUIRED, AUTH_EXPIRED, AUTH_SIGNED_OUT, REQUEST_RATE */
  authenticateApp(accessToken: string): Promise<Principal> | null;
  /** Adds the HTTP API of chat and its parts. */
  routes(app: HttpApp, options: ChatRoutesOptions): void;
  /** Writes what waits. Idempotent. */
  close(): Promise<void>;
}

export async function openChat(deps: ChatPartDeps): Promise<ChatPart> {
  const { config, database, clock, log, bus, topics } = deps;
  const events = new EventEmitter<ChatEvents>();
  const emit = <Name extends keyof ChatEvents>(name: Name, ...values: ChatEvents[Name]): void => {
    // A part that fails must not keep the others from hearing.
    for (const listener of events.rawListeners(name)) {
      try {
        Reflect.apply(listener, events, values);
      } catch (error) {
        log.error({ err: error, event: name }, 'chat | a listener threw');
      }
    }
  };

  // Who is here, and where
  const members: Members = new Members({
    database,
    clock,
    shared: bus.shared,
    tellOthers: (conversationId) => sessions.tellMembersChanged(conversationId),
  });
  const sessions: ChatSessions = new ChatSessions({
    bus,
    log,
    nodeId: deps.nodeId,
    presenceChanged: (personId) => presence.changed(personId),
    membersChanged: (conversationId) => members.forget(conversationId),
  });
  const presence: Presence = new Presence({
    bus,
    clock,
    log,
    nodeId: deps.nodeId,
    sessionsOf: (personId) => sessions.of(personId),
    knownTo: (principal, personIds) => members.knownTo(principal, personIds),
  });

  // The log, and what is read of it
  const messages = new MessageLog({
    database,
    clock,
    log,
    groupCommitMs: config.CHAT_GROUP_COMMIT_MS,
    committed: (message) => {
      topics.publish(conversationTopic(message.conversationId), message.number, { chat: { message: messageOnWire(message) } });
      emit('posted', message);
    },
    changed: (message, change, hidden) => {
      topics.publish(conversationTopic(message.conversationId), change.number, { chat: changeOnWire(message, change, hidden) });
      emit('changed', message, change);
    },
  });
  const reader = new MessageReader(database);
  const heads = new Heads(database);
  const presenter = new Presenter(reader);
  const reads = new Reads({ database, clock, log, topics, heads, members, sessions });
  const sync = new Sync({ database, heads, reader, sessions });

  // What guards it
  const guestMail = new GuestMail({
    database,
    log,
    mail: deps.mail,
    pageUrl: config.PUBLIC_URL === undefined ? null : new URL(config.PUBLIC_URL).origin,
  });
  const domains: Domains = openDomains({
    database,
    clock,
    audit: deps.audit,
    guestJoined: ({ orgId, conversationId, personId, name }) =>
      conversations.announce(
        { personId, name },
        { orgId, id: conversationId },
        { what: 'members-added', people: [{ id: personId, name, external: true }], text: '' },
        { added: [personId] },
      ),
    guestRemoved: (by, { orgId, conversationId, personId, name }) =>
      conversations.announce(
        by,
        { orgId, id: conversationId },
        { what: 'member-removed', people: [{ id: personId, name, external: true }], text: '' },
        { removed: [personId] },
      ),
    moved: (by, { orgId, conversationId }, text) =>
      conversations.announce(by, { orgId, id: conversationId }, { what: 'domain-changed', people: [], text }),
  });
  const dlp: Dlp = await openDlp({ database, clock, log, bus, audit: deps.audit, mail: deps.mail });
  const guards: Guard[] = [domains.guard, dlp.guard];
  const memberGuards: MemberGuard[] = [domains.guard];
  const { blobs, jobs } = deps;
  const retention = await openRetention({
    database,
    blobs,
    jobs,
    clock,
    log,
    audit: deps.audit,
    guard: domains.guard,
    hidden: async (orgId, ids) => {
      for (const id of ids) await conversations.refresh({ orgId, id });
    },
  });
  const files = await openAttachments({
    config,
    database,
    blobs,
    jobs,
    clock,
    log,
    members,
    guards,
    held: (tx, conversation) => retention.holds.covers(tx, conversation),
  });
  const attachments = files.desk;
  const notify = openNotify({
    config,
    database,
    clock,
    log,
    metrics: deps.metrics,
    jobs: deps.jobs,
    mail: deps.mail,
    outbound: deps.outbound,
    audit: deps.audit,
    events,
    guards,
    send: (principal, draft) => chat.send(principal, draft),
    tell: (personIds, notice) => sessions.tell(personIds, notice),
    isActive: (personId) => presence.isActive(personId),
    recordingNews: deps.recordingNews,
  });
  const urgent: UrgentDesk = notify.urgent;

  const conversations: Conversations = new Conversations({
    database,
    clock,
    log: messages,
    members,
    sessions,
    guards: memberGuards,
    checkTitle: (principal, conversation, text) =>
      dlp.guard.check({
        purpose: 'title',
        principal,
        conversation,
        text,
        attachments: [],
        forwardedFrom: null,
        acknowledged: false,
        reason: '',
      }),
    refusalOfDraft: (conversation, text) => dlp.guard.refusal(conversation, text),
    domainOf: (orgId, personIds) => domains.shared(orgId, personIds),
    emit: (_name, ...values) => emit('members', ...values),
    maxMembers: config.CHAT_MEMBERS,
    perHour: config.CHAT_CONVERSATIONS_PER_HOUR,
    perDay: config.CHAT_CONVERSATIONS_PER_DAY,
  });
  const bodyCharacters = config.CHAT_BODY_CHARACTERS;
  const chat: Chat = new Chat({ database, clock, log: messages, members, reader, guards, attachments, urgent, bodyCharacters });
  const acts = new MessageActs({
    clock,
    log: messages,
    members,
    guards,
    attachments,
    held: (tx, conversation) => retention.holds.covers(tx, conversation),
    bodyCharacters,
    recallMs: config.CHAT_RECALL_MS,
  });

  const bots = await openBots({
    config,
    database,
    jobs: deps.jobs,
    clock,
    log,
    metrics: deps.metrics,
    audit: deps.audit,
    outbound: deps.outbound,
    chat,
    members,
    guards,
    events,
  });

  const cards = new LinkCards({
    outbound: deps.outbound,
    clock,
    log,
    ownHost: config.PUBLIC_URL === undefined ? null : new URL(config.PUBLIC_URL).host,
    setCards: (orgId, conversationId, number, made) => acts.setCards(orgId, conversationId, number, made),
  });
  if (config.LINK_CARDS) {
    events.on('posted', (message) => cards.posted(message));
    events.on('changed', (message, change) => cards.changed(message, change));
  }

  const search = openSearch({ database, log, metrics: deps.metrics, events });

  await sessions.listen();
  await presence.listen();
  const watch = new LogWatch({ database, bus, topics, sessions, log });
  watch.open();
  await notify.start();
  return {
    chat,
    conversations,
    domains,
    holds: retention.holds,
    notify,
    recordingNewsChanged: (personIds) => sessions.tell(personIds, { recordingNews: true }),
    minutes: new Minutes({ database, clock, chat, acts, makeConversation: (principal, wish) => conversations.make(principal, wish) }),
    handlers: chatService({
      chat,
      acts,
      conversations,
      members,
      presenter,
      presence,
      reads,
      sessions,
      sync,
      topics,
      urgent,
      bodyCharacters,
    }),
    authenticateApp: (accessToken) => (bots.isAppToken(accessToken) ? bots.authenticate(accessToken) : null),
    routes: (app, options) => {
      files.routes(app);
      chatRoutes(app, { chat, conversations, heads, members, reader });
      domainRoutes(app, domains, guestMail, options);
      dlpRoutes(app, dlp);
      botRoutes(app, bots, options);
      notifyRoutes(app, notify);
      searchRoutes(app, search);
      retentionRoutes(app, retention);
    },
    close: async () => {
      await search.close();
      await cards.close();
      await bots.close();
      await notify.close();
      await files.close();
      await retention.close();
      await watch.close();
      await presence.close();
      await sessions.close();
      await reads.close();
      await messages.close();
      await dlp.close();
    },
  };
}
