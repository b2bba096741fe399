/**
 * The one data layer: SQL text and values in, rows out. The embedded PostgreSQL and a
 * PostgreSQL of the operator run the same statements.
 */
import type { QueryResultRow } from 'pg';

export interface Query {
  /** Runs one statement. `$1`, `$2` ... are filled from `values`. */
  query<Row extends QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
}

export interface Database extends Query {
  /** Runs all or nothing (READ COMMITTED). What `run` throws rolls back and is thrown on. */
  transaction<Result>(run: (tx: Query) => Promise<Result>): Promise<Result>;
  /** Idempotent. */
  close(): Promise<void>;
}
