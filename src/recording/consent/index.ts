export { agreed, ConsentLedger, type NewConsent } from './ledger.js';
export { type Notice, Notices, type NoticeWish } from './notices.js';
export { type Consent, type ConsentDeps, openConsent } from './open-consent.js';
export { Policies } from './policies.js';
export type { ConsentHooks } from './withdrawals.js';
