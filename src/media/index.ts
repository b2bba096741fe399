export { createMedia, type MediaConfig, type MediaDeps } from './create-media.js';
export * from './media.js';
export { parseDtlsParameters, parseRtpCapabilities, parseRtpParameters } from './rtp-schemas.js';
export * from './tap.js';
