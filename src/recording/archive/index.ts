export { type Archive, type ArchiveDeps, openArchive } from './open-archive.js';
export type { ConversationsOf, PageShared, Passwords, Scarce, ToldOutside, Warn } from './ports.js';
export { warnByMail } from './quota-mail.js';
