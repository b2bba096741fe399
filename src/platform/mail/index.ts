export { type Mail, type MailMessage, openMail } from './mail.js';
export { escapeHtml, oneLine } from './mail-text.js';
