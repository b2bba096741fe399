import { lazy, type ReactNode, Suspense } from 'react';
import type { Person } from '@/api';
import { ChatContext } from './chat-context';
import { useChatHost } from './use-chat-host';

const ChatExtras = lazy(async () => ({ default: (await import('./chat-extras')).ChatExtras }));

/** Chat of the person who is signed in, on all pages of the shell: one socket, one store. What it needs is loaded after the page is there. */
export function ChatHost({ person, children }: { readonly person: Person; readonly children: ReactNode }) {
  const parts = useChatHost(person);
  return (
    <ChatContext value={parts}>
      {children}
      {parts && (
        <Suspense fallback={null}>
          <ChatExtras />
        </Suspense>
      )}
    </ChatContext>
  );
}
