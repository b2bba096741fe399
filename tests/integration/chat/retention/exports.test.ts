import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { beforeEach, describe, expect, it } from 'vitest';
import yauzl from 'yauzl';
import { z } from 'zod';
import type { ConversationFace } from '../../../../src/chat/ports.js';
import { openRetention, type Retention } from '../../../../src/chat/retention/open-retention.js';
import type { Export } from '../../../../src/chat/retention/schema.js';
import { type BlobStore, openBlobs } from '../../../../src/platform/blobs/index.js';
import { CausewayError } from '../../../../src/platform/errors.js';
import { newId } from '../../../../src/platform/ids.js';
import { type Jobs, openJobs } from '../../../../src/platform/jobs/index.js';
import type { Principal } from '../../../../src/platform/principal.js';
import { type TemporaryFolder, temporaryFolder, testConfig, testLog, waitFor } from '../../../support/index.js';
import { Office, refusal } from '../office.js';

const day = 86_400_000;
const everything = { since: null, until: null, format: 'json', reason: 'Audit 2026' } as const;
const manifestSchema = z.object({
  export: z.object({ id: z.string(), messages: z.number(), madeBy: z.string(), reason: z.string() }),
  files: z.array(z.object({ path: z.string(), size: z.number(), sha256: z.string() })),
  missing: z.array(z.string()),
});
const personSchema = z.object({ id: z.string(), name: z.string() });
const partSchema = z.object({
  conversation: z.object({ id: z.string(), title: z.string(), domain: z.string() }),
  members: z.array(personSchema.extend({ joinedAt: z.string(), leftAt: z.string().nullable(), readsAfter: z.number() })),
  messages: z.array(
    z.object({
      number: z.number(),
      text: z.string(),
      recalledAt: z.string().nullable(),
      sender: personSchema,
      reactions: z.record(z.string(), z.array(personSchema)),
      attachments: z.array(z.object({ id: z.string(), name: z.string(), sha256: z.string(), path: z.string() })),
      changes: z.array(z.object({ kind: z.string(), before: z.string().nullable(), by: z.object({ name: z.string() }) })),
    }),
  ),
});

let office: Office;
let folder: TemporaryFolder;
let blobs: BlobStore;
let jobs: Jobs;
let retention: Retention;
let closed: Set<string>;
let olivia: Principal;
let ana: Principal;
let ben: Principal;
let weekly: ConversationFace;

beforeEach(async () => {
  office = await Office.open();
  folder = await temporaryFolder();
  closed = new Set();
  blobs = await openBlobs(testConfig({ DATA_DIR: folder.path }), testLog());
  jobs = await openJobs({ database: office.database, log: testLog(), pollMs: 50, retryDelaySeconds: 1 });
  olivia = await office.person('Olivia', 'owner');
  ana = await office.person('Ana');
  ben = await office.person('Ben');
  weekly = await office.conversation([ana, ben]);
  return async () => {
    await retention?.close();
    await jobs.close();
    await blobs.close();
    await office.close();
    await folder.remove();
  };
});

async function open(): Promise<Retention> {
  const { database, clock, audit } = office;
  const guard = {
    checkExport: async (_by: Principal, { domainId }: ConversationFace) => {
      if (closed.has(domainId ?? 'default'))
        throw new CausewayError('CHAT_DOMAIN_REFUSED', { fill: { rule: 'Closed', from: 'a', to: 'b' } });
    },
  };
  retention = await openRetention({
    database,
    blobs,
    jobs,
    clock,
    log: testLog(),
    audit,
    guard,
    hidden: async () => undefined,
    silentMs: 1_000,
  });
  return retention;
}

const finished = (id: string): Promise<Export> =>
  waitFor(
    async () => {
      const found = await retention.exports.get(olivia, id);
      if (found.status === 'failed') throw new Error(`It failed: ${found.error}`);
      return found.status === 'done' && found;
    },
    'the export',
    { deadlineMs: 60_000 },
  );

async function fileOf(id: string): Promise<Buffer> {
  const { content, size } = await retention.exports.open(olivia, id);
  const bytes = await buffer(content);
  expect(bytes.length).toBe(size);
  return bytes;
}

async function unzip(bytes: Buffer): Promise<Map<string, Buffer>> {
  const zip = await new Promise<yauzl.ZipFile>((resolve, reject) =>
    yauzl.fromBuffer(bytes, { lazyEntries: true }, (error, opened) => (opened ? resolve(opened) : reject(error))),
  );
  const files = new Map<string, Buffer>();
  const done = once(zip, 'end');
  zip.on('entry', (entry: yauzl.Entry) =>
    zip.openReadStream(entry, (error, stream) => {
      if (!stream) return zip.emit('error', error);
      void buffer(stream).then((content) => {
        files.set(entry.fileName, content);
        zip.readEntry();
      });
    }),
  );
  zip.readEntry();
  await done;
  return files;
}

const json = (files: Map<string, Buffer>, name: string): unknown => JSON.parse(files.get(name)?.toString() ?? 'null');
const part = (files: Map<string, Buffer>, { id }: { id: string }) => partSchema.parse(json(files, `conversations/${id}.json`));

/** Each file of the ZIP but the manifest stands in it, as it is. */
function expectWhole(files: Map<string, Buffer>): z.output<typeof manifestSchema> {
  const manifest = manifestSchema.parse(json(files, 'manifest.json'));
  const hashes = [...files]
    .filter(([name]) => name !== 'manifest.json')
    .map(([name, content]) => ({ path: name, size: content.length, sha256: createHash('sha256').update(content).digest('hex') }));
  expect(manifest.files).toEqual(hashes);
  return manifest;
}

async function attach(conversation: ConversationFace, number: number, name: string, content: string): Promise<string> {
  const id = newId();
  await blobs.put(`attachments/${id}/1`, Buffer.from(content));
  await office.database.query(
    `insert into attachments (org_id, id, conversation_id, uploaded_by, name, type, size, sha256, key, message_number, created_at)
     values ($1, $2, $3, $4, $5, 'text/plain', $6, $7, $8, $9, now())`,
    [
      office.orgId,
      id,
      conversation.id,
      ana.personId,
      name,
      content.length,
      createHash('sha256').update(content).digest(),
      `attachments/${id}/1`,
      number,
    ],
  );
  return id;
}

async function keys(prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of blobs.list(prefix)) found.push(key);
  return found;
}

describe('An export', () => {
  it('has messages with their history, members with when they were there, files, and a hash of each', async () => {
    await open();
    const first = await office.write(weekly.id, ana, 'first');
    await office.rewrite(weekly.id, first, ana, 'first, corrected');
    const taken = await office.write(weekly.id, ben, 'taken back');
    await office.rewrite(weekly.id, taken, ben, null);
    await office.database.query(`update messages set reactions = $3 where conversation_id = $1 and number = $2`, [
      weekly.id,
      first,
      JSON.stringify({ '👍': [ben.personId] }),
    ]);
    const file = await attach(weekly, first, 'plan.txt', 'the plan');
    await office.database.query('delete from conversation_members where conversation_id = $1 and person_id = $2', [
      weekly.id,
      ben.personId,
    ]);
    const made = await retention.exports.make(olivia, { ...everything, scope: { conversationIds: [weekly.id] } });
    expect(made).toMatchObject({ status: 'waiting', madeBy: 'Olivia', done: 0, total: 2 });
    const done = await finished(made.id);
    expect(done).toMatchObject({ done: 2, total: 2, messages: 2, error: null });
    const bytes = await fileOf(made.id);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(done.sha256);
    const files = await unzip(bytes);
    const manifest = expectWhole(files);
    expect(manifest).toMatchObject({ export: { id: made.id, messages: 2, madeBy: 'Olivia', reason: 'Audit 2026' }, missing: [] });
    expect(files.get(`attachments/${file}`)?.toString()).toBe('the plan');
    const { conversation, members, messages } = part(files, weekly);
    expect(conversation).toMatchObject({ title: 'Weekly' });
    expect(members).toMatchObject([
      { name: 'Ana', leftAt: null, readsAfter: 0 },
      { name: 'Ben', leftAt: expect.any(String), readsAfter: 0 },
    ]);
    expect(messages).toMatchObject([
      {
        text: 'first, corrected',
        sender: { name: 'Ana' },
        reactions: { '👍': [{ id: ben.personId, name: 'Ben' }] },
        attachments: [{ id: file, name: 'plan.txt', path: `attachments/${file}` }],
        changes: [{ kind: 'edit', before: 'first', by: { name: 'Ana' } }],
      },
      { text: '', recalledAt: expect.any(String), changes: [{ kind: 'recall', before: 'taken back' }] },
    ]);
    expect(await keys(`exports/${made.id}/`), 'parts are in the file now').toEqual([`exports/${made.id}/file`]);
    expect((await office.audited('chat.export-made'))[0]).toMatchObject({
      actor: 'Olivia',
      detail: { conversations: 1, reason: 'Audit 2026' },
    });
    expect((await office.audited('chat.export-taken'))[0]).toMatchObject({ subject: { export: made.id } });
  });

  it('is of the conversations of people, of a domain, or of those that are named, in the time asked for', async () => {
    await open();
    const mainland = await office.domain('Mainland');
    const plant = await office.conversation([ana], { domainId: mainland, title: 'Plant' });
    const left = await office.conversation([ana, ben], { title: 'Left' });
    await office.database.query('delete from conversation_members where conversation_id = $1 and person_id = $2', [left.id, ben.personId]);
    office.now -= 10 * day;
    await office.write(plant.id, ana, 'long ago');
    office.now += 10 * day;
    await office.write(plant.id, ana, 'now');
    const contents = async (wish: object) => {
      const { id } = await retention.exports.make(olivia, { ...everything, scope: {}, ...wish });
      await finished(id);
      return unzip(await fileOf(id));
    };
    const names = (files: Map<string, Buffer>) => [...files.keys()].filter((name) => name.startsWith('conversations/')).sort();
    const named = (...conversations: ConversationFace[]) => conversations.map(({ id }) => `conversations/${id}.json`).sort();
    expect(names(await contents({ scope: { personIds: [ben.personId] } })), 'also where he has left').toEqual(named(weekly, left));
    const ofDomain = await contents({ scope: { domainId: mainland }, since: new Date(office.now - day) });
    expect(names(ofDomain)).toEqual(named(plant));
    expect(part(ofDomain, plant).messages.map((message) => message.text)).toEqual(['now']);
    expect(part(ofDomain, plant).conversation.domain).toBe('Mainland');
    const until = await contents({ scope: { conversationIds: [plant.id, left.id] }, until: new Date(office.now - day) });
    expect(names(until)).toEqual(named(plant, left));
    expect(part(until, plant).messages.map((message) => message.text)).toEqual(['long ago']);
  });

  it('is of pages, too, in which whatever was written is text', async () => {
    await open();
    const evil = '<script>alert(document.domain)</script>"><img src=x onerror=alert(1)>';
    const nasty = await office.conversation([ana], { title: evil });
    const number = await office.write(nasty.id, ana, evil);
    await attach(nasty, number, `../../${evil}.html`, evil);
    const { id } = await retention.exports.make(olivia, { ...everything, format: 'html', scope: { conversationIds: [nasty.id] } });
    await finished(id);
    const files = await unzip(await fileOf(id));
    expectWhole(files);
    expect([...files.keys()].sort()).toEqual(
      ['index.html', `conversations/${nasty.id}.html`, expect.stringMatching(/^attachments\/[0-9a-f-]{36}$/), 'manifest.json'].sort(),
    );
    for (const name of ['index.html', `conversations/${nasty.id}.html`]) {
      const page = files.get(name)?.toString() ?? '';
      expect(page).toContain('&lt;script&gt;alert(document.domain)&lt;/script&gt;');
      expect(page).not.toMatch(/<script|<img/);
      expect(page).toContain("default-src 'none'");
    }
  });

  it('says which files the store has lost, and is made all the same', async () => {
    await open();
    const number = await office.write(weekly.id, ana, 'with a file');
    const file = await attach(weekly, number, 'gone.txt', 'gone');
    await blobs.delete(`attachments/${file}/1`);
    const { id } = await retention.exports.make(olivia, { ...everything, scope: { conversationIds: [weekly.id] } });
    await finished(id);
    expect(expectWhole(await unzip(await fileOf(id))).missing).toEqual([`attachments/${file}`]);
  });

  it('has all of a conversation that is larger than a page, in order', async () => {
    await open();
    await office.database.query(
      `insert into messages (org_id, conversation_id, number, changed, sender_id, sender_name, client_id, body, sent_at)
       select $1, $2, n, n, $3, 'Ana', gen_random_uuid(), 'message ' || n, now() from generate_series(1, 1201) n`,
      [office.orgId, weekly.id, ana.personId],
    );
    const { id } = await retention.exports.make(olivia, { ...everything, scope: { conversationIds: [weekly.id] } });
    await finished(id);
    const { messages } = part(await unzip(await fileOf(id)), weekly);
    expect(messages.map(({ number }) => number)).toEqual(Array.from({ length: 1201 }, (_, index) => index + 1));
  });
});

describe('An export is refused', () => {
  it('to whoever is no administrator', async () => {
    await open();
    const { exports } = retention;
    for (const act of [
      () => exports.make(ana, { ...everything, scope: { conversationIds: [weekly.id] } }),
      () => exports.list(ana),
      () => exports.get(ana, newId()),
      () => exports.open(ana, newId()),
      () => exports.remove(ana, newId()),
    ])
      await expect(act()).rejects.toEqual(refusal('AUTH_FORBIDDEN'));
  });

  it('where a rule between domains says so, when it is made and when it is taken', async () => {
    await open();
    const mainland = await office.domain('Mainland');
    const plant = await office.conversation([ana], { domainId: mainland });
    const wish = { ...everything, scope: { conversationIds: [weekly.id, plant.id] } };
    const { id } = await retention.exports.make(olivia, wish);
    await finished(id);
    closed.add(mainland);
    await expect(retention.exports.make(olivia, wish)).rejects.toEqual(refusal('CHAT_DOMAIN_REFUSED'));
    await expect(retention.exports.open(olivia, id)).rejects.toEqual(refusal('CHAT_DOMAIN_REFUSED'));
    expect(await retention.exports.list(olivia)).toHaveLength(1);
  });

  it('of what is not there or belongs to another organisation', async () => {
    await open();
    const other = await Office.open(office.database);
    const sven = await other.person('Sven', 'owner');
    const theirs = await other.conversation([sven]);
    const wish = (scope: object, over = {}) => retention.exports.make(olivia, { ...everything, ...over, scope });
    await expect(wish({ conversationIds: [newId()] })).rejects.toEqual(refusal('CHAT_NOT_FOUND'));
    await expect(wish({ conversationIds: [weekly.id, theirs.id] })).rejects.toEqual(refusal('CHAT_NOT_FOUND'));
    await expect(wish({ personIds: [sven.personId] })).rejects.toEqual(refusal('PERSON_NOT_FOUND'));
    await expect(wish({ domainId: newId() })).rejects.toEqual(refusal('CHAT_DOMAIN_NOT_FOUND'));
    const backwards = { since: new Date(2), until: new Date(1) };
    await expect(wish({ conversationIds: [weekly.id] }, backwards)).rejects.toEqual(refusal('REQUEST_INVALID'));
    const { id } = await wish({ conversationIds: [weekly.id] });
    for (const act of [
      () => retention.exports.get(sven, id),
      () => retention.exports.open(sven, id),
      () => retention.exports.remove(sven, id),
    ])
      await expect(act()).rejects.toEqual(refusal('CHAT_EXPORT_NOT_FOUND'));
    await finished(id);
  });

  it('while it is not finished', async () => {
    await open();
    await retention.close();
    const { id } = await retention.exports.make(olivia, { ...everything, scope: { conversationIds: [weekly.id] } });
    await expect(retention.exports.open(olivia, id)).rejects.toEqual(refusal('CHAT_EXPORT_NOT_READY'));
  });
});

describe('Exports end', () => {
  it('after a week, with their blobs; a backup later', async () => {
    await open();
    const { id, expiresAt } = await finished(
      (await retention.exports.make(olivia, { ...everything, scope: { personIds: [ana.personId] } })).id,
    );
    expect(Date.parse(expiresAt ?? '') - office.now).toBe(7 * day);
    office.now += 8 * day;
    await retention.exports.tidyUp();
    await expect(retention.exports.get(olivia, id)).rejects.toEqual(refusal('CHAT_EXPORT_NOT_FOUND'));
    expect(await keys('exports/')).toEqual([]);
  });

  it('when an administrator deletes them, finished or not', async () => {
    await open();
    const scope = { conversationIds: [weekly.id] };
    const done = await finished((await retention.exports.make(olivia, { ...everything, scope })).id);
    await retention.exports.remove(olivia, done.id);
    const { id } = await retention.exports.make(olivia, { ...everything, scope });
    await retention.exports.remove(olivia, id);
    await expect(retention.exports.remove(olivia, id)).rejects.toEqual(refusal('CHAT_EXPORT_NOT_FOUND'));
    await waitFor(async () => (await keys('exports/')).length === 0, 'the blobs to be deleted');
    expect((await office.audited('chat.export-deleted')).length).toBe(2);
  });
});

describe('A monthly backup', () => {
  it('is made once each month, of everything, and kept longer', async () => {
    await open();
    await retention.policies.patch(olivia, { backup: { day: 1, hour: 3, format: 'json' } });
    await Promise.all([retention.exports.makeBackups(), retention.exports.makeBackups()]);
    const [backup, ...more] = await retention.exports.list(olivia);
    expect(more).toEqual([]);
    expect(backup).toMatchObject({ kind: 'backup', scope: {}, total: 2, reason: 'Monthly backup' });
    const { expiresAt } = await finished(backup?.id ?? '');
    expect(Date.parse(expiresAt ?? '') - office.now).toBe(40 * day);
    office.now += 32 * day;
    await retention.exports.makeBackups();
    expect(await retention.exports.list(olivia)).toHaveLength(2);
    await retention.policies.patch(olivia, { backup: null });
    office.now += 32 * day;
    await retention.exports.makeBackups();
    expect(await retention.exports.list(olivia)).toHaveLength(2);
  });
});

describe('An export that is being made', () => {
  it('is let go when the server stops, and gone on with when it is back', async () => {
    await open();
    await office.write(weekly.id, ana, 'hello');
    const put = blobs.put.bind(blobs);
    let stopping: Promise<void> | undefined;
    blobs.put = (key, content) => {
      if (key.endsWith('/file')) stopping ??= retention.close();
      return put(key, content);
    };
    const { id } = await retention.exports.make(olivia, { ...everything, scope: { conversationIds: [weekly.id] } });
    await waitFor(() => stopping !== undefined, 'the file to be begun');
    await stopping;
    await jobs.close();
    expect(await retention.exports.get(olivia, id)).toMatchObject({ status: 'running', done: 1, total: 2, error: null });
    jobs = await openJobs({ database: office.database, log: testLog(), pollMs: 50 });
    await open();
    await finished(id);
    expectWhole(await unzip(await fileOf(id)));
  });

  it('is tried again when the store fails, and says why when it is given up', async () => {
    await open();
    const put = blobs.put.bind(blobs);
    let failures = 0;
    blobs.put = (key, content) => {
      failures += 1;
      return failures > 2 ? put(key, content) : Promise.reject(new Error('The store is full.'));
    };
    const { id } = await retention.exports.make(olivia, { ...everything, scope: { conversationIds: [weekly.id] } });
    await waitFor(async () => (await retention.exports.get(olivia, id)).error === 'The store is full.', 'the failure to be told');
    expect((await finished(id)).error).toBeNull();
    blobs.put = () => Promise.reject(new Error('The store is gone.'));
    const lost = await retention.exports.make(olivia, { ...everything, scope: { conversationIds: [weekly.id] } });
    await office.database.query('update exports set attempts = 9 where id = $1', [lost.id]);
    const failed = await waitFor(
      async () => {
        const found = await retention.exports.get(olivia, lost.id);
        return found.status === 'failed' && found;
      },
      'the export to be given up',
      { deadlineMs: 60_000 },
    );
    expect(failed).toMatchObject({ error: 'The store is gone.', expiresAt: expect.any(String) });
  });

  it('is ended when it is deleted, and leaves no blob', async () => {
    await open();
    const put = blobs.put.bind(blobs);
    let goOn: () => void = () => undefined;
    const mayGoOn = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    let begun = false;
    blobs.put = async (key, content) => {
      begun = true;
      await mayGoOn;
      return put(key, content);
    };
    const { id } = await retention.exports.make(olivia, { ...everything, scope: { conversationIds: [weekly.id] } });
    await waitFor(() => begun, 'a part to be begun');
    await retention.exports.remove(olivia, id);
    goOn();
    await jobs.close();
    expect(await keys('exports/')).toEqual([]);
    expect(await retention.exports.list(olivia)).toEqual([]);
  });
});

describe('An export whose process is killed', () => {
  async function killedAt(standAt: string): Promise<void> {
    const program = path.join(import.meta.dirname, '..', '..', '..', 'support', 'export-maker.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', program, office.database.url, folder.path, standAt], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    try {
      await Promise.race([once(child.stdout, 'data'), exited.then(() => Promise.reject(new Error('The process ended by itself.')))]);
    } finally {
      child.kill('SIGKILL');
      await exited.catch(() => undefined);
    }
  }

  it.each(['4', 'file'])('goes on in another: killed at blob %s', async (standAt) => {
    await open();
    await retention.close();
    const conversations = [
      weekly,
      ...(await Promise.all(Array.from({ length: 5 }, (_, n) => office.conversation([ana], { title: `No. ${n}` })))),
    ];
    for (const { id, title } of conversations) await office.write(id, ana, `in ${title}`);
    await jobs.close();
    jobs = await openJobs({ database: office.database, log: testLog(), pollMs: 50 });
    const { id } = await retention.exports.make(olivia, { ...everything, scope: { personIds: [ana.personId] } });
    await killedAt(standAt);
    const before = await office.database.query<{ conversation_id: string }>(
      'select conversation_id from export_parts where export_id = $1 and sha256 is not null',
      [id],
    );
    expect(before.length).toBe(standAt === 'file' ? 6 : 3);
    const written = new Map(
      await Promise.all(
        before.map(async (row) => {
          const key = `exports/${id}/parts/${row.conversation_id}`;
          return [key, (await blobs.stat(key))?.modifiedAt.getTime()] as const;
        }),
      ),
    );
    const rewritten: string[] = [];
    const put = blobs.put.bind(blobs);
    blobs.put = (key, content) => {
      if (written.has(key)) rewritten.push(key);
      return put(key, content);
    };
    await open();
    await finished(id);
    expect(rewritten, 'what was written stays').toEqual([]);
    const files = await unzip(await fileOf(id));
    expect(expectWhole(files).export.messages).toBe(6);
    for (const conversation of conversations)
      expect(part(files, conversation).messages.map(({ text }) => text)).toEqual([`in ${conversation.title}`]);
  });
});
