/**
 * A server process for tests: sends scheduled messages into the log, and is killed (kill -9, by itself) when a message is
 * durable and nobody knows yet that it was sent.
 */
import { EventEmitter } from 'node:events';
import { MessageLog } from '../../src/chat/message-log.js';
import { openNotify } from '../../src/chat/notify/index.js';
import type { ChatEvents } from '../../src/chat/ports.js';
import { openDatabase } from '../../src/platform/database/index.js';
import { openJobs } from '../../src/platform/jobs/index.js';
import { openMail } from '../../src/platform/mail/index.js';
import { createMetrics } from '../../src/platform/metrics.js';
import { createOutbound } from '../../src/platform/outbound/index.js';
import { AuditLog } from '../../src/services/audit/index.js';
import { testConfig, testLog } from './config.js';

const config = testConfig({ DATABASE_URL: process.argv[2] ?? '' });
const log = testLog();
const clock = { now: () => Date.now() };
const database = await openDatabase({ config, log });
const jobs = await openJobs({ database, log, pollMs: 50 });
const events = new EventEmitter<ChatEvents>();
const messages = new MessageLog({ database, clock, log, groupCommitMs: 0, committed: () => undefined, changed: () => undefined });
const notify = openNotify({
  config,
  database,
  clock,
  log,
  metrics: createMetrics(),
  jobs,
  mail: openMail(config, log),
  outbound: createOutbound({ config, log }),
  audit: new AuditLog({ database, clock }),
  events,
  guards: [],
  send: async ({ orgId, personId, name }, { conversationId, clientId, body }) => {
    await messages.append({ orgId, conversationId, senderId: personId, senderName: name, clientId, body });
    process.kill(process.pid, 'SIGKILL');
  },
  tell: () => undefined,
  isActive: () => false,
  recordingNews: async () => null,
});
await notify.start();
process.stdout.write('ready\n');
