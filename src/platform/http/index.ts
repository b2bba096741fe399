export { type Access, principalOf } from './access.js';
export { createHttp, type Http, type HttpApp, type HttpDeps, type RouteFace } from './http.js';
