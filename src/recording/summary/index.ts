export { openSummary, type SummaryDeps, type SummaryPart } from './open-summary.js';
export type {
  ChatLine,
  ChatOf,
  ConfirmedAction,
  CorrectPost,
  NotifyAssignee,
  PollOutcome,
  PostedAt,
  PostSummary,
  SummaryEvents,
} from './ports.js';
export { escapeMarkdown } from './write-up.js';
