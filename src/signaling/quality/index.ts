export { CallQuality, type CallQualityDeps } from './call-quality.js';
export { createQualityMetrics } from './quality-metrics.js';
export { QualityRecords } from './quality-records.js';
export { qualityRoutes } from './routes.js';
export { parseSample } from './sample.js';
