/** Files in conversations of a whole server: sent, seen, forwarded, recalled. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { causeway } from '#proto';
import type { SignedIn } from '../../../support/api.js';
import { makeConversation, readAll, say } from '../../../support/chat.js';
import type { SocketClient } from '../../../support/index.js';
import { startTestServer, type TestServer } from '../../../support/server.js';
import { uploadTo } from '../../../support/uploads.js';

let server: TestServer;
let olivia: SignedIn;
let ben: SignedIn;
let olivias: SocketClient;
let bens: SocketClient;
let team: string;
beforeAll(async () => {
  server = await startTestServer();
  olivia = await server.setUpOwner();
  ben = await server.invite(olivia, 'Ben');
  ({ id: team } = await makeConversation(server, olivia, [ben]));
  [olivias, bens] = [await server.connect(olivia.accessToken), await server.connect(ben.accessToken)];
});
afterAll(async () => {
  olivias?.close();
  bens?.close();
  await server?.close();
});

const upload = (by: SignedIn, name: string, content = `the bytes of ${name}`) =>
  uploadTo(server, by.accessToken, team, name, Buffer.from(content));
const file = (by: SignedIn, id: string) => server.api('GET', `/api/attachments/${id}`, undefined, by.accessToken);
const seen = async (as: SocketClient, number: number, conversationId = team): Promise<causeway.ChatMessage.$Properties | undefined> =>
  (await readAll(as, conversationId)).find((one) => one.number === number);

describe('A file', () => {
  it('is sent with a message, or alone, and read by the others', async () => {
    const [plan, notes] = [await upload(olivia, 'plan.txt'), await upload(olivia, 'notes.txt')];
    const number = await say(olivias, team, '', { attachmentIds: [plan.id, notes.id] });
    const message = await seen(bens, number);
    expect(message?.attachments?.map(({ id, name, type, size, sha256 }) => [id, name, type, size, sha256])).toEqual([
      [plan.id, 'plan.txt', 'text/plain', plan.size, plan.sha256],
      [notes.id, 'notes.txt', 'text/plain', notes.size, notes.sha256],
    ]);
    expect(await file(ben, plan.id)).toMatchObject({ status: 200, body: 'the bytes of plan.txt' });
  });

  it('is sent once, and only by who uploaded it', async () => {
    const { id } = await upload(olivia, 'once.txt');
    await expect(say(bens, team, 'mine', { attachmentIds: [id] })).rejects.toMatchObject({ code: 'CHAT_ATTACHMENT' });
    await say(olivias, team, 'first', { attachmentIds: [id] });
    await expect(say(olivias, team, 'second', { attachmentIds: [id] })).rejects.toMatchObject({ code: 'CHAT_ATTACHMENT' });
    await expect(say(olivias, team, 'none', { attachmentIds: ['nonsense'] })).rejects.toMatchObject({ code: 'CHAT_ATTACHMENT' });
  });

  it('that many send at once belongs to one message', async () => {
    const { id } = await upload(olivia, 'race.txt');
    const sent = await Promise.allSettled(Array.from({ length: 5 }, (_, index) => say(olivias, team, `${index}`, { attachmentIds: [id] })));
    expect(sent.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await readAll(bens, team)).filter(({ attachments }) => attachments?.some((one) => one.id === id))).toHaveLength(1);
  });

  it('goes on with a message that is forwarded, and stays there when the first is recalled', async () => {
    const { id } = await upload(olivia, 'forward.txt');
    const number = await say(olivias, team, 'look', { attachmentIds: [id] });
    const own = await makeConversation(server, ben, []);
    const forwarded = await say(bens, own.id, '', { forward: { conversationId: team, number } });
    const copy = (await seen(bens, forwarded, own.id))?.attachments?.[0];
    expect(copy).toMatchObject({ name: 'forward.txt' });
    expect(copy?.id).not.toBe(id);
    expect((await file(olivia, copy?.id ?? '')).status).toBe(404);
    await olivias.chat.recall({ conversationId: team, number });
    expect((await file(ben, id)).status).toBe(404);
    expect(await file(ben, copy?.id ?? '')).toMatchObject({ status: 200, body: 'the bytes of forward.txt' });
  });

  it('goes with the message that is recalled', async () => {
    const { id } = await upload(olivia, 'recalled.txt');
    const number = await say(olivias, team, 'look', { attachmentIds: [id] });
    await olivias.chat.recall({ conversationId: team, number });
    expect([(await file(olivia, id)).status, (await file(ben, id)).status]).toEqual([404, 404]);
    expect((await seen(bens, number))?.attachments).toEqual([]);
  });

  it('whose name is made to harm is harmless', async () => {
    const { id, name } = await upload(olivia, '../<img src=x onerror=alert(1)>\u202egnp.exe');
    await say(olivias, team, '', { attachmentIds: [id] });
    expect(name).toBe('img src=x onerror=alert(1)gnp.exe');
    const { headers } = await file(ben, id);
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="[\w =().]+"; /);
  });
});
