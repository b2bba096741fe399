export type { Chat } from './chat.js';
export { type Conversations, conversationTopic } from './conversations.js';
export { type ChatPart, type ChatPartDeps, openChat } from './open-chat.js';
