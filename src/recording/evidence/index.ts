export type { EvidenceSources, RecordedMeeting } from './gather.js';
export { type Evidence, type EvidenceDeps, openEvidence } from './open-evidence.js';
