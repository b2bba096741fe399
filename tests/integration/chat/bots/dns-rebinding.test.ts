/** A name that leads to a public address when it is saved, and into our own network when it is called. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Apps } from '../../../../src/chat/bots/apps.js';
import { OutgoingWebhooks } from '../../../../src/chat/bots/outgoing-webhooks.js';
import { WebhookQueue } from '../../../../src/chat/bots/webhook-queue.js';
import { WebhookWorker } from '../../../../src/chat/bots/webhook-worker.js';
import type { Database } from '../../../../src/platform/database/index.js';
import { newId } from '../../../../src/platform/ids.js';
import { createMetrics } from '../../../../src/platform/metrics.js';
import { createOutbound } from '../../../../src/platform/outbound/index.js';
import type { Principal } from '../../../../src/platform/principal.js';
import { AuditLog } from '../../../../src/services/audit/index.js';
import { openTestDatabase, testConfig, testLog, waitFor } from '../../../support/index.js';
import { Receiver } from './receiver.js';

const clock = { now: () => Date.now() };
let database: Database;
let receiver: Receiver;
beforeAll(async () => {
  database = await openTestDatabase();
  receiver = await Receiver.open();
});
afterAll(async () => {
  receiver?.close();
  await database?.close();
});

it('A webhook is called at the address that was checked in the same call, not at what its name led to before', async () => {
  const orgId = newId();
  await database.query(`insert into organisations (id, name, created_at) values ($1, 'Harbour Ltd', now())`, [orgId]);
  const personId = newId();
  await database.query(
    `insert into people (org_id, id, name, role, email, created_at) values ($1, $2, 'Olivia', 'owner', 'olivia@harbour.example', now())`,
    [orgId, personId],
  );
  const olivia: Principal = { orgId, personId, name: 'Olivia', role: 'owner', signInId: newId(), expiresAt: Date.now() + 60_000 };
  const audit = new AuditLog({ database, clock });
  const apps = new Apps({ database, clock, audit });
  const app = await apps.create(olivia, { name: 'ERP', description: '', scopes: ['messages:read'], redirectUris: [] });
  const conversationId = newId();
  await database.query(`insert into conversations (org_id, id, kind, created_at) values ($1, $2, 'group', now())`, [orgId, conversationId]);
  await database.query('insert into conversation_members (org_id, conversation_id, person_id) values ($1, $2, $3)', [
    orgId,
    conversationId,
    app.id,
  ]);

  const asked: string[] = [];
  let leadsTo = '93.184.216.34';
  const outbound = createOutbound({
    config: { ...testConfig(), OUTBOUND_PORTS: String(receiver.port) },
    log: testLog(),
    resolve: async (host) => {
      asked.push(host);
      return [leadsTo];
    },
  });
  const webhooks = new OutgoingWebhooks({ database, clock, audit, outbound, apps, wake: () => undefined });
  const url = `http://erp.example:${receiver.port}/hook`;
  const { id } = await webhooks.create(olivia, { name: 'ERP', appId: app.id, url, events: ['message.posted'], conversationIds: null });
  expect(asked).toEqual(['erp.example']);

  leadsTo = '127.0.0.1';
  await database.query(
    `insert into messages (org_id, conversation_id, number, changed, sender_id, sender_name, client_id, body, sent_at)
     values ($1, $2, 1, 1, $3, 'Olivia', gen_random_uuid(), 'hello', now())`,
    [orgId, conversationId, personId],
  );
  await database.query('update conversations set last_number = 1 where id = $1', [conversationId]);
  const queue = new WebhookQueue({ database, audit, leaseMs: 20_000, disableMs: 60_000 });
  const worker = new WebhookWorker({
    database,
    clock,
    log: testLog(),
    metrics: createMetrics(),
    outbound,
    queue,
    tries: 3,
    retryMs: 10,
    timeoutMs: 10_000,
  });
  worker.start();
  const letters = () =>
    database.query<{ error: string; tries: number }>('select error, tries from webhook_dead_letters where webhook_id = $1', [id]);
  await waitFor(async () => (await letters()).length === 1, 'the dead letter');
  await worker.close();
  expect(await letters()).toEqual([{ error: 'PRIVATE_ADDRESS: erp.example is not on the public Internet.', tries: 3 }]);
  // Asked anew with each try.
  expect(asked).toHaveLength(4);
  expect(receiver.deliveries).toEqual([]);
});
