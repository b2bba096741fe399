/** How small a piece may be, and how much room one person has. */
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ConversationFace } from '../../../../src/chat/ports.js';
import type { Principal } from '../../../../src/platform/principal.js';
import { waitFor } from '../../../support/index.js';
import { metadata, tus, uploadTo } from '../../../support/uploads.js';
import { FilesWorld } from './files-world.js';

const piece = 10_000;
let world: FilesWorld;
let ada: Principal;
let ben: Principal;
let team: ConversationFace;
beforeAll(async () => {
  world = await FilesWorld.open({ config: { CHAT_UPLOAD_PIECE_BYTES: piece, CHAT_FILE_BYTES_PER_PERSON: 100_000 } });
  [ada, ben] = [await world.person('Ada'), await world.person('Ben')];
  team = await world.office.conversation([ada, ben]);
});
afterAll(() => world?.close());
beforeEach(async () => {
  await world.office.database.query('delete from attachments');
});

const begin = (size: number, as = ada, body?: Uint8Array) =>
  tus(
    world.node,
    'POST',
    '/api/uploads',
    as.personId,
    { 'upload-length': String(size), 'upload-metadata': metadata({ conversationId: team.id, filename: 'plan.bin' }) },
    body,
  );
const begun = async (size: number): Promise<string> => (await begin(size)).headers.get('location') ?? '';
const patch = (path: string, offset: number, body: Uint8Array) =>
  tus(world.node, 'PATCH', path, ada.personId, { 'upload-offset': String(offset) }, body);
const offsetOf = async (path: string) => Number((await tus(world.node, 'HEAD', path, ada.personId)).headers.get('upload-offset'));
const refusal = async (response: Response): Promise<unknown> => {
  const { error } = JSON.parse(await response.text());
  return { status: response.status, code: error.code, message: error.message };
};
const blobsOf = async (path: string) => (await world.stored()).filter((key) => key.includes(path.split('/').at(-1) ?? '?'));

describe('A piece', () => {
  it('that is small is refused in words and kept nowhere, and the upload goes on with a larger one', async () => {
    const path = await begun(25_000);
    const bytes = randomBytes(25_000);
    for (const size of [1, piece - 1])
      expect(await refusal(await patch(path, 0, bytes.subarray(0, size)))).toMatchObject({
        status: 400,
        code: 'UPLOAD_PIECE_SMALL',
        message: expect.stringContaining('9.8 KiB'),
      });
    expect([await offsetOf(path), await blobsOf(path)]).toEqual([0, []]);
    expect((await patch(path, 0, bytes.subarray(0, piece))).status).toBe(204);
    expect(await refusal(await patch(path, piece, bytes.subarray(piece, piece + 5)))).toMatchObject({ code: 'UPLOAD_PIECE_SMALL' });
    expect((await patch(path, piece, bytes.subarray(piece, 24_999))).status).toBe(204);
    // The last one may be.
    expect((await patch(path, 24_999, bytes.subarray(24_999))).headers.get('upload-offset')).toBe('25000');
  });

  it('may be small where the file is', async () => {
    expect(await uploadTo(world.node, ada.personId, team.id, 'a.txt', Buffer.from('a'))).toMatchObject({ complete: true, size: 1 });
  });

  it('may bring nothing, as tus allows', async () => {
    const path = await begun(25_000);
    expect((await patch(path, 0, new Uint8Array())).status).toBe(204);
  });

  it('of which little came before the connection broke is sent again', async () => {
    const path = await begun(25_000);
    const broken = request(`${world.node.url}${path}`, {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${ada.personId}`,
        'tus-resumable': '1.0.0',
        'upload-offset': '0',
        'content-type': 'application/offset+octet-stream',
        'content-length': 25_000,
      },
    });
    broken.on('error', () => undefined);
    await new Promise<void>((resolve) => broken.write(randomBytes(100), () => resolve()));
    broken.destroy();
    expect((await patch(path, 0, randomBytes(25_000))).status).toBe(204);
    await waitFor(async () => (await blobsOf(path)).length === 1, 'one blob to be there');
  });
});

describe('The files of one person', () => {
  it('have so much room, sent or not, also when many begin at once', async () => {
    const sent = await uploadTo(world.node, ada.personId, team.id, 'a.bin', randomBytes(40_000));
    await world.send(ada, team, [sent.id]);
    const statuses = (await Promise.all([1, 2, 3].map(() => begin(30_000)))).map(({ status }) => status).sort();
    expect(statuses).toEqual([201, 201, 409]);
    expect(await refusal(await begin(1))).toMatchObject({
      status: 409,
      code: 'UPLOAD_STORAGE',
      message: expect.stringContaining('97.7 KiB'),
    });
    // Everybody has his own.
    expect((await begin(30_000, ben)).status).toBe(201);
  });

  it('get room again when a message is recalled', async () => {
    const sent = await uploadTo(world.node, ada.personId, team.id, 'a.bin', randomBytes(90_000));
    const message = await world.send(ada, team, [sent.id]);
    expect((await begin(20_000)).status).toBe(409);
    await world.recall(message);
    expect((await begin(20_000)).status).toBe(201);
  });

  it('take some room each, however small they are', async () => {
    for (let file = 0; file < 24; file += 1) expect((await begin(0, ada, new Uint8Array())).status).toBe(201);
    expect(await refusal(await begin(0))).toMatchObject({ code: 'UPLOAD_STORAGE' });
  });
});
