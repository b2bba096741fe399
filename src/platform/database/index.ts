export type { Database, Query } from './database.js';
