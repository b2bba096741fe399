/** A reader who is much too slow: he is closed by name, and misses nothing in the end. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SignedIn } from '../../support/api.js';
import { makeConversation, say } from '../../support/chat.js';
import { startTestServer, type TestServer } from '../../support/server.js';

describe.each(['uws', 'ws'] as const)('A reader who stands still (%s)', (library) => {
  let server: TestServer;
  let olivia: SignedIn;
  let ming: SignedIn;

  beforeAll(async () => {
    server = await startTestServer({
      GATEWAY_LIBRARY: library,
      SOCKET_BUFFER_BYTES: 524_288,
      SOCKET_REQUESTS_PER_SECOND: 10_000,
      SOCKET_REQUEST_BURST: 100_000,
      SOCKET_IN_FLIGHT: 1_000,
    });
    olivia = await server.setUpOwner('Olivia');
    ming = await server.invite(olivia, 'Ming');
  });
  afterAll(() => server?.close());

  it('is closed with a code that says so, and has everything once and in order when he has come back', async () => {
    const { id } = await makeConversation(server, olivia, [ming]);
    const writer = await server.connect(olivia.accessToken);
    const reader = await server.connect(ming.accessToken);
    const { conversations } = await reader.chat.sync({ only: [id] });
    const begin = conversations[0]?.cursor ?? 0;
    reader.pause();
    const body = 'x'.repeat(7_000);
    const written: number[] = [];
    // More than the buffers of both systems and the server's own take, and a little after it was closed.
    for (let after = 0; after < 3; ) {
      written.push(...(await Promise.all(Array.from({ length: 20 }, () => say(writer, id, body)))));
      if ((await server.metric('causeway_gateway_sockets')) === 1) after += 1;
    }
    reader.unpause();
    expect((await reader.closed).code).toBe(4008);

    const again = await reader.resume();
    const seen = new Map<number, string>();
    const take = (messages: readonly { number?: number | null; body?: string | null }[]): void => {
      for (const { number, body: text } of messages) seen.set(number ?? 0, text ?? '');
    };
    take(
      [...reader.events, ...again.events].flatMap(({ topic, chat }) =>
        topic === `conversation/${id}` && chat?.message ? [chat.message] : [],
      ),
    );
    // As a page does: from the number up to which it has everything without a hole.
    let cursor = begin;
    while (seen.has(cursor + 1)) cursor += 1;
    for (let more = true; more; ) {
      const reply = await again.chat.fetch({ conversationId: id, changedAfter: cursor, limit: 200 });
      take(reply.messages);
      ({ cursor, more } = reply);
    }
    expect([...seen.keys()].sort((a, b) => a - b)).toEqual(written.sort((a, b) => a - b));
    expect([...seen.values()].every((text) => text === body)).toBe(true);
    for (const client of [writer, again]) client.drop();
  });
});
