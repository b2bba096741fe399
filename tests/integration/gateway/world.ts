/** A gateway of its own for each test, over either library, with people who have tokens. */
import type { Config } from '../../../src/config.js';
import type { Bus } from '../../../src/platform/bus/index.js';
import { openBus } from '../../../src/platform/bus/index.js';
import { CausewayError } from '../../../src/platform/errors.js';
import type { Handlers } from '../../../src/platform/gateway/index.js';
import { createGateway, type Gateway, type Session } from '../../../src/platform/gateway/index.js';
import { createMetrics } from '../../../src/platform/metrics.js';
import type { Principal } from '../../../src/platform/principal.js';
import { SocketClient, testConfig, testLog } from '../../support/index.js';

/** uWebSockets.js has no binary for every Node; where it doesn't load, `ws` is what runs. */
const uwsLoads = await import('uWebSockets.js').then(
  () => true,
  () => false,
);
export const libraries: readonly Config['GATEWAY_LIBRARY'][] = uwsLoads ? ['uws', 'ws'] : ['ws'];

export interface World {
  readonly gateway: Gateway;
  readonly port: number;
  readonly bus: Bus;
  /** Moves the gateway's clock. */
  setTime(now: number): void;
  /** What a token stands for; others are refused with AUTH_REQUIRED. */
  readonly people: Map<string, Principal>;
  /** Asked before a token is answered, to make authentication take its time. */
  beforeAuthentication: () => Promise<void>;
  connect(token: string, more?: Parameters<typeof SocketClient.connect>[2]): Promise<SocketClient>;
  /** The value of a figure, of one label where there are several. */
  figure(name: string, labels?: Record<string, string>): Promise<number>;
  /** The sessions that called `chat.fetch`, by their id: what a service does with them is up to the test. */
  readonly sessions: Map<string, Session>;
  /** The session of a client. */
  sessionOf(client: SocketClient): Promise<Session>;
  close(): Promise<void>;
}

export const start = 1_700_000_000_000;

export function principal(personId: string, more: Partial<Principal> = {}): Principal {
  return {
    orgId: 'org',
    personId,
    name: personId,
    role: 'member',
    signInId: `sign-in of ${personId}`,
    expiresAt: start + 600_000,
    ...more,
  };
}

const nothing = async () => ({});

/** A chat that answers nothing: what a test needs of it, it gives itself. */
export const silentChat: Handlers<'ChatService'> = {
  sync: nothing,
  send: nothing,
  fetch: nothing,
  edit: nothing,
  recall: nothing,
  react: nothing,
  pin: nothing,
  vote: nothing,
  closePoll: nothing,
  markRead: nothing,
  listReaders: nothing,
  confirm: nothing,
  type: nothing,
  saveDraft: nothing,
  watchPresence: nothing,
};

export async function startWorld(
  over: Partial<Config> = {},
  options: { bus?: Bus; chat?: Partial<Handlers<'ChatService'>> } = {},
): Promise<World> {
  const config = testConfig({ DRAIN_MS: 1_000, ...over });
  const log = testLog();
  const bus = options.bus ?? (await openBus(config, log));
  const metrics = createMetrics();
  const people = new Map([
    ['token of ada', principal('ada')],
    ['token of bo', principal('bo')],
  ]);
  const sessions = new Map<string, Session>();
  let now = start;
  const world = { beforeAuthentication: async () => {} };
  const gateway = await createGateway({
    config,
    log,
    metrics,
    bus,
    clock: { now: () => now },
    authenticate: async (token) => {
      await world.beforeAuthentication();
      const found = people.get(token);
      if (!found) throw new CausewayError('AUTH_REQUIRED');
      if (found.expiresAt <= now) throw new CausewayError('AUTH_EXPIRED');
      return found;
    },
  });
  gateway.register('ChatService', {
    ...silentChat,
    async send() {
      throw new Error('the disk is on fire');
    },
    async fetch(session) {
      sessions.set(session.id, session);
      return {};
    },
    ...options.chat,
  });
  const { port } = await gateway.listen();
  const clients: SocketClient[] = [];
  return Object.assign(world, {
    gateway,
    port,
    bus,
    people,
    sessions,
    setTime(time: number) {
      now = time;
    },
    async connect(token: string, more: Parameters<typeof SocketClient.connect>[2] = {}) {
      const client = await SocketClient.connect(port, token, more);
      clients.push(client);
      return client;
    },
    async figure(name: string, labels: Record<string, string> = {}) {
      const figures = await metrics.registry.getSingleMetric(name)?.get();
      const fits = figures?.values.filter((value) => Object.entries(labels).every(([key, wanted]) => value.labels[key] === wanted));
      return fits?.reduce((sum, { value }) => sum + value, 0) ?? 0;
    },
    async sessionOf(client: SocketClient) {
      await client.chat.fetch({});
      const session = sessions.get(client.welcome.sessionId);
      if (!session) throw new Error('no such session');
      return session;
    },
    async close() {
      for (const client of clients) client.drop();
      await gateway.close();
      if (!options.bus) await bus.close();
    },
  });
}
