/** The server is killed again and again while the ERP fails in every way: each event arrives, in order per conversation. */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outgoingWebhookMadeSchema } from '../../../../src/chat/bots/schema.js';
import { EmbeddedServer } from '../../../../src/platform/database/embedded-server.js';
import type { SignedIn } from '../../../support/api.js';
import { type TemporaryFolder, temporaryFolder, testLog, waitFor } from '../../../support/index.js';
import { startTestServer } from '../../../support/server.js';
import { ServerProcess } from '../../../support/server-process.js';
import { makeApp, makeConversation, outboundToTests } from './bots-world.js';
import { type Delivery, Receiver } from './receiver.js';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await Receiver.open();
});
afterAll(() => receiver?.close());

/** What came for each conversation, in the order in which it came. */
function byConversation(deliveries: readonly Delivery[]): Map<string, Delivery[]> {
  const found = new Map<string, Delivery[]>();
  for (const delivery of deliveries) {
    const { id } = delivery.payload.conversation;
    found.set(id, [...(found.get(id) ?? []), delivery]);
  }
  return found;
}

describe('Deliveries of a server that is killed', () => {
  let folder: TemporaryFolder;
  let dataDir: string;
  let server: ServerProcess;
  let olivia: SignedIn;

  beforeAll(async () => {
    folder = await temporaryFolder();
    dataDir = path.join(folder.path, 'data');
    server = new ServerProcess(folder.path, {
      CAUSEWAY_DATA_DIR: dataDir,
      CAUSEWAY_OUTBOUND_ALLOW: outboundToTests.OUTBOUND_ALLOW,
      CAUSEWAY_WEBHOOK_RETRY_MS: '50',
      CAUSEWAY_WEBHOOK_TIMEOUT_MS: '1000',
      CAUSEWAY_WEBHOOK_TRIES: '50',
    });
    await server.start();
    olivia = await server.setUpOwner();
  });
  afterAll(async () => {
    await server?.end('SIGTERM');
    const engine = dataDir ? await EmbeddedServer.start({ dataDir, connections: 2, applicationName: 'test', log: testLog() }) : null;
    await engine?.stop({ evenIfUsed: true });
    await folder?.remove();
  });

  /** Resolves when the message is acknowledged, however often the server dies. */
  async function write(conversationId: string, body: string): Promise<void> {
    const clientId = crypto.randomUUID();
    for (;;) {
      await server.ready;
      const answer = await server
        .api('POST', `/api/conversations/${conversationId}/messages`, { body, clientId }, olivia.accessToken)
        .catch(() => null);
      if (answer?.status === 200) return;
      await delay(20);
    }
  }

  it('arrive all, none overtakes another of its conversation, and each keeps its id', async () => {
    const app = await makeApp(server, olivia);
    const conversations = await Promise.all(['one', 'two', 'three'].map((title) => makeConversation(server, olivia, [app.id], title)));
    await server.get(
      outgoingWebhookMadeSchema,
      'POST',
      '/api/outgoing-webhooks',
      { name: 'ERP', appId: app.id, url: receiver.url },
      olivia.accessToken,
    );
    let turn = 0;
    receiver.behave(async (request) => {
      turn += 1;
      if (turn % 7 === 0) return 500;
      if (turn % 19 === 0) {
        // Takes it and never says so.
        await new Promise((resolve) => request.socket.on('close', resolve));
        return 599;
      }
      if (turn % 23 === 0) request.socket.destroy();
      return 200;
    });

    const count = 40;
    const writing = conversations.map(async ({ id, title }) => {
      for (let i = 1; i <= count; i += 1) await write(id, `${title} ${i}`);
    });
    const killing = (async () => {
      for (let kill = 1; kill <= 3; kill += 1) {
        await waitFor(() => receiver.deliveries.length >= kill * 25, `${kill * 25} deliveries`, { deadlineMs: 50_000 });
        await server.end('SIGKILL');
        await server.start();
      }
    })();
    await Promise.all([...writing, killing]);
    await waitFor(
      () => conversations.every(({ title }) => receiver.taken.some(({ payload }) => payload.message?.body === `${title} ${count}`)),
      'the last message of each conversation',
      { deadlineMs: 60_000 },
    );

    for (const [id, deliveries] of byConversation(receiver.deliveries)) {
      const title = conversations.find((conversation) => conversation.id === id)?.title;
      const taken = new Set(deliveries.filter(({ status }) => status === 200).map(({ payload }) => payload.message?.body));
      expect([...taken]).toEqual(Array.from({ length: count }, (_, i) => `${title} ${i + 1}`));
      const numbers = deliveries.map(({ payload }) => payload.number ?? 0);
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
      const ids = new Map(deliveries.map(({ payload }) => [payload.number, payload.id]));
      for (const { payload } of deliveries) expect(payload.id).toBe(ids.get(payload.number));
    }
  }, 240_000);
});

describe('Deliveries of two nodes', () => {
  it('are made by one of them at a time: once each, in order', async () => {
    const first = await startTestServer({ ...outboundToTests, WEBHOOK_RETRY_MS: 20 });
    const owner = await first.setUpOwner();
    const second = await startTestServer({ ...outboundToTests, WEBHOOK_RETRY_MS: 20, DATABASE_URL: first.config.DATABASE_URL ?? '' });
    const calm = await Receiver.open();
    try {
      const app = await makeApp(first, owner);
      const conversations = await Promise.all(['a', 'b', 'c', 'd'].map((title) => makeConversation(first, owner, [app.id], title)));
      const body = { name: 'ERP', appId: app.id, url: calm.url };
      await first.get(outgoingWebhookMadeSchema, 'POST', '/api/outgoing-webhooks', body, owner.accessToken);
      await Promise.all(
        conversations.map(async ({ id }) => {
          for (let i = 1; i <= 25; i += 1) {
            const node = i % 2 === 0 ? first : second;
            const answer = await node.api('POST', `/api/conversations/${id}/messages`, { body: `${i}` }, owner.accessToken);
            expect(answer.status).toBe(200);
          }
        }),
      );
      await waitFor(() => calm.deliveries.length >= 100, 'all deliveries');
      for (const [, deliveries] of byConversation(calm.deliveries))
        expect(deliveries.map(({ payload }) => payload.message?.body)).toEqual(Array.from({ length: 25 }, (_, i) => `${i + 1}`));
    } finally {
      calm.close();
      await second.close();
      await first.close();
    }
  });
});
