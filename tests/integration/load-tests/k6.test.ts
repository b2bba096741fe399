/** The load tests by k6: the script must be one file that k6 can read, and a short run must keep its limits. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleScript } from '../../../load-tests/k6/bundle.js';
import { findK6 } from '../../../scripts/lib/k6.mjs';
import { conversationsSchema } from '../../../src/chat/schema.js';
import type { SignedIn } from '../../support/api.js';
import { password } from '../../support/api.js';
import { startTestServer, type TestServer } from '../../support/server.js';
import { type TemporaryFolder, temporaryFolder } from '../../support/temporary-folder.js';

const root = path.resolve(import.meta.dirname, '..', '..', '..');
const k6 = findK6();
const names = ['Ada', 'Berta', 'Clara', 'Dora'];

let folder: TemporaryFolder;

beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(async () => {
  await folder?.remove();
});

it('The script becomes one file that needs nothing but k6', async () => {
  const script = await readFile(await bundleScript(folder.path), 'utf8');
  const imports = [...script.matchAll(/\bfrom\s*["']([^"']+)["']/g)].map(([, name]) => name);
  expect(imports).toContain('k6/websockets');
  for (const name of imports) expect(name).toMatch(/^k6(\/|$)/);
  expect(script).not.toMatch(/\brequire\(["']/);
});

// `npm run load` builds k6 where there is none, which takes minutes: a test does not.
describe.skipIf(k6 === null)('A run (skipped where there is no k6 on PATH or in the cache)', { timeout: 240_000 }, () => {
  let server: TestServer;
  let owner: SignedIn;
  let usersFile: string;

  beforeAll(async () => {
    server = await startTestServer({ DATABASE_POOL: 4, SIGN_IN_PER_MINUTE: 1_000, HTTP_REQUESTS_PER_MINUTE: 100_000 });
    owner = await server.setUpOwner();
    const users: { email: string | null; password: string }[] = [];
    for (const name of names) users.push({ email: (await server.invite(owner, name)).person.email, password });
    usersFile = path.join(folder.path, 'users.json');
    await writeFile(usersFile, JSON.stringify(users));
  });
  afterAll(async () => {
    await server?.close();
  });

  /** Small and patient: a busy machine is no reason to fail. */
  async function run(scenario: string, ...more: string[]) {
    const json = path.join(folder.path, `${scenario}.json`);
    const size = ['--users', '4', '--members', '2', '--rate', '4', '--seconds', '4', '--warm', '1', '--connect', '8', '--grace', '60'];
    const limits = ['--ack-p99', '60000', '--delivery-p99', '60000', '--join-p99', '60000', '--presence-p99', '60000'];
    const where = ['--url', server.url, '--users-file', usersFile, '--json', json];
    const args = ['load-tests/k6/load.ts', scenario, ...size, ...limits, ...where, ...more];
    const child = spawn(process.execPath, [path.join(root, 'node_modules/tsx/dist/cli.mjs'), ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, K6_PATH: k6 ?? '' },
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += String(chunk)));
    const [code] = await once(child, 'close');
    return { code, said, json };
  }

  it('of chat-steady keeps its limits, loses nothing, and writes the report', async () => {
    const { code, said, json } = await run('chat-steady');
    expect(code, said).toBe(0);
    const { name, figures } = JSON.parse(await readFile(json, 'utf8'));
    expect(name).toBe('load-chat-steady');
    // 16 messages, of which the first second is not measured: 12, each to both of its conversation.
    expect(figures).toMatchObject({
      chat_acknowledged: { value: 16 },
      chat_ack_ms: { unit: 'ms', n: 12 },
      chat_delivery_ms: { unit: 'ms', n: 24 },
      chat_lost: { value: 0 },
      chat_duplicated: { value: 0 },
      sign_in_ms: { n: 4 },
      checks: { value: 1 },
    });
    // What it made there is put away.
    const { accessToken } = await server.signIn(names[0]!);
    const { conversations } = await server.get(conversationsSchema, 'GET', '/api/conversations', undefined, accessToken);
    expect(conversations.filter(({ title }) => title === 'Load').map(({ archived }) => archived)).toEqual([true]);
  });

  it('of signaling-steady sees everybody come and go', async () => {
    const { code, said, json } = await run('signaling-steady', '--rate', '1');
    expect(code, said).toBe(0);
    const { figures } = JSON.parse(await readFile(json, 'utf8'));
    expect(figures).toMatchObject({ meeting_joins: { value: 4 }, signaling_lost: { value: 0 }, checks: { value: 1 } });
    expect(figures.meeting_presence_ms.n).toBeGreaterThan(0);
  });

  it('ends with 1 and says which limit was not kept', async () => {
    const { code, said } = await run('chat-steady', '--ack-p99', '1');
    expect(code, said).toBe(1);
    expect(said).toMatch(/Not kept: chat_ack_ms p\(99\)<=1; it was/);
  });

  it('says so where the file has too few people', async () => {
    const { code, said } = await run('chat-steady', '--users', '6');
    expect(code).toBe(1);
    expect(said).toMatch(/has 4 people; --users 6 wants more/);
  });
});
