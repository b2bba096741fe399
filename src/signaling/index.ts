export { LiveMeetings, type LiveMeetingsDeps } from './live-meetings.js';
export { mediaService } from './media-service.js';
export { MeetingRecords, type MeetingRecordsDeps } from './meeting-records.js';
export { meetingService } from './meeting-service.js';
export { CallQuality, createQualityMetrics, QualityRecords, qualityRoutes } from './quality/index.js';
export { type MeetingRoutesDeps, meetingRoutes } from './routes.js';
export type { ServerFace } from './schema.js';
export { iceServersOf, turnCredential } from './turn-credentials.js';
