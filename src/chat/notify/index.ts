export { type Notify, type NotifyDeps, openNotify } from './open-notify.js';
export { notifyRoutes } from './routes.js';
