export { Agendas, type AgendasDeps } from './agendas.js';
export { createMeetings, type Meetings, type MeetingsDeps } from './create-meetings.js';
export { MeetingRecords, type MeetingRecordsDeps } from './meeting-records.js';
export { CallQuality, createQualityMetrics, QualityRecords, qualityRoutes } from './quality/index.js';
export { type MeetingRoutesDeps, meetingRoutes } from './routes.js';
export type { ServerFace } from './schema.js';
export { iceServersOf, turnCredential } from './turn-credentials.js';
