export type { JobKind, JobOptions, Jobs } from './jobs.js';
