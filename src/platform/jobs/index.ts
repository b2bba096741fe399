export { JobDataError, type JobKind, type JobOptions, type Jobs } from './jobs.js';
export { type OpenJobsOptions, openJobs } from './open-jobs.js';
