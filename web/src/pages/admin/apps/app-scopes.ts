/** What an app may be allowed, and under which names the words for it stand: a scope has a colon, which words of ours can't have in their name. */
import type { AppScope } from '@/api';

export const appScopes = ['conversations:read', 'messages:read', 'messages:write', 'people:read'] as const satisfies readonly AppScope[];

export const scopeKeys = {
  'conversations:read': 'conversationsRead',
  'messages:read': 'messagesRead',
  'messages:write': 'messagesWrite',
  'people:read': 'peopleRead',
} as const satisfies Record<AppScope, string>;
