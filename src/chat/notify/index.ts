export { type Notify, type NotifyDeps, openNotify } from './open-notify.js';
export type { RecordingNewsOf } from './push-delivery.js';
export { notifyRoutes } from './routes.js';
