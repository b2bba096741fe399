export type { Chat } from './chat.js';
export { conversationTopic } from './conversation-news.js';
export type { Conversations } from './conversations.js';
export { type ChatPart, type ChatPartDeps, openChat } from './open-chat.js';
