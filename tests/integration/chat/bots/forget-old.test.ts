import { afterAll, beforeAll, expect, it } from 'vitest';
import { AppTokens } from '../../../../src/chat/bots/app-tokens.js';
import { DeadLetters } from '../../../../src/chat/bots/dead-letters.js';
import { Rate } from '../../../../src/chat/bots/rate.js';
import type { Database } from '../../../../src/platform/database/index.js';
import { newId } from '../../../../src/platform/ids.js';
import { AuditLog } from '../../../../src/services/audit/index.js';
import { openTestDatabase } from '../../../support/index.js';

const day = 86_400_000;
let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database?.close());

it('What nobody needs of apps is not kept: tokens for a week after their end, dead letters for a month', async () => {
  const [orgId, appId, webhookId, conversationId] = [newId(), newId(), newId(), newId()];
  const of = (...more: unknown[]) => [orgId, ...more];
  await database.query(`insert into organisations (id, name, created_at) values ($1, 'Harbour Ltd', now())`, of());
  await database.query(`insert into people (org_id, id, name, role, created_at) values ($1, $2, 'ERP', 'app', now())`, of(appId));
  await database.query(`insert into conversations (org_id, id, kind, created_at) values ($1, $2, 'group', now())`, of(conversationId));
  await database.query(
    `insert into apps (org_id, id, description, secret_hash, scopes, redirect_uris, created_by, created_at)
     values ($1, $2, '', '', '{}', '{}', $2, now())`,
    of(appId),
  );
  await database.query(
    `insert into outgoing_webhooks (org_id, id, app_id, name, url, secret, events, created_by, created_at)
     values ($1, $2, $3, 'ERP', 'https://erp.example/', '', '{}', $3, now())`,
    of(webhookId, appId),
  );
  let now = Date.now();
  const clock = { now: () => now };
  const tokens = new AppTokens({ database, clock, lifeMs: 3_600_000, rate: new Rate(clock, 10) });
  const letters = new DeadLetters({ database, clock, audit: new AuditLog({ database, clock }), wake: () => undefined });
  await tokens.issue(database, { orgId, id: appId, name: 'ERP', scopes: [], redirectUris: [] }, []);
  await database.query(
    `insert into app_codes (org_id, code_hash, app_id, approved_by, redirect_uri, challenge, scopes, expires_at)
     values ($1, 'x', $2, $2, '', '', '{}', now())`,
    of(appId),
  );
  await database.query(
    `insert into webhook_dead_letters (org_id, id, webhook_id, conversation_id, number, event, tries, error, answer, parked_at, replay_at)
     select $1, gen_random_uuid(), $2, $3, n, 'message.posted', 1, '', '', now(), case n when 2 then now() end from generate_series(1, 2) n`,
    of(webhookId, conversationId),
  );
  const kept = async () => {
    await tokens.forgetOld();
    await letters.forgetOld();
    const [row] = await database.query(
      `select (select count(*)::int from app_tokens) as tokens, (select count(*)::int from app_codes) as codes,
              (select count(*)::int from webhook_dead_letters) as letters`,
    );
    return row;
  };
  now += 6 * day;
  expect(await kept()).toEqual({ tokens: 1, codes: 1, letters: 2 });
  now += 2 * day;
  expect(await kept()).toEqual({ tokens: 0, codes: 0, letters: 2 });
  now += 23 * day;
  // The other one is to be replayed.
  expect(await kept()).toEqual({ tokens: 0, codes: 0, letters: 1 });
});
