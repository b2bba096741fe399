export { createOutbound, type OutboundAnswer, type OutboundDeps, type OutboundHttp, type OutboundRequest } from './outbound.js';
export { OutboundError, type OutboundErrorCode } from './outbound-error.js';
