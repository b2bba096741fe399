export { AuditLog, type AuditLogDeps } from './audit-log.js';
export { auditRoutes } from './routes.js';
