export { Chat, type ChatDeps, conversationTopic } from './chat.js';
export { chatService } from './chat-service.js';
export type { Message } from './message-log.js';
