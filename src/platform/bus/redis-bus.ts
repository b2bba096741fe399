/**
 * The bus of several nodes, over Redis or Valkey: plain pub/sub and keys with a time to live.
 *
 * Redis keeps nothing here. After a restart of Redis subscriptions are made again by themselves,
 * what was published meanwhile is lost, and leases are lost (`renew` says so). A Redis Cluster is
 * refused: pub/sub would work there, the scripts of the leases would need their own routing.
 */
import { once } from 'node:events';
import { Redis, type RedisOptions } from 'ioredis';
import type { Log } from '../log.js';
import type { Bus, Lease, Unsubscribe } from './bus.js';
import { Listeners } from './listeners.js';

export interface RedisBusOptions {
  readonly url: string;
  readonly log: Log;
}

/** Why the server can't start with this bus, in a sentence for who runs it. */
export class BusError extends Error {
  override readonly name = 'BusError';
}

/** A command that is not answered in this time fails, milliseconds. */
const commandMs = 5_000;
/** Redis that starts together with us gets this long, milliseconds. */
const connectMs = 30_000;
const healthMs = 1_000;

const acquireScript = `
local holder = redis.call('get', KEYS[1])
if holder == false or holder == ARGV[1] then
  redis.call('set', KEYS[1], ARGV[1], 'px', ARGV[2])
  return 1
end
return 0`;
const renewScript = `return redis.call('get', KEYS[1]) == ARGV[1] and redis.call('pexpire', KEYS[1], ARGV[2]) or 0`;
const releaseScript = `return redis.call('get', KEYS[1]) == ARGV[1] and redis.call('del', KEYS[1]) or 0`;

export class RedisBus implements Bus {
  readonly shared = true;
  readonly #log: Log;
  readonly #listeners: Listeners;
  /** A connection that subscribes can do nothing else (RESP2), so there are two. */
  readonly #commands: Redis;
  readonly #subscriber: Redis;
  /** Pub/sub knows no databases: without the number, two installations on one Redis would hear each other. */
  readonly #prefix: string;
  /** Channels that Redis was asked to send, each with its answer. */
  readonly #subscriptions = new Map<string, Promise<unknown>>();
  readonly #restored = new Set<() => void>();
  #closed: Promise<void> | null = null;

  private constructor({ url, log }: RedisBusOptions) {
    this.#log = log;
    this.#listeners = new Listeners(log);
    const shared = {
      lazyConnect: true,
      keepAlive: 10_000,
      // Nodes that lost Redis together must not come back together.
      retryStrategy: (times: number) => Math.min(1_000, 50 * 2 ** Math.min(times, 6)) * (0.5 + Math.random() / 2),
    } satisfies RedisOptions;
    // A publish that waits for Redis longer than this is worth nothing any more.
    this.#commands = new Redis(url, { ...shared, commandTimeout: commandMs, maxRetriesPerRequest: 2 });
    // A subscription is worth waiting for, and is made again after every loss.
    this.#subscriber = new Redis(url, { ...shared, maxRetriesPerRequest: null, autoResubscribe: true });
    this.#prefix = `causeway:${this.#commands.options.db ?? 0}:`;
    for (const [name, connection] of Object.entries({ commands: this.#commands, subscriber: this.#subscriber })) {
      connection.on('error', (error) => this.#log.debug({ err: error, connection: name }, 'bus: Redis'));
      connection.on('close', () => !this.#closed && this.#log.warn({ connection: name }, 'bus: Redis is away, trying again'));
      connection.on('ready', () => this.#log.info({ connection: name }, 'bus: Redis is there'));
    }
    this.#subscriber.on('ready', () => this.#cameBack());
    this.#subscriber.on('messageBuffer', (channel: Buffer, payload: Buffer) => {
      this.#listeners.deliver(channel.toString('utf8').slice(this.#prefix.length), payload);
    });
  }

  /** @throws {BusError} with a sentence when Redis can't be used. */
  static async connect(options: RedisBusOptions): Promise<RedisBus> {
    const bus = new RedisBus(options);
    try {
      await Promise.all([ready(bus.#commands), ready(bus.#subscriber)]);
      if ((await bus.#commands.info('cluster')).includes('cluster_enabled:1')) {
        throw new BusError('REDIS_URL leads to a Redis Cluster. Causeway needs a single Redis or Valkey, with replicas if you like.');
      }
      return bus;
    } catch (error) {
      await bus.close();
      throw error;
    }
  }

  async publish(channel: string, payload: Uint8Array): Promise<number> {
    this.#open();
    // A copy, because the publisher may use its buffer again while the command still waits.
    return this.#commands.publish(this.#prefix + channel, Buffer.from(payload));
  }

  async subscribe(channel: string, listener: (payload: Uint8Array) => void): Promise<Unsubscribe> {
    this.#open();
    const { first, remove } = this.#listeners.add(channel, listener);
    if (first) this.#subscriptions.set(channel, this.#subscriber.subscribe(this.#prefix + channel));
    try {
      await this.#subscriptions.get(channel);
    } catch (error) {
      if (remove()) this.#subscriptions.delete(channel);
      throw error;
    }
    return async () => {
      if (!remove() || this.#closed) return;
      this.#subscriptions.delete(channel);
      // Sent in order with the subscriptions on the same connection, so the last word holds.
      const leaving = this.#subscriber
        .unsubscribe(this.#prefix + channel)
        .catch((error: unknown) => this.#log.debug({ err: error, channel }, 'bus: unsubscribe'));
      // Redis that is away sends nothing either; whoever goes down must not wait for it.
      const done = new AbortController();
      const away = once(this.#subscriber, 'close', { signal: done.signal }).catch(() => undefined);
      if (this.#subscriber.status === 'ready') await Promise.race([leaving, away]);
      done.abort();
    };
  }

  async acquireLease(name: string, holder: string, ttlMs: number): Promise<Lease | null> {
    this.#open();
    const key = this.#leaseKey(name);
    // Counted from before the question, so that by our clock it always ends first.
    let until = performance.now() + ttlMs;
    if ((await this.#commands.eval(acquireScript, 1, key, holder, ttlMs)) !== 1) return null;
    return {
      name,
      holder,
      renew: async () => {
        if (this.#closed) return false;
        const asked = performance.now();
        try {
          if ((await this.#commands.eval(renewScript, 1, key, holder, ttlMs)) !== 1) return false;
          until = asked + ttlMs;
          return true;
        } catch (error) {
          // Redis can't be asked: nobody else can take the lease before its time has passed.
          this.#log.warn({ err: error, name }, 'bus: a lease could not be renewed');
          return performance.now() < until;
        }
      },
      release: async () => {
        if (this.#closed) return;
        await this.#commands.eval(releaseScript, 1, key, holder);
      },
    };
  }

  async leaseHolder(name: string): Promise<string | null> {
    this.#open();
    return this.#commands.get(this.#leaseKey(name));
  }

  onRestored(listener: () => void): () => void {
    this.#restored.add(listener);
    return () => this.#restored.delete(listener);
  }

  async healthy(): Promise<boolean> {
    if (this.#closed) return false;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), healthMs);
    });
    const answers = this.#commands.ping().then(
      () => this.#subscriber.status === 'ready',
      () => false,
    );
    const result = await Promise.race([answers, late]);
    clearTimeout(timer);
    return result;
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    this.#listeners.clear();
    this.#subscriber.disconnect();
    // What was published goes out first, if Redis is there.
    if (this.#commands.status === 'ready') await this.#commands.quit().catch(() => undefined);
    this.#commands.disconnect();
  }

  /** The subscriptions are asked for again when the connection is ready; an answer to what is asked after them says that they hold. */
  #cameBack(): void {
    setImmediate(() => {
      this.#subscriber.ping().then(
        () => {
          for (const listener of this.#restored) listener();
        },
        (error: unknown) => this.#log.debug({ err: error }, 'bus: Redis was there and went'),
      );
    });
  }

  #leaseKey(name: string): string {
    return `${this.#prefix}lease:${name}`;
  }

  #open(): void {
    if (this.#closed) throw new Error('The bus is closed.');
  }
}

/** Resolves once the connection is there. Wrong passwords and the like fail at once, absence after a while. */
function ready(connection: Redis): Promise<void> {
  return new Promise((resolve, reject) => {
    let last: Error | undefined;
    const fail = (error: Error | undefined) => {
      connection.disconnect();
      done();
      const { host, port } = connection.options;
      reject(new BusError(`Redis at ${host}:${port} can't be used: ${error?.message || 'no answer'}. Check REDIS_URL.`, { cause: error }));
    };
    const timer = setTimeout(() => fail(last), connectMs);
    const onError = (error: Error) => {
      last = error;
      if (/NOAUTH|WRONGPASS|NOPERM|DENIED|invalid password|DB index/i.test(error.message)) fail(error);
    };
    const onReady = () => {
      done();
      resolve();
    };
    const done = () => {
      clearTimeout(timer);
      connection.off('error', onError);
      connection.off('ready', onReady);
    };
    connection.on('error', onError);
    connection.on('ready', onReady);
    // Its failure comes as 'error' as well.
    connection.connect().catch(() => undefined);
  });
}
