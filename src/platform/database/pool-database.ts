/** The data layer over a pool of connections. */
import pg, { type QueryResultRow } from 'pg';
import type { Log } from '../log.js';
import type { Database, Query } from './database.js';

export interface PoolOptions {
  readonly url: string;
  /** Connections, at most. */
  readonly connections: number;
  /** Tells this process's connections from those of others in `pg_stat_activity`. */
  readonly applicationName: string;
  readonly log: Log;
}

/** A statement that takes longer is taken for lost, milliseconds. Migrations have no limit. */
const statementMs = 30_000;
/** Waiting for a free connection, milliseconds. */
const connectMs = 10_000;
/** A transaction that does nothing this long holds locks for nobody, milliseconds. */
const idleTransactionMs = 60_000;
/** Time for running statements to end at close, milliseconds. */
const closeMs = 5_000;

export class PoolDatabase implements Database {
  readonly #pool: pg.Pool;
  readonly #log: Log;
  #closed: Promise<void> | null = null;

  constructor(options: PoolOptions) {
    this.#log = options.log;
    this.#pool = new pg.Pool({
      connectionString: options.url,
      max: options.connections,
      application_name: options.applicationName,
      connectionTimeoutMillis: connectMs,
      statement_timeout: statementMs,
      idle_in_transaction_session_timeout: idleTransactionMs,
      keepAlive: true,
      types: { getTypeParser },
    });
    // The pool only listens to idle connections. One that is lost while a transaction holds it
    // would otherwise be an 'error' event without a listener, which ends the process.
    this.#pool.on('connect', (client) => client.on('error', (error) => this.#lost(error)));
    this.#pool.on('error', () => undefined);
  }

  async query<Row extends QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    return rowsOf(await this.#pool.query<Row>(sql, values.length > 0 ? [...values] : undefined));
  }

  async transaction<Result>(run: (tx: Query) => Promise<Result>): Promise<Result> {
    const client = await this.#pool.connect();
    const transaction = new Transaction(client);
    let broken: Error | undefined;
    try {
      await client.query('begin');
      const result = await run(transaction);
      const end = await client.query('commit');
      // PostgreSQL answers COMMIT of a transaction in which a statement failed with ROLLBACK. Who
      // swallowed that failure must not be told that anything was written.
      if (end.command === 'ROLLBACK') throw new Error('The transaction was rolled back: a statement in it failed before.');
      return result;
    } catch (error) {
      await client.query('rollback').catch((failure: Error) => {
        broken = failure;
      });
      throw error;
    } finally {
      transaction.over();
      client.release(broken);
    }
  }

  /** Connections by what they do. */
  get connections(): { total: number; idle: number; waiting: number } {
    return { total: this.#pool.totalCount, idle: this.#pool.idleCount, waiting: this.#pool.waitingCount };
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.#log.warn(this.connections, 'database: statements still ran at close');
        resolve();
      }, closeMs);
    });
    await Promise.race([this.#pool.end(), late]);
    clearTimeout(timer);
  }

  #lost(error: Error): void {
    if (!this.#closed) this.#log.warn({ err: error }, 'database: a connection was lost');
  }
}

/** What a transaction hands out. Of no use after its end, so that a forgotten await can't write into somebody else's transaction. */
class Transaction implements Query {
  readonly #client: pg.PoolClient;
  #over = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  async query<Row extends QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    if (this.#over) throw new Error('A statement came after the end of its transaction.');
    return rowsOf(await this.#client.query<Row>(sql, values.length > 0 ? [...values] : undefined));
  }

  over(): void {
    this.#over = true;
  }
}

/** Several statements in one text give several results; the last one counts. */
function rowsOf<Row extends QueryResultRow>(result: pg.QueryResult<Row> | pg.QueryResult<Row>[]): Row[] {
  const last = Array.isArray(result) ? result.at(-1) : result;
  return last?.rows ?? [];
}

/** A DATE is a day, not an instant: as text it can't move to the day before in another time zone. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  if (oid === pg.types.builtins.DATE && format !== 'binary') return (text: string) => text;
  return pg.types.getTypeParser(oid, format);
}
