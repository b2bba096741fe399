export { type AttachmentPart, type AttachmentPartDeps, openAttachments } from './open-attachments.js';
