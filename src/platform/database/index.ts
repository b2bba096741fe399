export type { Database, Query } from './database.js';
export { DatabaseError } from './database-error.js';
export { type OpenDatabaseOptions, openDatabase, ownMigrations } from './open-database.js';
