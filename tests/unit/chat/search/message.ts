import type { Message } from '../../../../src/chat/message.js';

/** A message that says this, with files of these names. */
export function message(body: string, files: readonly string[] = []): Message {
  const id = '0198a000-0000-7000-8000-000000000002';
  return {
    orgId: id,
    conversationId: id,
    number: 1,
    changed: 1,
    senderId: id,
    senderName: 'Ana',
    clientId: id,
    body,
    sentAt: new Date(0),
    kind: 'text',
    thread: null,
    replyTo: null,
    mentions: [],
    mentionsAll: false,
    urgent: false,
    byApp: false,
    editedAt: null,
    recalledAt: null,
    pinnedAt: null,
    reactions: {},
    replies: 0,
    extra: {
      attachments: files.map((name) => ({ id, name, type: 'x/y', size: 1, sha256: '', width: 0, height: 0, preview: false })),
    },
  };
}
