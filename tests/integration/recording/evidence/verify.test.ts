/** The export over HTTP, and the check of it: whole, then altered in every way. */
import { generateKeyPairSync } from 'node:crypto';
import { copyFile, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Principal } from '../../../../src/platform/principal.js';
import { downloadRoutes } from '../../../../src/recording/download-routes.js';
import { evidenceKeySchema, signedManifestSchema } from '../../../../src/recording/evidence/schema.js';
import { NotChecked, openSource, Wrong } from '../../../../src/recording/evidence/verify/source.js';
import { type Verified, verifyEvidence, verifyTogether } from '../../../../src/recording/evidence/verify/verify.js';
import { blobPrefix, type Recording } from '../../../../src/recording/recording.js';
import { downloadLinkSchema } from '../../../../src/recording/schema.js';
import type { Api } from '../../../support/api.js';
import { download, EvidenceWorld, sha256, unzip, writeFolder, writeZip } from './evidence-world.js';

let world: EvidenceWorld;
let api: Api;
let olivia: Principal;
let ana: Principal;
let ben: Principal;
/** The second of the chain. */
let recording: Recording;
let zip: string;
let files: Map<string, Buffer>;

beforeAll(async () => {
  world = await EvidenceWorld.open();
  api = await world.base.serve((app) => {
    world.evidence.routes(app);
    downloadRoutes(app, { links: world.base.downloadLinks, secureCookies: false });
  });
  olivia = await world.base.person('Olivia', 'owner');
  ana = await world.base.person('Ana');
  ben = await world.base.person('Ben <b>');
  await world.sign(await world.recorded([ana]));
  recording = await world.sign(await world.recorded([ana, ben], { title: '<img src=x onerror=alert(1)>' }));
  zip = await exported(recording);
  files = await unzip(zip);
});
afterAll(() => world?.close());

async function exported({ id }: Recording): Promise<string> {
  const file = path.join(await world.place(), 'evidence.zip');
  await download(`${api.url}/api/recordings/${id}/evidence.zip`, olivia.personId, file);
  return file;
}

async function check(place: string, keyId: string | null = null): Promise<Verified> {
  const source = await openSource(place);
  try {
    return await verifyEvidence(source, keyId);
  } finally {
    await source.close();
  }
}

/** What is wrong with the files after a change. */
async function wrongWith(change: (copy: Map<string, Buffer>) => void | Promise<void>): Promise<Wrong> {
  const copy = new Map([...files].map(([name, content]) => [name, Buffer.from(content)]));
  await change(copy);
  const folder = await world.place();
  await writeFolder(folder, copy);
  return wrongAt(folder);
}

async function wrongAt(place: string): Promise<Wrong> {
  const error = await check(place).then(
    () => new Error('It was found whole.'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof Wrong) return error;
  throw error;
}

function flip(content: Buffer, bit: number): void {
  content.writeUInt8(content.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
}

describe('The export', () => {
  it('has the proofs, the papers, what was made and what was captured, each once', () => {
    const [first, second] = [...files.keys()].filter((name) => name.startsWith('tracks/')).map((name) => name.split('/')[1]);
    expect(first).toBe(second);
    expect([...files.keys()].filter((name) => !name.startsWith('tracks/'))).toEqual([
      ...['manifest.json', 'chain.json', 'manifest.sig', 'public-key.pem', 'previous.json', 'previous.sig'],
      ...['index.html', 'index.zh-Hant.html', 'index.zh-Hans.html', 'ledger.json', 'transcript.json'],
      ...['files/hls/index.m3u8', 'files/meeting.mp4'],
    ]);
    expect([...files.keys()].filter((name) => name.startsWith('tracks/'))).toHaveLength(4);
  });

  it('is whole as a ZIP and unpacked, and checks against the key that the API gives', async () => {
    const folder = await world.place();
    await writeFolder(folder, files);
    const { key, head } = await api.get(evidenceKeySchema, 'GET', '/api/recordings/evidence-key', undefined, ana.personId);
    for (const place of [zip, folder]) {
      const verified = await check(place, key?.id ?? null);
      expect(verified).toMatchObject({ keyId: key?.id, files: 11, hash: head?.hash, link: { number: 2 } });
      expect(verified.bytes).toBe(
        [...files]
          .filter(([name]) => /\.(html|m3u8|mp4|log)$|ledger|transcript/.test(name))
          .reduce((sum, [, { length }]) => sum + length, 0),
      );
    }
  });

  it('has pages in three languages in which what people wrote is text', () => {
    for (const [name, words] of [
      ['index.html', 'Who was in the meeting'],
      ['index.zh-Hant.html', '會議參加者'],
      ['index.zh-Hans.html', '会议参加者'],
    ] as const) {
      const page = files.get(name)?.toString() ?? '';
      expect(page).toContain(words);
      expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
      expect(page).toContain('Ben &lt;b&gt;');
      expect(page).toContain('0:01:01');
      expect(page).not.toMatch(/<img|<b>|<script|onerror=[^a]/);
      expect(page).toContain('default-src &#39;none&#39;');
    }
  });

  it('is for those who govern, the manifest for those who manage, and each export is audited', async () => {
    const get = async (by: Principal, what: string) =>
      (await api.api('GET', `/api/recordings/${recording.id}/${what}`, undefined, by.personId)).body;
    const stranger = await world.base.person('Eve');
    expect(await get(ana, 'evidence.zip')).toMatchObject({ error: { code: 'RECORDING_FORBIDDEN' } });
    expect(await get(ben, 'manifest')).toMatchObject({ error: { code: 'RECORDING_FORBIDDEN' } });
    for (const what of ['manifest', 'evidence.zip'])
      expect(await get(stranger, what)).toMatchObject({ error: { code: 'RECORDING_NOT_FOUND' } });
    const face = signedManifestSchema.parse(await get(ana, 'manifest'));
    expect([face.manifest, face.chain, face.publicKey]).toEqual(
      ['manifest.json', 'chain.json', 'public-key.pem'].map((name) => files.get(name)?.toString()),
    );
    expect(Buffer.from(face.signature, 'base64')).toEqual(files.get('manifest.sig'));
    expect(await world.base.office.audited('recording.evidence-taken')).toMatchObject([
      { actor: 'Olivia', subject: { recording: recording.id }, detail: { version: 1, number: 2 } },
    ]);
  });

  it('can be gone on with after a break: the same bytes, of which it was said how many', async () => {
    const answer = await api.api('POST', '/api/recording-downloads', { recordingId: recording.id, what: 'evidence' }, olivia.personId);
    const link = downloadLinkSchema.parse(answer.body);
    const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const before = (await world.base.office.audited('recording.evidence-taken')).length;
    const get = async (headers: Record<string, string>) => fetch(`${api.url}${link.url}`, { headers: { cookie, ...headers } });
    const whole = await get({});
    const bytes = Buffer.from(await whole.arrayBuffer());
    expect([bytes.length, Number(whole.headers.get('content-length'))]).toEqual([link.bytes, link.bytes]);
    const rest = await get({ range: 'bytes=5000-', 'if-range': whole.headers.get('etag') ?? '' });
    expect([rest.status, rest.headers.get('content-range')]).toEqual([206, `bytes 5000-${link.bytes - 1}/${link.bytes}`]);
    expect(Buffer.from(await rest.arrayBuffer()).equals(bytes.subarray(5_000))).toBe(true);
    expect(await world.base.office.audited('recording.evidence-taken')).toHaveLength(before + 1);
    for (const by of [ana, ben])
      expect(await api.api('POST', '/api/recording-downloads', { recordingId: recording.id, what: 'evidence' }, by.personId)).toMatchObject(
        {
          body: { error: { code: 'RECORDING_FORBIDDEN' } },
        },
      );
  });

  it('is not to be had while another version is made, nor before the first', async () => {
    const other = await world.recorded([ana]);
    const refusal = { error: { code: 'RECORDING_NOT_READY' } };
    const get = async (what: string) => (await api.api('GET', `/api/recordings/${other.id}/${what}`, undefined, olivia.personId)).body;
    expect([await get('evidence.zip'), await get('manifest')]).toMatchObject([refusal, refusal]);
    await world.sign(other);
    await world.base.office.database.query(`update recordings set state = 'processing' where id = $1`, [other.id]);
    expect(await get('evidence.zip')).toMatchObject(refusal);
  });

  it('of what the store lost before the signature is whole, and says so; lost after it, it is not', async () => {
    const { blobs } = world.base;
    const before = await world.recorded([ana]);
    const [track] = await world.base.recordings.tracks(before);
    const keyOf = (number: number) => `${blobPrefix(before)}/tracks/${track?.id}/0000${number}.log`;
    await blobs.delete(keyOf(0));
    await blobs.put(`${blobPrefix(before)}/v1/meeting.mp4`, Buffer.from('half'));
    const signed = await world.sign(before);
    const verified = await check(await exported(signed));
    expect(verified.manifest.missing.map(({ what }) => what)).toEqual(['lost', 'damaged']);
    await blobs.delete(keyOf(1));
    expect((await wrongAt(await exported(signed))).message).toBe(`"tracks/${track?.id}/00001.log" is missing.`);
  });
});

describe('One bit that was flipped', () => {
  it('is found in every file, wherever it is, and the file is named', async () => {
    for (const [name, content] of files) {
      // Every bit of what is small; of the rest the ends and some between.
      const last = content.length * 8 - 1;
      const bits =
        name === 'manifest.sig' ? [...Array(64).keys()].map((n) => n * 8 + (n % 8)) : [0, 7, last >> 1, (last >> 1) + 5, last - 8, last];
      for (const bit of bits) {
        const wrong = await wrongWith((copy) => flip(copy.get(name) ?? Buffer.alloc(0), bit));
        expect(wrong.message, `${name} bit ${bit}`).toContain(name);
      }
    }
  });

  it('is found in each bit of the public key', async () => {
    const key = files.get('public-key.pem') ?? Buffer.alloc(0);
    for (let bit = 0; bit < key.length * 8; bit += 3) {
      const wrong = await wrongWith((copy) => flip(copy.get('public-key.pem') ?? Buffer.alloc(0), bit));
      expect(wrong.message, `bit ${bit}`).toContain('public-key.pem');
    }
  });

  it('is found in a ZIP, or the ZIP can’t be read any more', async () => {
    const whole = await readFile(zip);
    const segment = [...files].find(([name]) => name.startsWith('tracks/'))?.[1] ?? Buffer.alloc(0);
    const at = whole.indexOf(segment.subarray(0, 32));
    expect(at).toBeGreaterThan(0);
    const places = [at * 8, (at + 2_999) * 8, ...Array.from({ length: 60 }, (_, index) => Math.floor((whole.length * 8 * index) / 60))];
    for (const bit of places) {
      const copy = Buffer.from(whole);
      flip(copy, bit);
      const file = path.join(await world.place(), 'evidence.zip');
      await writeFile(file, copy);
      const outcome = await check(file).catch((error: unknown) => error);
      if (bit === places[0] || bit === places[1])
        expect(outcome).toMatchObject({ what: 'altered', path: expect.stringMatching(/^tracks\//) });
      // What a ZIP says of times and rights is no evidence; a flip there changes no file.
      else if (!(outcome instanceof Wrong || outcome instanceof NotChecked))
        expect(outcome).toMatchObject({ files: 11, link: { number: 2 } });
    }
  });
});

describe('An export that was changed', () => {
  it('lacks a file', async () => {
    for (const name of files.keys()) {
      const wrong = await wrongWith((copy) => void copy.delete(name));
      expect([wrong.what, wrong.path]).toEqual(['missing', name]);
    }
  });

  it('has one more', async () => {
    for (const name of ['files/more.mp4', 'note.txt', 'tracks/x/00000.log', 'toString', '__proto__'])
      expect(await wrongWith((copy) => void copy.set(name, Buffer.from('x')))).toMatchObject({ what: 'extra', path: name });
  });

  it('has a link in place of a file', async () => {
    const folder = await world.place();
    await writeFolder(folder, files);
    const elsewhere = path.join(await world.place(), 'meeting.mp4');
    await copyFile(path.join(folder, 'files/meeting.mp4'), elsewhere);
    await rm(path.join(folder, 'files/meeting.mp4'));
    await symlink(elsewhere, path.join(folder, 'files/meeting.mp4'));
    expect(await wrongAt(folder)).toMatchObject({ what: 'extra', path: 'files/meeting.mp4' });
  });

  it('was signed anew with another key: whole by itself, found with the right key pinned', async () => {
    const other = await EvidenceWorld.open();
    try {
      const owner = await other.base.person('Olivia', 'owner');
      const forged = await other.sign(await other.recorded([owner]));
      const server = await other.base.serve((app) => other.evidence.routes(app));
      const file = path.join(await world.place(), 'evidence.zip');
      await download(`${server.url}/api/recordings/${forged.id}/evidence.zip`, owner.personId, file);
      const { keyId } = await check(zip);
      await expect(check(file)).resolves.toMatchObject({ link: { number: 1 } });
      await expect(check(file, keyId)).rejects.toMatchObject({ what: 'key', path: 'public-key.pem' });
      // Its key alone does not make the signature good.
      const theirs = await unzip(file);
      expect(await wrongWith((copy) => void copy.set('public-key.pem', theirs.get('public-key.pem') ?? Buffer.alloc(0)))).toMatchObject({
        what: 'signature',
      });
    } finally {
      await other.close();
    }
  });

  it('has a key of another kind', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const pem = publicKey.export({ type: 'spki', format: 'pem' });
    expect(await wrongWith((copy) => void copy.set('public-key.pem', Buffer.from(pem)))).toMatchObject({ what: 'key' });
  });

  it('is of another place in the chain', async () => {
    const third = await world.sign(await world.recorded([ana]));
    const later = await unzip(await exported(third));
    const wrong = await wrongWith((copy) => {
      for (const name of ['previous.json', 'previous.sig']) copy.set(name, later.get(name) ?? Buffer.alloc(0));
    });
    expect([wrong.what, wrong.path]).toEqual(['chain', 'previous.json']);
    const [second, verified] = [await check(zip), await check(await exported(third))];
    verifyTogether([second, verified]);
    const replaced = { ...second, link: { ...second.link, number: verified.link.number } };
    expect(() => verifyTogether([replaced, verified])).toThrow(/do not fit together/);
  });

  it('tells of a notice or a ledger that was altered in the database before it was signed', async () => {
    const { database } = world.base.office;
    const other = await world.recorded([ana, ben]);
    await database.query('alter table consent_ledger disable trigger consent_ledger_kept');
    await database.query('delete from consent_ledger where recording_id = $1 and number = 1', [other.id]);
    await database.query('alter table consent_ledger enable trigger consent_ledger_kept');
    expect((await wrongAt(await exported(await world.sign(other)))).message).toBe(
      'Row 1 of the ledger of consent was missing when it was signed.',
    );
    const another = await world.recorded([ana]);
    await database.query('alter table consent_notices disable trigger consent_notices_unchanged');
    await database.query(`update consent_notices set texts = jsonb_set(texts, '{en,kept}', '"for ever"') where hash = $1`, [
      another.noticeHash,
    ]);
    await database.query('alter table consent_notices enable trigger consent_notices_unchanged');
    expect((await wrongAt(await exported(await world.sign(another)))).message).toMatch(/^A notice of consent was altered/);
  });
});

describe('A hostile ZIP', () => {
  /** A file whose name is changed after the ZIP was made, which no maker of ZIPs would do. */
  async function renamed(from: string, to: string): Promise<string> {
    const file = path.join(await world.place(), 'evidence.zip');
    await writeZip(file, [...files, [from, Buffer.from('evil')]]);
    const bytes = await readFile(file);
    for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + 1)) bytes.write(to, at, 'latin1');
    await writeFile(file, bytes);
    return file;
  }

  it.each([
    ['aa/evil.txt', '../evil.txt'],
    ['a/aa/evil.txt', 'a/../evil.txt'],
    ['aevil.txt', '/evil.txt'],
    ['aaaevil.txt', 'c:/evil.txt'],
    ['a.evil.txt', 'a\\evil.txt'],
  ])('with %s written as %s is refused', async (from, to) => {
    expect(await wrongAt(await renamed(from, to))).toMatchObject({ what: 'damaged' });
  });

  it('with a name twice is refused', async () => {
    expect(await wrongAt(await renamed('chain.jsom', 'chain.json'))).toMatchObject({ what: 'extra', path: 'chain.json' });
  });

  it('that unpacks to more than it says, or than was signed, is not read to its end', async () => {
    const file = path.join(await world.place(), 'evidence.zip');
    const name = 'files/meeting.mp4';
    const zeros = Buffer.alloc(64 * 1_048_576);
    await writeZip(file, [...[...files].filter(([one]) => one !== name), [name, zeros]]);
    expect(await wrongAt(file)).toMatchObject({ what: 'altered', path: name, message: expect.stringContaining('67108864 bytes') });
    // The same with the size of the true file in the list.
    const bytes = await readFile(file);
    const entry = bytes.lastIndexOf(name) - 46;
    expect(bytes.readUInt32LE(entry + 24)).toBe(zeros.length);
    bytes.writeUInt32LE(20_000, entry + 24);
    await writeFile(file, bytes);
    expect(await wrongAt(file)).toMatchObject({ what: 'altered', path: name, message: expect.stringContaining("can't be read") });
  });

  it('is no evidence at all', async () => {
    const folder = await world.place();
    await expect(check(folder)).rejects.toThrow(NotChecked);
    await expect(check(path.join(folder, 'nothing'))).rejects.toThrow(NotChecked);
    const file = path.join(folder, 'some.zip');
    await writeFile(file, 'PK? no');
    await expect(check(file)).rejects.toThrow(NotChecked);
    await writeFile(file, (await readFile(zip)).subarray(0, -100));
    await expect(check(file)).rejects.toThrow(NotChecked);
    await writeZip(file, [['readme.txt', Buffer.from('hello')]]);
    await expect(check(file)).rejects.toThrow(NotChecked);
  });
});

it('A file of the manifest is what its blob was: nothing is made anew at export', async () => {
  const { manifest } = await check(zip);
  expect(manifest.papers.map(({ path: name, sha256: hash }) => [name, hash])).toEqual(
    manifest.papers.map(({ path: name }) => [name, sha256(files.get(name) ?? '')]),
  );
});
