/** The protocol's own reference client against our server, over a folder and over S3. */
import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { Upload, type UploadOptions } from 'tus-js-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uploadSchema } from '../../../../src/chat/attachments/schema.js';
import type { ConversationFace } from '../../../../src/chat/ports.js';
import type { Principal } from '../../../../src/platform/principal.js';
import { type S3Server, startS3, waitFor } from '../../../support/index.js';
import { FilesWorld } from './files-world.js';

describe.each(['folder', 'S3'] as const)('The reference client of tus, with blobs in a store of kind %s,', (store) => {
  let s3: S3Server | undefined;
  let world: FilesWorld;
  let ada: Principal;
  let team: ConversationFace;
  beforeAll(async () => {
    s3 = store === 'S3' ? await startS3() : undefined;
    world = await FilesWorld.open({ config: { ...s3?.settings } });
    ada = await world.person('Ada');
    team = await world.office.conversation([ada]);
  });
  afterAll(async () => {
    await world?.close();
    await s3?.stop();
  });

  const upload = (content: Buffer, options: UploadOptions): Promise<string> =>
    new Promise((resolve, reject) => {
      const one: Upload = new Upload(content, {
        endpoint: `${world.node.url}/api/uploads`,
        metadata: { conversationId: team.id, filename: '計劃.pdf', filetype: 'application/pdf' },
        headers: { authorization: `Bearer ${ada.personId}` },
        retryDelays: null,
        onSuccess: () => resolve(one.url ?? ''),
        onError: reject,
        ...options,
      });
      one.start();
    });
  const stored = async (url: string) => world.node.get(uploadSchema, 'GET', new URL(url).pathname, undefined, ada.personId);
  const hex = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  const download = (url: string): Promise<Buffer> =>
    fetch(`${world.node.url}/api/attachments/${url.split('/').at(-1)}`, { headers: { authorization: `Bearer ${ada.personId}` } }).then(
      async (answer) => Buffer.from(await answer.arrayBuffer()),
    );

  it('uploads in pieces', async () => {
    const bytes = randomBytes(2_500_000);
    const url = await upload(bytes, { chunkSize: 1_000_000 });
    expect(await stored(url)).toMatchObject({ name: '計劃.pdf', size: bytes.length, complete: true, sha256: hex(bytes) });
    expect(hex(await download(url))).toBe(hex(bytes));
  });

  it('uploads in one call, with its data during creation', async () => {
    const bytes = randomBytes(300_000);
    const url = await upload(bytes, { uploadDataDuringCreation: true });
    expect((await stored(url)).sha256).toBe(hex(bytes));
  });

  it('goes on with an upload that broke off', async () => {
    const bytes = randomBytes(3_000_000);
    const made = await fetch(`${world.node.url}/api/uploads`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${ada.personId}`,
        'tus-resumable': '1.0.0',
        'upload-length': String(bytes.length),
        'upload-metadata': `conversationId ${Buffer.from(team.id).toString('base64')}`,
      },
    });
    const uploadUrl = `${world.node.url}${made.headers.get('location')}`;
    const broken = request(uploadUrl, {
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
    await new Promise<void>((resolve) => broken.write(bytes.subarray(0, 1_500_000), () => resolve()));
    broken.destroy();
    await waitFor(async () => (await stored(uploadUrl)).offset > 0, 'bytes to be kept');
    expect(await upload(bytes, { uploadUrl })).toBe(uploadUrl);
    expect((await stored(uploadUrl)).sha256).toBe(hex(bytes));
  });

  it('takes one back', async () => {
    const url = await upload(Buffer.from('abc'), {});
    await Upload.terminate(url, { headers: { authorization: `Bearer ${ada.personId}` } });
    expect((await world.node.api('GET', new URL(url).pathname, undefined, ada.personId)).status).toBe(404);
  });

  it('is refused in a way that it understands', async () => {
    await expect(upload(Buffer.from('abc'), { headers: { authorization: 'Bearer nobody' } })).rejects.toThrow(/401/);
    await expect(upload(Buffer.from('abc'), { metadata: { conversationId: 'nowhere' } })).rejects.toThrow(/404/);
  });
});
