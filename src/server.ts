/**
 * The composition root: constructs every part, connects them, and takes them down in reverse. No
 * part knows another's insides; what one needs of another is handed over here.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type ChatPartDeps, openChat } from './chat/index.js';
import type { Config } from './config.js';
import { openDoctorSocket } from './doctor/index.js';
import { createMedia } from './media/index.js';
import { openBlobs } from './platform/blobs/index.js';
import { openBus } from './platform/bus/index.js';
import { systemClock } from './platform/clock.js';
import { openCluster } from './platform/cluster/index.js';
import { openDatabase } from './platform/database/index.js';
import { createGateway } from './platform/gateway/index.js';
import { createHttp, type RouteFace } from './platform/http/index.js';
import { openJobs } from './platform/jobs/index.js';
import type { Log } from './platform/log.js';
import { openMail } from './platform/mail/index.js';
import { createMetrics } from './platform/metrics.js';
import { createOutbound } from './platform/outbound/index.js';
import { packageRoot } from './platform/package-root.js';
import { openRecording, Recorder } from './recording/index.js';
import { Accounts, accountRoutes, checkPassword, forgetOldSignIns, GuestAccounts, hashPassword } from './services/accounts/index.js';
import { AuditLog, auditRoutes } from './services/audit/index.js';
import {
  Agendas,
  CallQuality,
  createMeetings,
  createQualityMetrics,
  iceServersOf,
  MeetingRecords,
  meetingRoutes,
  QualityRecords,
  qualityRoutes,
  type ServerFace,
} from './signaling/index.js';

export interface Server {
  readonly httpPort: number;
  readonly gatewayPort: number;
  readonly socketLibrary: string;
  /** Process ids of the media workers. */
  readonly mediaWorkers: () => readonly number[];
  /** Path of the owner link; null when the server is set up. */
  readonly setupPath: string | null;
  /** Every HTTP route under /api, and every "Service.Method" of the socket. */
  readonly routes: () => readonly RouteFace[];
  readonly methods: () => readonly string[];
  /** Drains: says goodbye to sockets, lets running requests end, writes what waits. Idempotent. */
  close(): Promise<void>;
}

const revokedChannel = 'sign-ins.revoked';
const revokedSchema = z.array(z.uuid());
const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(path.join(packageRoot, 'package.json'), 'utf8')));

export async function startServer(config: Config, log: Log): Promise<Server> {
  const closers: (() => Promise<void>)[] = [];
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= closeAll(closers, log));
  try {
    return await construct(config, log, { close, isClosing: () => closing !== undefined, onClose: (closer) => closers.push(closer) });
  } catch (error) {
    await close();
    throw error;
  }
}

interface Life {
  readonly close: () => Promise<void>;
  readonly isClosing: () => boolean;
  readonly onClose: (closer: () => Promise<void>) => void;
}

async function construct(config: Config, log: Log, { close, isClosing, onClose }: Life): Promise<Server> {
  const clock = systemClock;
  const metrics = createMetrics();

  // Ground floor
  const database = await openDatabase({ config, log, metrics });
  onClose(() => database.close());
  const bus = await openBus(config, log);
  onClose(() => bus.close());
  const blobs = await openBlobs(config, log);
  onClose(() => blobs.close());
  const jobs = await openJobs({ database, log });
  onClose(() => jobs.close());

  // What other nodes know of this one; its socket has an address once it listens.
  let gatewayUrl = '';
  let mediaLoad = () => 0;
  const cluster = await openCluster({ bus, config, log, face: () => ({ mediaLoad: mediaLoad(), gatewayUrl, draining: isClosing() }) });
  onClose(() => cluster.close());
  metrics.gauge({ name: 'causeway_nodes', help: 'Nodes of the installation that live, this one included.' }, (gauge) =>
    gauge.set(cluster.nodes.length),
  );

  // Accounts
  const accounts = new Accounts({
    database,
    clock,
    accessTokenMs: config.ACCESS_TOKEN_MS,
    refreshTokenMs: config.REFRESH_TOKEN_MS,
    signingKeyMs: config.SIGNING_KEY_MS,
    invitationMs: config.INVITATION_MS,
    revoked: async (signInIds) => {
      await bus.publish(revokedChannel, Buffer.from(JSON.stringify(signInIds)));
    },
  });
  const authenticate = (accessToken: string) => accounts.signIns.authenticate(accessToken);
  await jobs.work(forgetOldSignIns, () => accounts.signIns.forgetOld());
  await jobs.schedule(forgetOldSignIns, '17 3 * * *', {});
  const audit = new AuditLog({ database, clock });
  const outbound = createOutbound({ config, log });
  const mail = openMail(config, log);
  onClose(() => mail.close());

  // The socket and what is live on it
  const gateway = await createGateway({ config, log, metrics, bus, clock, authenticate });
  let recordingNews: ChatPartDeps['recordingNews'] = async () => null;
  const chat = await openChat({
    config,
    database,
    clock,
    log,
    bus,
    blobs,
    jobs,
    nodeId: cluster.nodeId,
    topics: gateway.topics,
    audit,
    outbound,
    mail,
    metrics,
    recordingNews: (whose, id) => recordingNews(whose, id),
  });
  onClose(() => chat.close());
  await bus.subscribe(revokedChannel, (payload) => {
    const revoked = new Set(revokedSchema.parse(JSON.parse(Buffer.from(payload).toString())));
    gateway.endSessions((principal) => revoked.has(principal.signInId), 'AUTH_SIGNED_OUT');
    chat.notify.forgetSignIns([...revoked]).catch((error: unknown) => log.warn({ err: error }, 'server: pushes of old sign-ins stay'));
  });
  const { guests: guestsInChat } = chat.domains;
  const guests = new GuestAccounts({
    database,
    clock,
    audit,
    signIns: accounts.signIns,
    invitations: accounts.invitations,
    lifeMs: config.INVITATION_MS,
    door: {
      title: (orgId, conversationId) => guestsInChat.title(orgId, conversationId),
      admit: (tx, guest) => guestsInChat.admit(tx, guest),
      admitted: (guest) => guestsInChat.admitted(guest),
      conversationsOf: (orgId, personIds) => guestsInChat.conversationsOf(orgId, personIds),
      assertMayRemove: (orgId, personId) => chat.holds.assertMayRemovePerson(orgId, personId),
      leaveAll: (by, guest) => guestsInChat.leaveAll(by, guest),
    },
  });
  const agendas = new Agendas({ database, clock });
  const records = new MeetingRecords({
    database,
    clock,
    agendas,
    createConversation: (tx, orgId, title) => chat.conversations.create(tx, orgId, 'meeting', title),
    renameConversation: (tx, orgId, id, title) => chat.conversations.rename(tx, orgId, id, title),
    closeConversation: (tx, orgId, id) => chat.conversations.removeGuests(tx, orgId, id),
  });
  // What is recorded and captioned goes to processes of their own.
  const recorder = new Recorder({ config, database, blobs, cluster, clock, log, metrics });
  onClose(() => recorder.close());
  await recorder.recover();
  let cut = async (_meetingId: string, _personId: string): Promise<void> => undefined;
  const recording = await openRecording({
    config,
    database,
    blobs,
    jobs,
    clock,
    log,
    audit,
    cluster,
    recorder,
    software: version,
    standing: (orgId, meetingId, personId) => records.part(orgId, meetingId, personId),
    holds: { holdOf: (tx, place) => chat.holds.holdOf(tx, place) },
    clientOf: ({ orgId, signInId }) => accounts.signIns.clientOf(orgId, signInId),
    stillIn: (claims) => accounts.signIns.stillIn(claims),
    announce: ({ orgId, id, conversationId, kind }, by, what) =>
      chat.conversations.announce(
        by,
        { orgId, id: conversationId },
        { what, people: [], text: kind, ...(what === 'recording-ready' && { recordingId: id }) },
      ),
    cut: (of, personId) => cut(of.meetingId, personId),
    meetingOf: async ({ orgId, meetingId }) => {
      const meeting = await records.get(orgId, meetingId);
      return { ...meeting, stays: await records.attendance(meeting) };
    },
    minutes: chat.minutes,
    passwords: { hash: hashPassword, check: checkPassword },
    conversationsOf: (person) => chat.conversations.of(person),
    mail,
    outside: {
      wishes: (orgId, personId) => chat.notify.recordings.wishes(orgId, personId),
      push: (push) => chat.notify.recordings.push(push),
      changed: (personIds) => chat.recordingNewsChanged(personIds),
      line: ({ orgId, conversationId, by, recordingId, kind, clientId }) =>
        chat.conversations.report(
          by,
          { orgId, id: conversationId },
          { what: 'recording-shared', people: [], text: kind, recordingId },
          clientId,
        ),
      membersOf: (orgId, conversationId) => chat.conversations.membersOf(orgId, conversationId),
    },
    metrics,
  });
  onClose(() => recording.close());
  recordingNews = (whose, id) => recording.news(whose, id);

  // Media: a server without a worker should not answer.
  const media = await createMedia({ config, log, metrics, cluster, taps: { capture: recorder, captions: recording.captions.sink } });
  mediaLoad = () => media.describe().load;
  onClose(() => media.close());

  const quality = new CallQuality({ clock, log, records: new QualityRecords(database), count: createQualityMetrics(metrics) });
  onClose(() => quality.close());
  const meetings = createMeetings({
    bus,
    cluster,
    leaseMs: config.CLUSTER_LEASE_MS,
    clock,
    log,
    media,
    conversations: chat.conversations,
    records,
    agendas,
    topics: gateway.topics,
    maxParticipants: config.MEETING_PARTICIPANTS,
    maxViewers: config.MEETING_VIEWERS,
    maxWaiting: config.MEETING_LOBBY,
    iceServers: iceServersOf(config, clock),
    emptyMs: config.MEETING_EMPTY_MS,
    recordingDesk: recording.desk,
    recordedCameras: config.RECORDING_CAMERAS,
    ended: (meetingId) => void quality.flush(meetingId),
    quality,
  });
  onClose(() => meetings.close());
  cut = (meetingId, personId) => meetings.live.cut(meetingId, personId);
  recorder.onWarning(({ state, meetings: affected }) => {
    for (const { meetingId, recordingId } of affected) meetings.live.recordingTroubled(meetingId, recordingId, state !== 'well');
  });
  recording.captions.events.on('line', (line) =>
    gateway.topics.publishVolatile(`meeting/${line.meetingId}`, { meeting: { caption: line } }),
  );
  recording.captions.events.on('behind', ({ meetingId, behind }) => meetings.live.captionsBehind(meetingId, behind));
  onClose(() => gateway.close());
  metrics.gauge({ name: 'causeway_meetings', help: 'Meetings that are on.' }, (gauge) => gauge.set(meetings.live.count));
  metrics.gauge({ name: 'causeway_participants', help: 'Participants in meetings.' }, (gauge) => gauge.set(meetings.live.participants));
  metrics.gauge({ name: 'causeway_viewers', help: 'Viewers of webinars.' }, (gauge) => gauge.set(meetings.live.viewers));
  await meetings.live.recover();
  gateway.register('MeetingService', meetings.handlers.meeting, meetings.route);
  gateway.register('MediaService', meetings.handlers.media, meetings.route);
  gateway.register('RecordingService', meetings.handlers.recording, meetings.route);
  gateway.register('ChatService', chat.handlers);
  gateway.assertComplete();
  const { port: gatewayPort } = await gateway.listen();

  // HTTP last: /health answers once everything serves.
  const addresses = pageAddresses(config, gatewayPort);
  gatewayUrl = addresses.gatewayUrl;
  const http = await createHttp({
    config,
    log,
    metrics,
    version,
    // Apps call over HTTP alone, where each route says which scope it wants.
    authenticate: (accessToken) => chat.authenticateApp(accessToken) ?? authenticate(accessToken),
    socketOrigins: () => [...new Set(gatewayUrls().map(socketOrigin))],
    health: async () => ({
      serving: !isClosing(),
      database: await database.query('select 1').then(
        () => true,
        () => false,
      ),
      bus: await bus.healthy(),
      blobs: await blobs.healthy(),
      media: media.describe().workers.length > 0,
    }),
  });
  onClose(() => http.close());
  /** Of all nodes, this one first. One that is going down takes nobody in. */
  const gatewayUrls = () => [
    ...new Set([addresses.gatewayUrl, ...cluster.nodes.flatMap((node) => (node.draining || !node.gatewayUrl ? [] : [node.gatewayUrl]))]),
  ];
  const serverFace = async (): Promise<ServerFace> => ({
    version,
    setUp: await accounts.people.isSetUp(),
    gatewayUrl: addresses.gatewayUrl,
    gatewayUrls: gatewayUrls(),
    rtpCapabilities: { ...media.rtpCapabilities },
    passwordMin: config.PASSWORD_MIN,
    chatBodyCharacters: config.CHAT_BODY_CHARACTERS,
    chatRecallMs: config.CHAT_RECALL_MS,
  });
  const shared = { pageUrl: addresses.pageUrl, secureCookies: addresses.secure };
  accountRoutes(http.app, accounts, { ...shared, guests, passwordMin: config.PASSWORD_MIN, signInsPerMinute: config.SIGN_IN_PER_MINUTE });
  auditRoutes(http.app, audit);
  chat.routes(http.app, { ...shared, invitations: guests });
  meetingRoutes(http.app, {
    ...shared,
    guestsPerMinute: config.GUESTS_PER_MINUTE,
    records,
    agendas,
    live: meetings.live,
    chat: chat.chat,
    server: serverFace,
    signInGuest: (guest) => accounts.signInGuest(guest),
  });
  recording.routes(http.app, shared);
  qualityRoutes(http.app, { records, quality });
  const { port: httpPort } = await http.listen();
  onClose(await openDoctorSocket({ config, media, log }));

  const setupToken = await accounts.people.newSetupToken();
  return {
    httpPort,
    gatewayPort,
    socketLibrary: gateway.library,
    mediaWorkers: () => media.describe().workers.map((worker) => worker.pid),
    setupPath: setupToken === null ? null : `/setup#${setupToken}`,
    routes: () => http.routes(),
    methods: () => gateway.methods(),
    close,
  };
}

/** How pages find us, with and without a reverse proxy. */
function pageAddresses(config: Config, gatewayPort: number) {
  const publicUrl = config.PUBLIC_URL === undefined ? null : new URL(config.PUBLIC_URL);
  const secure = publicUrl?.protocol === 'https:';
  // Behind a proxy with TLS the socket is at /socket of the same host (docs/operations/reverse-proxy.md).
  const gatewayUrl =
    config.PUBLIC_GATEWAY_URL ?? (publicUrl && secure ? `wss://${publicUrl.host}/socket` : `ws://{host}:${gatewayPort}/socket`);
  const pageUrl = (request: FastifyRequest) => publicUrl?.origin ?? `${request.protocol}://${request.host}`;
  return { secure, gatewayUrl, pageUrl };
}

/** For the Content-Security-Policy. */
function socketOrigin(gatewayUrl: string): string {
  return new URL(gatewayUrl.replace('{host}', '*')).origin;
}

/** In reverse, each even when one before fails. */
async function closeAll(closers: readonly (() => Promise<void>)[], log: Log): Promise<void> {
  for (const closer of [...closers].reverse()) {
    await closer().catch((error: unknown) => log.error({ err: error }, 'server: a part did not close well'));
  }
}
