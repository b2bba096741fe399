/** The program at its start and its end: ports that are taken, and SIGTERM. */

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server as NetServer } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort, freshDatabaseUrl, SocketCallError, type TemporaryFolder, temporaryFolder, waitFor } from '../../support/index.js';
import { childrenOf, isAlive, runProgram, ServerProcess } from '../../support/server-process.js';
import { Attendee } from './attendee.js';

let folder: TemporaryFolder;
const closers: (() => unknown)[] = [];

beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await folder.remove();
});

async function take(port: number): Promise<NetServer> {
  const server = createServer();
  closers.push(() => server.close());
  await once(server.listen(port, '127.0.0.1'), 'listening');
  return server;
}

const postmaster = async () =>
  Number((await readFile(path.join(folder.path, 'data', 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);

describe('A port that is taken', () => {
  it.each(['HTTP_PORT', 'GATEWAY_PORT', 'MEDIA_PORT'])(
    'of CAUSEWAY_%s is told with its holder and the setting, and the program exits with 1',
    async (setting) => {
      const port = await freePort();
      await take(port);
      const settings = { [`CAUSEWAY_${setting}`]: String(port), DATABASE_URL: await freshDatabaseUrl() };
      const { child, exited, output } = runProgram(folder.path, settings);
      closers.push(() => child.kill('SIGKILL'));
      expect(await exited).toBe(1);
      const holder = (await readFile('/proc/self/comm', 'utf8')).trim();
      expect(output()).toMatch(
        new RegExp(`^(Port|Media port) ${port} is taken by ${holder} \\(pid ${process.pid}\\)\\..* set CAUSEWAY_${setting} to another`),
      );
      expect(output()).not.toContain('is ready');
    },
  );
});

describe('SIGTERM', () => {
  it('lets what was begun end, says goodbye, and leaves no process behind', async () => {
    const server = new ServerProcess(folder.path, { CAUSEWAY_DATA_DIR: path.join(folder.path, 'data') });
    closers.push(() => server.end('SIGKILL'));
    await server.start();
    const owner = await server.setUpOwner();
    const meeting = await server.createMeeting(owner);
    const host = await Attendee.enter(server, meeting.id, owner);
    const database = await postmaster();
    const children = await childrenOf(server.pid);
    expect(children.some(({ name }) => name.startsWith('mediasoup-worke'))).toBe(true);

    const acknowledged: string[] = [];
    const writing = Array.from({ length: 30 }, async (_, i) => {
      const body = `message ${i}`;
      await host.write(body).then(
        () => acknowledged.push(body),
        (error: unknown) => expect(error instanceof SocketCallError ? error.code : 'closed').toMatch(/SERVER_DRAINING|closed/),
      );
    });
    const exit = server.end('SIGTERM');
    await Promise.all(writing);
    expect(await host.client.closed).toMatchObject({ code: 4012, goodbye: 'SERVER_DRAINING' });
    expect(await exit).toBe(0);
    for (const pid of [database, ...children.map((child) => child.pid)]) await waitFor(() => !isAlive(pid), `process ${pid} to end`);

    await server.start();
    closers.push(() => server.end('SIGTERM'));
    const again = await Attendee.enter(server, meeting.id, await server.signIn('Olivia'));
    const { messages } = await again.client.chat.fetch({ conversationId: again.conversationId });
    expect(messages.map(({ number }) => number)).toEqual(messages.map((_, i) => i + 1));
    const kept = messages.map(({ body }) => body);
    for (const body of acknowledged) expect(kept.filter((one) => one === body)).toHaveLength(1);
  });
});
