/** Files of messages: who may read them, how they are given out, forwarding and recall. */
import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { uploadSchema } from '../../../../src/chat/attachments/schema.js';
import type { ConversationFace } from '../../../../src/chat/ports.js';
import type { Principal } from '../../../../src/platform/principal.js';
import { waitFor } from '../../../support/index.js';
import { uploadTo } from '../../../support/uploads.js';
import { refusal } from '../office.js';
import { FilesWorld } from './files-world.js';

let world: FilesWorld;
let ada: Principal;
let ben: Principal;
let eve: Principal;
let team: ConversationFace;
let held = false;
beforeAll(async () => {
  world = await FilesWorld.open({ held: async () => held });
  [ada, ben, eve] = [await world.person('Ada'), await world.person('Ben'), await world.person('Eve')];
});
afterAll(() => world?.close());
beforeEach(async () => {
  held = false;
  team = await world.office.conversation([ada, ben]);
});

const get = (path: string, as: Principal, headers: Record<string, string> = {}) =>
  fetch(`${world.node.url}${path}`, { headers: { authorization: `Bearer ${as.personId}`, ...headers } });
const statusFor = async (id: string, as: Principal) => (await get(`/api/attachments/${id}`, as)).status;
const upload = (name: string, content: Uint8Array, as = ada, to = team) => uploadTo(world.node, as.personId, to.id, name, content);
const picture = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: '#07c' } });

describe('A file', () => {
  it('is its uploader’s alone until it is sent, then its conversation’s', async () => {
    const { id } = await upload('a.txt', Buffer.from('abc'));
    expect([await statusFor(id, ada), await statusFor(id, ben), await statusFor(id, eve)]).toEqual([200, 404, 404]);
    await world.send(ada, team, [id]);
    expect([await statusFor(id, ada), await statusFor(id, ben), await statusFor(id, eve)]).toEqual([200, 200, 404]);
  });

  it('of a message from before somebody joined stays hidden from him', async () => {
    const { id } = await upload('a.txt', Buffer.from('abc'));
    const { number } = await world.send(ada, team, [id]);
    await world.office.join(team.id, eve.personId);
    await world.office.database.query('update conversation_members set visible_after = $3 where conversation_id = $1 and person_id = $2', [
      team.id,
      eve.personId,
      number,
    ]);
    world.members.forget(team.id);
    expect(await statusFor(id, eve)).toBe(404);
    const later = await upload('b.txt', Buffer.from('abc'));
    await world.send(ada, team, [later.id]);
    expect(await statusFor(later.id, eve)).toBe(200);
  });

  it('is no longer there for who has left', async () => {
    const { id } = await upload('a.txt', Buffer.from('abc'));
    await world.send(ada, team, [id]);
    await world.office.database.query('delete from conversation_members where conversation_id = $1 and person_id = $2', [
      team.id,
      ben.personId,
    ]);
    world.members.forget(team.id);
    expect(await statusFor(id, ben)).toBe(404);
  });

  it('can be sent once, complete, by its uploader, in its conversation', async () => {
    const { desk } = world.node.part;
    const other = await world.office.conversation([ada, ben]);
    const { id } = await upload('a.txt', Buffer.from('abc'));
    const half = await world.node.part.uploads.create(ada, {
      conversationId: team.id,
      size: 5,
      name: 'half',
      type: 'text/plain',
      acknowledged: false,
      reason: '',
    });
    await expect(desk.forMessage(ben, team.id, [id])).rejects.toEqual(refusal('CHAT_ATTACHMENT'));
    await expect(desk.forMessage(ada, other.id, [id])).rejects.toEqual(refusal('CHAT_ATTACHMENT'));
    await expect(desk.forMessage(ada, team.id, [half.attachment.id])).rejects.toEqual(refusal('CHAT_ATTACHMENT'));
    await expect(desk.forMessage(ada, team.id, ['nonsense'])).rejects.toEqual(refusal('CHAT_ATTACHMENT'));
    const stored = await desk.forMessage(ada, team.id, [id]);
    expect(stored).toEqual([expect.objectContaining({ id, name: 'a.txt', size: 3, preview: false })]);
    await world.store(ada, team, stored);
    await expect(world.store(ada, team, stored)).rejects.toEqual(refusal('CHAT_ATTACHMENT'));
    await expect(desk.forMessage(ada, team.id, [id])).rejects.toEqual(refusal('CHAT_ATTACHMENT'));
    expect((await get(`/api/uploads/${id}`, ada)).status).toBe(404);
  });
});

describe('A download', () => {
  it('is saved under its name, runs nothing, and says nothing of its type that could', async () => {
    const page = Buffer.from('<!doctype html><script>alert(1)</script>');
    const { id, type } = await upload('報告 "final".html', page);
    expect(type).toBe('text/html');
    for (const path of [`/api/attachments/${id}`, `/api/attachments/${id}?inline=1`]) {
      const answer = await get(path, ada);
      const { headers } = answer;
      expect(headers.get('content-disposition')).toBe(
        `attachment; filename="__ final.html"; filename*=UTF-8''%E5%A0%B1%E5%91%8A%20final.html`,
      );
      expect(headers.get('content-type')).toBe('application/octet-stream');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*sandbox/);
      expect(Buffer.from(await answer.arrayBuffer())).toEqual(page);
    }
  });

  it.each([
    ['a.png', () => picture(10, 10).png().toBuffer(), 'image/png', 'inline'],
    ['a.jpg', () => picture(10, 10).jpeg().toBuffer(), 'image/jpeg', 'inline'],
    ['a.pdf', async () => Buffer.from('%PDF-1.7\n%%EOF'), 'application/pdf', 'inline'],
    [
      'a.svg',
      async () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
      'application/octet-stream',
      'attachment',
    ],
    ['a.png', async () => Buffer.from('<html><script>alert(1)</script></html>'), 'application/octet-stream', 'attachment'],
    ['a.txt', async () => Buffer.from('just text'), 'text/plain; charset=utf-8', 'attachment'],
  ] as const)('that is asked for to be shown is shown when it is safe: %s', async (name, make, type, disposition) => {
    const { id } = await upload(name, await make());
    const { headers } = await get(`/api/attachments/${id}?inline=1`, ada);
    expect([headers.get('content-type'), headers.get('content-disposition')?.split(';')[0]]).toEqual([type, disposition]);
  });

  it('may begin anywhere, so that sound and video can be wound', async () => {
    const bytes = randomBytes(1_000);
    const { id } = await upload('a.mp4', bytes);
    const part = async (range: string, more: Record<string, string> = {}) => {
      const answer = await get(`/api/attachments/${id}`, ada, { range, ...more });
      return [answer.status, answer.headers.get('content-range'), Buffer.from(await answer.arrayBuffer()).toString('hex')];
    };
    expect(await part('bytes=100-199')).toEqual([206, 'bytes 100-199/1000', bytes.subarray(100, 200).toString('hex')]);
    expect(await part('bytes=900-')).toEqual([206, 'bytes 900-999/1000', bytes.subarray(900).toString('hex')]);
    expect(await part('bytes=-50')).toEqual([206, 'bytes 950-999/1000', bytes.subarray(950).toString('hex')]);
    expect((await part('bytes=1000-')).slice(0, 2)).toEqual([416, 'bytes */1000']);
    expect((await part('bytes=0-1,5-6'))[0]).toBe(200);
    expect((await part('bytes=0-9', { 'if-range': '"another"' }))[0]).toBe(200);
  });

  it('that the browser has already is not sent again, while it may be seen', async () => {
    const { id, sha256 } = await upload('a.txt', Buffer.from('abc'));
    const first = await get(`/api/attachments/${id}`, ada);
    expect([first.headers.get('etag'), first.headers.get('cache-control')]).toEqual([`"${sha256}"`, 'private, no-cache']);
    expect((await get(`/api/attachments/${id}`, ada, { 'if-none-match': `"${sha256}"` })).status).toBe(304);
    expect((await get(`/api/attachments/${id}`, eve, { 'if-none-match': `"${sha256}"` })).status).toBe(404);
  });
});

describe('A picture', () => {
  it('has a preview of at most 480 pixels, its size as it is seen, and nothing in it of where it was taken', async () => {
    const photo = await picture(1_200, 600)
      .withExif({ IFD0: { Make: 'Secret Camera' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '22/1 17/1 0/1' } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const { id, ...rest } = await upload('photo.jpg', photo);
    expect(rest).toMatchObject({ type: 'image/jpeg', width: 600, height: 1_200, preview: true });
    const answer = await get(`/api/attachments/${id}/preview`, ada);
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('content-disposition')]).toEqual([
      200,
      'image/webp',
      'inline',
    ]);
    const preview = Buffer.from(await answer.arrayBuffer());
    const seen = await sharp(preview).metadata();
    expect([seen.width, seen.height, seen.format, seen.exif, seen.orientation]).toEqual([240, 480, 'webp', undefined, undefined]);
    expect(preview.includes('Secret')).toBe(false);
    expect((await get(`/api/attachments/${id}/preview`, ada, { 'if-none-match': answer.headers.get('etag') ?? '' })).status).toBe(304);
    expect((await get(`/api/attachments/${id}/preview`, eve)).status).toBe(404);
  });

  it.each([
    ['cut off', async () => (await picture(400, 400).png().toBuffer()).subarray(0, 300)],
    ['of noise', async () => Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), randomBytes(2_000)])],
    ['that claims to be huge', async () => hugePng()],
    [
      'that is SVG inside',
      async () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>'),
    ],
  ])('%s is a file without a preview', async (_what, make) => {
    const answer = await upload('bad.png', await make());
    expect(answer).toMatchObject({ complete: true, preview: false, width: 0, height: 0 });
    expect((await get(`/api/attachments/${answer.id}/preview`, ada)).status).toBe(404);
    expect(await statusFor(answer.id, ada)).toBe(200);
  });

  it.each(['png', 'webp', 'gif', 'avif'] as const)('may be a %s', async (format) => {
    const answer = await upload(`a.${format}`, await picture(60, 40).toFormat(format).toBuffer());
    expect(answer).toMatchObject({ type: `image/${format}`, width: 60, height: 40, preview: true });
  });

  it('among many waits its turn, and all have their previews in the end', async () => {
    const photo = await picture(800, 800).jpeg().toBuffer();
    const made = await Promise.all(Array.from({ length: 8 }, (_, index) => upload(`${index}.jpg`, photo)));
    for (const { id } of made)
      await waitFor(
        async () => (await world.node.get(uploadSchema, 'GET', `/api/uploads/${id}`, undefined, ada.personId)).preview,
        'a preview',
      );
  });
});

describe('A forwarded message', () => {
  it('takes its files along, without their bytes being kept twice', async () => {
    const { desk } = world.node.part;
    const { id } = await upload('a.txt', Buffer.from('abc'));
    const message = await world.send(ada, team, [id]);
    const other = await world.office.conversation([ben, eve]);
    const before = await world.stored();
    const copies = await desk.copyForForward(ben, message, other.id);
    expect(copies).toEqual([{ ...message.extra?.attachments?.[0], id: expect.not.stringMatching(id) }]);
    await world.store(ben, other, copies);
    expect(await statusFor(copies[0]?.id ?? '', eve)).toBe(200);
    expect(await statusFor(copies[0]?.id ?? '', ada)).toBe(404);
    expect(await world.stored()).toEqual(before);
  });

  it('keeps its files when the first one is recalled', async () => {
    const { desk } = world.node.part;
    const { id } = await upload('a.txt', Buffer.from('abc'));
    const message = await world.send(ada, team, [id]);
    const other = await world.office.conversation([ben, eve]);
    const copy = await world.store(ben, other, await desk.copyForForward(ben, message, other.id));
    await world.recall(message);
    await world.node.part.tidyUp();
    const copyId = copy.extra?.attachments?.[0]?.id ?? '';
    expect([await statusFor(id, ada), await statusFor(copyId, eve)]).toEqual([404, 200]);
    await world.recall(copy);
    await world.node.part.tidyUp();
    expect((await world.stored()).filter((key) => key.includes(id))).toEqual([]);
  });

  it('of a message that was recalled meanwhile is refused', async () => {
    const { id } = await upload('a.txt', Buffer.from('abc'));
    const message = await world.send(ada, team, [id]);
    await world.recall(message);
    await expect(world.node.part.desk.copyForForward(ada, message, team.id)).rejects.toEqual(refusal('CHAT_ATTACHMENT'));
  });
});

describe('A recalled message', () => {
  it('takes its files with it, bytes and preview', async () => {
    const { id } = await upload('a.png', await picture(50, 50).png().toBuffer());
    const message = await world.send(ada, team, [id]);
    expect((await world.stored()).filter((key) => key.includes(id))).toHaveLength(2);
    await world.recall(message);
    expect([await statusFor(id, ada), await statusFor(id, ben)]).toEqual([404, 404]);
    await waitFor(async () => !(await world.stored()).some((key) => key.includes(id)), 'the bytes to go');
  });

  it('under a hold keeps its files where nobody reads them, until the hold ends', async () => {
    const { id } = await upload('a.txt', Buffer.from('abc'));
    const message = await world.send(ada, team, [id]);
    held = true;
    await world.recall(message);
    await world.node.part.tidyUp();
    expect([await statusFor(id, ada), (await world.stored()).filter((key) => key.includes(id)).length]).toEqual([404, 1]);
    held = false;
    await world.node.part.tidyUp();
    expect((await world.stored()).filter((key) => key.includes(id))).toEqual([]);
  });
});

it('A conversation that is deleted takes its files with it', async () => {
  const { id } = await upload('a.txt', Buffer.from('abc'));
  await world.send(ada, team, [id]);
  const half = await world.node.part.uploads.create(ada, {
    conversationId: team.id,
    size: 5,
    name: 'half',
    type: 'text/plain',
    acknowledged: false,
    reason: '',
  });
  await world.office.database.query('delete from messages where conversation_id = $1', [team.id]);
  await world.office.database.query('delete from conversations where id = $1', [team.id]);
  world.members.forget(team.id);
  await world.node.part.tidyUp();
  expect((await world.stored()).filter((key) => key.includes(id) || key.includes(half.attachment.id))).toEqual([]);
});

/** A valid head that says 60,000 by 60,000 pixels. */
function hugePng(): Buffer {
  const head = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
  const size = Buffer.alloc(17);
  size.writeUInt32BE(60_000, 0);
  size.writeUInt32BE(60_000, 4);
  size.writeUInt8(8, 8);
  return Buffer.concat([head, size, Buffer.alloc(64)]);
}
