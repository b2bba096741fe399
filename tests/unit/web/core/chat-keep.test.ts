import 'fake-indexeddb/auto';
import { afterEach, describe, expect, it } from 'vitest';
import { ChatKeep, forgetChat } from '@/core/chat-keep';
import { toHead, toMessage } from '@/core/chat-model';
import type { Pending } from '@/core/conversation-log';

const pending: Pending = {
  clientId: 'c1',
  conversationId: 'x',
  body: 'Written in the tunnel',
  writtenAt: 1,
  thread: 0,
  replyTo: 0,
  mentions: [],
  mentionsAll: false,
  attachments: [],
  urgent: false,
  poll: null,
  forward: null,
  dlpAcknowledged: false,
  dlpReason: '',
  refusal: null,
};
const keeps: ChatKeep[] = [];
const keepOf = (personId: string): ChatKeep => {
  const keep = new ChatKeep(personId);
  keeps.push(keep);
  return keep;
};

afterEach(async () => {
  for (const keep of keeps) keep.close();
  await forgetChat();
});

describe('what chat keeps on this device', () => {
  it('is there after a reload: what was written, the list, the newest messages', async () => {
    const before = keepOf('olivia');
    await before.load();
    await before.saveOutgoing(pending);
    await before.saveHeads('e1', [toHead({ id: 'x', title: 'Harbour', kind: 2 })]);
    const messages = [toMessage({ number: 3, body: 'Hello' })];
    await before.saveLog('x', { cursor: 3, visibleAfter: 0, span: { from: 0, to: Number.POSITIVE_INFINITY, messages } });
    before.close();
    const kept = await keepOf('olivia').load();
    expect(kept.epoch).toBe('e1');
    expect(kept.heads.map(({ title }) => title)).toEqual(['Harbour']);
    expect(kept.outbox.map(({ body }) => body)).toEqual(['Written in the tunnel']);
    expect(kept.logs.get('x')?.span).toMatchObject({ to: Number.POSITIVE_INFINITY, messages: [{ body: 'Hello' }] });
  });

  it('is not for the next person at this screen', async () => {
    const before = keepOf('olivia');
    await before.load();
    await before.saveOutgoing(pending);
    before.close();
    expect(await keepOf('ming').load()).toMatchObject({ outbox: [], heads: [] });
  });

  it('goes with a sign-out, also while another tab has it open', async () => {
    const tab = keepOf('olivia');
    await tab.load();
    await tab.saveOutgoing(pending);
    await forgetChat();
    expect((await indexedDB.databases()).map(({ name }) => name)).toEqual([]);
    // The other tab goes on without.
    await tab.saveOutgoing(pending);
    expect(await tab.load()).toMatchObject({ outbox: [] });
  });
});
