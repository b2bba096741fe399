/** Uploads: the protocol, breaks, several nodes, limits, guards, and what is cleared away. */
import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { unsentMs } from '../../../../src/chat/attachments/uploads.js';
import type { ConversationFace } from '../../../../src/chat/ports.js';
import { CausewayError } from '../../../../src/platform/errors.js';
import type { Principal } from '../../../../src/platform/principal.js';
import { waitFor } from '../../../support/index.js';
import { metadata, tus, uploadTo } from '../../../support/uploads.js';
import { FilesWorld } from './files-world.js';

let world: FilesWorld;
let ada: Principal;
let ben: Principal;
let eve: Principal;
let team: ConversationFace;
beforeAll(async () => {
  world = await FilesWorld.open({
    config: { CHAT_ATTACHMENT_BYTES: 40_000_000, CHAT_UNSENT_BYTES: 100_000_000, CHAT_UPLOAD_PIECE_BYTES: 1 },
  });
  [ada, ben, eve] = [await world.person('Ada'), await world.person('Ben'), await world.person('Eve')];
  team = await world.office.conversation([ada, ben]);
});
afterAll(() => world?.close());
beforeEach(async () => {
  world.refuse = () => undefined;
  world.asked.length = 0;
  await world.office.database.query('delete from attachments');
});

const begin = (size: number | string, more: Record<string, string> = {}, as = ada) =>
  tus(world.node, 'POST', '/api/uploads', as.personId, {
    'upload-length': String(size),
    'upload-metadata': metadata({ conversationId: team.id, filename: 'plan.bin', ...more }),
  });
const begun = async (size: number): Promise<string> => (await begin(size)).headers.get('location') ?? '';
const patch = (path: string, offset: number, body: Uint8Array, as = ada, node = world.node) =>
  tus(node, 'PATCH', path, as.personId, { 'upload-offset': String(offset) }, body);
const head = (path: string, as = ada, node = world.node) => tus(node, 'HEAD', path, as.personId);
const codeOf = async (response: Response): Promise<[number, unknown]> => {
  const { error } = JSON.parse(await response.text());
  return [response.status, error.code];
};
const hex = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const download = async (id: string, as = ada) =>
  Buffer.from(
    await (await fetch(`${world.node.url}/api/attachments/${id}`, { headers: { authorization: `Bearer ${as.personId}` } })).arrayBuffer(),
  );
const idOf = (path: string) => path.split('/').at(-1) ?? '';

describe('An upload', () => {
  it('begins, goes on in pieces and ends with its hash and its real type', async () => {
    const bytes = Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(5_000)]);
    const made = await begin(bytes.length, { filename: 'plan.exe', filetype: 'application/x-msdownload' });
    expect([made.status, made.headers.get('tus-resumable'), made.headers.get('upload-offset')]).toEqual([201, '1.0.0', '0']);
    expect(Date.parse(made.headers.get('upload-expires') ?? '')).toBeGreaterThan(Date.now());
    const path = made.headers.get('location') ?? '';
    const first = await patch(path, 0, bytes.subarray(0, 2_000));
    expect([first.status, first.headers.get('upload-offset')]).toEqual([204, '2000']);
    const asked = await head(path);
    expect([
      asked.status,
      asked.headers.get('upload-offset'),
      asked.headers.get('upload-length'),
      asked.headers.get('cache-control'),
    ]).toEqual([200, '2000', String(bytes.length), 'no-store']);
    expect((await patch(path, 2_000, bytes.subarray(2_000))).headers.get('upload-offset')).toBe(String(bytes.length));
    const { body } = await world.node.api('GET', path, undefined, ada.personId);
    expect(body).toMatchObject({ name: 'plan.exe', type: 'application/pdf', size: bytes.length, complete: true, sha256: hex(bytes) });
    expect(hex(await download(idOf(path)))).toBe(hex(bytes));
  });

  it('may bring everything with its first call, or be empty', async () => {
    const full = await uploadTo(world.node, ada.personId, team.id, 'a.txt', Buffer.from('你好'));
    expect(full).toMatchObject({ complete: true, size: 6, type: 'text/plain', name: 'a.txt' });
    const empty = await uploadTo(world.node, ada.personId, team.id, 'empty.txt', new Uint8Array());
    expect(empty).toMatchObject({ complete: true, size: 0, sha256: hex(new Uint8Array()) });
    expect(await download(empty.id)).toHaveLength(0);
  });

  it('larger than a part is put together from parts, and the parts are cleared away', async () => {
    const bytes = randomBytes(36_000_000);
    const path = await begun(bytes.length);
    await patch(path, 0, bytes.subarray(0, 20_000_000));
    await patch(path, 20_000_000, bytes.subarray(20_000_000));
    expect(hex(await download(idOf(path)))).toBe(hex(bytes));
    await waitFor(
      async () => (await world.stored()).filter((key) => key.includes(idOf(path))).length === 1,
      'the parts to be cleared away',
    );
  });

  it('keeps what came before the connection broke, and goes on from there on another node', async () => {
    const bytes = randomBytes(3_000_000);
    const path = await begun(bytes.length);
    const broken = request(`${world.node.url}${path}`, {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${ada.personId}`,
        'tus-resumable': '1.0.0',
        'upload-offset': '0',
        'content-type': 'application/offset+octet-stream',
        'content-length': bytes.length,
      },
    });
    broken.on('error', () => undefined);
    await new Promise<void>((resolve) => broken.write(bytes.subarray(0, 1_000_000), () => resolve()));
    broken.destroy();
    const other = await world.anotherNode();
    const kept = async () => Number((await head(path, ada, other)).headers.get('upload-offset'));
    const offset = await waitFor(async () => (await kept()) > 0 && kept(), 'bytes to be kept');
    expect(offset).toBeLessThanOrEqual(1_000_000);
    expect((await patch(path, offset, bytes.subarray(offset), ada, other)).status).toBe(204);
    expect(hex(await download(idOf(path)))).toBe(hex(bytes));
  });

  it('takes bytes from one of two writers at the same place, and refuses the other', async () => {
    const [one, two] = [randomBytes(500_000), randomBytes(500_000)];
    const path = await begun(500_000);
    const other = await world.anotherNode();
    const statuses = (await Promise.all([patch(path, 0, one), patch(path, 0, two, ada, other)])).map(({ status }) => status).sort();
    expect(statuses).toEqual([204, 409]);
    expect([hex(one), hex(two)]).toContain(hex(await download(idOf(path))));
  });

  it('goes on only where it stands', async () => {
    const path = await begun(10);
    expect(await codeOf(await patch(path, 5, Buffer.from('abcde')))).toEqual([409, 'UPLOAD_OFFSET']);
    await patch(path, 0, Buffer.from('abcde'));
    expect(await codeOf(await patch(path, 0, Buffer.from('abcde')))).toEqual([409, 'UPLOAD_OFFSET']);
    expect((await head(path)).headers.get('upload-offset')).toBe('5');
  });

  it('takes no more than it said', async () => {
    const path = await begun(4);
    expect(await codeOf(await patch(path, 0, Buffer.from('abcdefgh')))).toEqual([413, 'UPLOAD_TOO_LARGE']);
  });

  it('whose end nobody lived to see is completed when it is asked about', async () => {
    const bytes = randomBytes(1_000);
    const path = await begun(bytes.length);
    const { key } = await world.blobs.put(`attachments/${idOf(path)}/part`, bytes);
    await world.office.database.query('insert into upload_parts (org_id, attachment_id, start, size, key) values ($1, $2, 0, $3, $4)', [
      ada.orgId,
      idOf(path),
      bytes.length,
      key,
    ]);
    const both = await Promise.all([head(path), head(path), (await world.anotherNode()) && head(path)]);
    expect(both.map((answer) => answer.headers.get('upload-offset'))).toEqual(['1000', '1000', '1000']);
    const { body } = await world.node.api('GET', path, undefined, ada.personId);
    expect(body).toMatchObject({ complete: true, sha256: hex(bytes) });
  });

  it('says what the server speaks', async () => {
    const answer = await fetch(`${world.node.url}/api/uploads`, { method: 'OPTIONS' });
    expect([answer.status, answer.headers.get('tus-version'), answer.headers.get('tus-max-size')]).toEqual([204, '1.0.0', '40000000']);
    expect(answer.headers.get('tus-extension')).toContain('creation');
  });

  it('can be taken back, complete or not, and nothing of it stays', async () => {
    const half = await begun(10);
    await patch(half, 0, Buffer.from('abcde'));
    const full = await uploadTo(world.node, ada.personId, team.id, 'a.txt', Buffer.from('abc'));
    for (const path of [half, `/api/uploads/${full.id}`]) {
      expect((await tus(world.node, 'DELETE', path, ada.personId)).status).toBe(204);
      expect((await head(path)).status).toBe(404);
    }
    await waitFor(async () => !(await world.stored()).some((key) => key.includes(full.id) || key.includes(idOf(half))), 'the bytes to go');
  });
});

describe('An upload is refused', () => {
  it('to who is not in the conversation, or whom it does not belong to', async () => {
    expect(await codeOf(await begin(5, {}, eve))).toEqual([404, 'CHAT_NOT_FOUND']);
    expect(await codeOf(await begin(5, { conversationId: 'nonsense' }))).toEqual([404, 'CHAT_NOT_FOUND']);
    const path = await begun(5);
    for (const stranger of [ben, eve]) {
      expect((await head(path, stranger)).status).toBe(404);
      expect(await codeOf(await patch(path, 0, Buffer.from('abcde'), stranger))).toEqual([404, 'UPLOAD_NOT_FOUND']);
      expect(await codeOf(await tus(world.node, 'DELETE', path, stranger.personId))).toEqual([404, 'UPLOAD_NOT_FOUND']);
    }
    expect((await head(path)).headers.get('upload-offset')).toBe('0');
  });

  it('in a conversation that is archived, or where one may not write', async () => {
    const old = await world.office.conversation([ada]);
    await world.office.database.query('update conversations set archived_at = now() where id = $1', [old.id]);
    expect(await codeOf(await begin(5, { conversationId: old.id }))).toEqual([409, 'CHAT_ARCHIVED']);
    const news = await world.office.conversation([ada, ben], { kind: 'announcement' });
    expect(await codeOf(await begin(5, { conversationId: news.id }, ben))).toEqual([403, 'CHAT_FORBIDDEN']);
  });

  it('when it is too large', async () => {
    expect(await codeOf(await begin(40_000_001))).toEqual([413, 'UPLOAD_TOO_LARGE']);
    expect((await begin(40_000_000)).status).toBe(201);
  });

  it('when too much is not sent yet, also when many begin at once', async () => {
    const statuses = (await Promise.all(Array.from({ length: 4 }, () => begin(30_000_000)))).map(({ status }) => status).sort();
    expect(statuses).toEqual([201, 201, 201, 409]);
    expect(await codeOf(await begin(30_000_000))).toEqual([409, 'UPLOAD_QUOTA']);
    // Everybody has his own.
    expect((await begin(30_000_000, {}, ben)).status).toBe(201);
  });

  it('when one person sends too many pieces at once, and the next ones may come when these are through', async () => {
    const paths = await Promise.all(Array.from({ length: 17 }, () => begun(10)));
    const release: (() => void)[] = [];
    const slow = paths.slice(0, 16).map((path) => {
      const body = new ReadableStream({
        start: (controller) => {
          controller.enqueue(Buffer.from('abcde'));
          release.push(() => {
            controller.enqueue(Buffer.from('fghij'));
            controller.close();
          });
        },
      });
      return tus(world.node, 'PATCH', path, ada.personId, { 'upload-offset': '0' }, body);
    });
    const last = paths[16] ?? '';
    await waitFor(async () => {
      const begunParts = await world.office.database.query(
        `select 1 from unneeded_blobs where split_part(key, '/', 2) = any($1) and due_at > now()`,
        [paths.map(idOf)],
      );
      return begunParts.length === 16;
    }, 'sixteen pieces to be on their way');
    expect(await codeOf(await patch(last, 0, Buffer.from('abcdefghij')))).toEqual([429, 'REQUEST_RATE']);
    for (const go of release) go();
    expect((await Promise.all(slow)).map(({ status }) => status)).toEqual(slow.map(() => 204));
    expect((await patch(last, 0, Buffer.from('abcdefghij'))).status).toBe(204);
  });

  it.each<[string, Record<string, string>, number]>([
    ['another version', { 'tus-resumable': '0.2.2' }, 412],
    ['no length', { 'upload-length': '' }, 400],
    ['a negative length', { 'upload-length': '-5' }, 400],
    ['an absurd length', { 'upload-length': '99999999999999999999' }, 400],
    ['a length that is no number', { 'upload-length': '5e3' }, 400],
    ['no metadata', { 'upload-metadata': '' }, 400],
    ['metadata that is no Base64', { 'upload-metadata': 'conversationId $$$' }, 400],
    ['metadata that is no UTF-8', { 'upload-metadata': `conversationId ${Buffer.from([0xff, 0xfe]).toString('base64')}` }, 400],
    ['a type that is none', { 'upload-metadata': metadata({ conversationId: 'x', filetype: 'text/html\r\nx: y' }) }, 400],
    ['endless metadata', { 'upload-metadata': metadata({ conversationId: 'x', filename: 'a'.repeat(7_000) }) }, 400],
  ])('for %s', async (_what, headers, status) => {
    const sent = { 'upload-length': '5', 'upload-metadata': metadata({ conversationId: team.id }), ...headers };
    expect((await tus(world.node, 'POST', '/api/uploads', ada.personId, sent)).status).toBe(status);
  });

  it('never for a NUL in a name or a reason, which is left out', async () => {
    const made = await uploadTo(world.node, ada.personId, team.id, 'a\0b.txt', Buffer.from('abc'), { reason: 'be\0cause' });
    expect([made.name, world.asked[0]?.reason]).toEqual(['ab.txt', 'because']);
  });

  it('for a piece that is no bytes', async () => {
    const path = await begun(5);
    for (const [type, body] of [
      ['application/json', '{}'],
      ['text/plain', 'abcde'],
      ['multipart/form-data; boundary=x', '--x--'],
    ] as const) {
      const answer = await tus(world.node, 'PATCH', path, ada.personId, { 'upload-offset': '0', 'content-type': type }, Buffer.from(body));
      expect([type, answer.status]).toEqual([type, 400]);
    }
    expect((await tus(world.node, 'PATCH', path, ada.personId, {}, Buffer.from('abcde'))).status).toBe(400);
    expect((await head(path)).headers.get('upload-offset')).toBe('0');
  });

  it('when it is not there', async () => {
    expect((await head('/api/uploads/0192f0c0-0000-7000-8000-000000000000')).status).toBe(404);
    expect((await head('/api/uploads/nonsense')).status).toBe(400);
  });
});

describe('Guards of an upload', () => {
  it('are asked at its beginning with what is claimed, and at its end with what it is', async () => {
    const bytes = Buffer.concat([Buffer.from([0x50, 0x4b, 3, 4]), randomBytes(200)]);
    await uploadTo(world.node, ada.personId, team.id, 'photo.png', bytes, {
      filetype: 'image/png',
      acknowledged: 'true',
      reason: 'client asked',
    });
    expect(
      world.asked.map(({ purpose, attachments, acknowledged, reason, conversation }) => [
        purpose,
        attachments[0]?.type,
        acknowledged,
        reason,
        conversation.id,
      ]),
    ).toEqual([
      ['upload', 'image/png', true, 'client asked', team.id],
      ['upload', 'application/zip', true, 'client asked', team.id],
    ]);
    expect(world.asked[0]?.attachments[0]).toMatchObject({ name: 'photo.png', size: bytes.length });
  });

  it('refuse it before a byte is stored', async () => {
    world.refuse = () => {
      throw new CausewayError('CHAT_DLP_BLOCKED', { fill: { rule: 'no files', what: 'a file' } });
    };
    const before = await world.stored();
    expect(await codeOf(await begin(5))).toEqual([403, 'CHAT_DLP_BLOCKED']);
    expect(await world.stored()).toEqual(before);
  });

  it('refuse it when it turns out to be something else, and nothing of it is kept', async () => {
    world.refuse = ({ attachments }) => {
      if (attachments[0]?.type === 'application/zip')
        throw new CausewayError('CHAT_DLP_BLOCKED', { fill: { rule: 'no archives', what: 'an archive' } });
    };
    const made = await begin(104, { filename: 'photo.png', filetype: 'image/png' });
    const path = made.headers.get('location') ?? '';
    const zip = Buffer.concat([Buffer.from([0x50, 0x4b, 3, 4]), randomBytes(100)]);
    await patch(path, 0, zip.subarray(0, 50));
    expect(await codeOf(await patch(path, 50, zip.subarray(50)))).toEqual([403, 'CHAT_DLP_BLOCKED']);
    expect((await head(path)).status).toBe(404);
    expect((await world.stored()).filter((key) => key.includes(idOf(path)))).toEqual([]);
  });
});

describe('What is not sent', () => {
  it('is removed after a day, complete or not; what is sent stays', async () => {
    const half = await begun(10);
    await patch(half, 0, Buffer.from('abcde'));
    const full = await uploadTo(world.node, ada.personId, team.id, 'a.txt', Buffer.from('abc'));
    const sent = await uploadTo(world.node, ada.personId, team.id, 'b.txt', Buffer.from('def'));
    await world.send(ada, team, [sent.id]);
    world.office.now += unsentMs - 60_000;
    await world.node.part.uploads.removeUnsent();
    expect((await head(half)).status).toBe(200);
    world.office.now += 120_000;
    await world.node.part.uploads.removeUnsent();
    expect([(await head(half)).status, (await head(`/api/uploads/${full.id}`)).status]).toEqual([404, 404]);
    await waitFor(async () => !(await world.stored()).some((key) => key.includes(full.id) || key.includes(idOf(half))), 'the bytes to go');
    expect(await download(sent.id)).toEqual(Buffer.from('def'));
  });

  it('and never got a row is found and removed, too', async () => {
    const desk = await world.blobs.put('attachments/0192f0c0-0000-7000-8000-000000000000/stray', Buffer.from('abc'));
    await world.office.database.query(`insert into unneeded_blobs (key, due_at) values ($1, now() - interval '1 minute')`, [desk.key]);
    const kept = await uploadTo(world.node, ada.personId, team.id, 'kept.txt', Buffer.from('kept'));
    world.office.now += 48 * 3_600_000;
    await world.node.part.tidyUp();
    expect(await world.blobs.stat(desk.key)).toBeNull();
    expect(await world.stored()).not.toContain(desk.key);
    expect(await world.office.database.query('select 1 from attachments where id = $1', [kept.id])).toEqual([]);
  });
});

it('The store gives back what came, byte for byte, also from the middle', async () => {
  const bytes = randomBytes(100_000);
  const { id } = await uploadTo(world.node, ada.personId, team.id, 'a.bin', bytes);
  const file = await world.node.part.desk.open(ada, id);
  const part = await file.read({ start: 1_000, end: 1_999 });
  expect(part && (await buffer(part))).toEqual(bytes.subarray(1_000, 2_000));
});
