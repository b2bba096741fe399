/**
 * Makes exports: each conversation as a blob of its own, then one ZIP of them. Whatever ends the process
 * in the middle, the parts that are written stay written, and whoever comes next goes on: the run that
 * is silent for a while is taken for dead.
 */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { z } from 'zod';
import type { BlobStore } from '../../platform/blobs/index.js';
import type { JobKind, Jobs } from '../../platform/jobs/index.js';
import type { Log } from '../../platform/log.js';
import { attachmentPath, type ExportContent } from './export-content.js';
import { type ConversationWriter, htmlWriter, indexPage, jsonWriter } from './export-pages.js';
import { type ExportRecords, type ExportRow, type PartAttachment, type PartRow, present } from './export-records.js';
import { type Digest, putMetered, writeZip, type ZipEntry } from './zip.js';

export interface ExportRunnerDeps {
  readonly records: ExportRecords;
  readonly content: ExportContent;
  readonly blobs: BlobStore;
  readonly jobs: Jobs;
  readonly log: Log;
  /** A run that said nothing for so long is dead, milliseconds. */
  readonly silentMs: number;
}

/** Hours: a run takes as long as it takes, and is watched by its own sign of life. */
export const makeExport: JobKind<{ exportId: string }> = {
  name: 'chat.make-export',
  schema: z.object({ exportId: z.uuid() }),
  retries: 5,
  expireSeconds: 82_800,
};

const mostAttempts = 10;
/** An export that ends the process each time must not do so for ever. */
const mostClaims = 30;
const writers: Readonly<Record<'json' | 'html', ConversationWriter>> = { json: jsonWriter, html: htmlWriter };

export class ExportRunner {
  readonly #deps: ExportRunnerDeps;
  readonly #closing = new AbortController();
  readonly #sweep: NodeJS.Timeout;
  readonly #running = new Set<Promise<void>>();

  constructor(deps: ExportRunnerDeps) {
    this.#deps = deps;
    this.#sweep = setInterval(() => void this.takeUp(), deps.silentMs / 2).unref();
  }

  /** Exports that nobody works on, such as those of a process that was killed. */
  async takeUp(): Promise<void> {
    const { records, jobs, log, silentMs } = this.#deps;
    try {
      for (const exportId of await records.waiting(silentMs)) await jobs.enqueue(makeExport, { exportId }, { singletonKey: exportId });
    } catch (error) {
      log.warn({ err: error }, 'ExportRunner | exports that wait could not be looked for');
    }
  }

  /** Goes on with the export until it is done. Nothing when it is done, or when somebody else works on it. */
  async run(exportId: string, signal: AbortSignal): Promise<void> {
    const running = this.#run(exportId, AbortSignal.any([signal, this.#closing.signal]));
    const settled = running.catch(() => undefined).finally(() => this.#running.delete(settled));
    this.#running.add(settled);
    await running;
  }

  /** Lets go of what runs; another process, or this one when it is back, goes on with it. Idempotent. */
  async close(): Promise<void> {
    clearInterval(this.#sweep);
    this.#closing.abort(new Error('The server stops.'));
    await Promise.all(this.#running);
  }

  /** Where the blobs of an export are. */
  static prefix(exportId: string): string {
    return `exports/${exportId}/`;
  }

  static fileKey(exportId: string): string {
    return `${ExportRunner.prefix(exportId)}file`;
  }

  async #run(exportId: string, signal: AbortSignal): Promise<void> {
    const { records, log, silentMs } = this.#deps;
    const runner = randomUUID();
    const row = await records.claim(exportId, runner, silentMs);
    if (!row) return;
    if (row.attempts > mostClaims) return records.letGo(exportId, runner, 'It ended the process too often.', true);
    const lost = new AbortController();
    const beat = setInterval(() => {
      records.stillMine(exportId, runner).then(
        (mine) => mine || lost.abort(new Error('The export was deleted, or taken over.')),
        (error: unknown) => log.warn({ err: error, export: exportId }, 'ExportRunner | no sign of life could be given'),
      );
    }, silentMs / 4);
    try {
      await this.#make(row, runner, AbortSignal.any([signal, lost.signal]));
    } catch (error) {
      // Deleted meanwhile: what was being written then goes, too.
      if (!(await records.find(row.org_id, exportId))) await this.deleteBlobs(exportId);
      if (lost.signal.aborted) return;
      const stopped = signal.aborted;
      const failed = !stopped && row.attempts >= mostAttempts;
      await records.letGo(exportId, runner, stopped ? null : String(error instanceof Error ? error.message : error).slice(0, 500), failed);
      if (!failed) throw error;
      log.error({ err: error, export: exportId }, 'ExportRunner | an export was given up');
    } finally {
      clearInterval(beat);
    }
  }

  async deleteBlobs(exportId: string): Promise<void> {
    const { blobs } = this.#deps;
    for await (const { key } of blobs.list(ExportRunner.prefix(exportId))) await blobs.delete(key);
  }

  async #make(row: ExportRow, runner: string, signal: AbortSignal): Promise<void> {
    const { records, blobs } = this.#deps;
    const writer = writers[row.format];
    for (const part of await records.parts(row.id)) {
      if (part.sha256 !== null) continue;
      await this.#writePart(row, part, writer, signal);
      signal.throwIfAborted();
    }
    const parts = await records.parts(row.id);
    const file = await this.#writeFile(row, parts, writer, signal);
    signal.throwIfAborted();
    if (!(await records.finish(row, runner, file))) throw new Error('The export was deleted, or taken over.');
    // In the file now. Left behind by a crash here, they go with the export.
    for (const part of parts) await blobs.delete(partKey(row.id, part.conversation_id));
  }

  async #writePart(row: ExportRow, part: PartRow, writer: ConversationWriter, signal: AbortSignal): Promise<void> {
    const { records, content, blobs } = this.#deps;
    const attachments = new Map<string, PartAttachment>();
    let messages = 0;
    const write = async function* (): AsyncGenerator<string> {
      const conversation = await content.conversation(row.org_id, part.conversation_id);
      if (!conversation) return;
      yield writer.begin(conversation, await content.members(row.org_id, part.conversation_id));
      for await (const page of content.messages(row.org_id, part.conversation_id, row)) {
        signal.throwIfAborted();
        for (const file of page.files) attachments.set(file.id, file);
        yield writer.messages(page.messages, messages === 0);
        messages += page.messages.length;
      }
      yield writer.end();
    };
    const digest = await putMetered(blobs, partKey(row.id, part.conversation_id), write());
    await records.partDone(row.id, part.conversation_id, { ...digest, messages, attachments: [...attachments.values()] });
  }

  async #writeFile(row: ExportRow, parts: readonly PartRow[], writer: ConversationWriter, signal: AbortSignal): Promise<Digest> {
    const { blobs } = this.#deps;
    const missing: string[] = [];
    const read = async (key: string, path: string): Promise<Readable> => {
      const content = await blobs.get(key);
      if (!content) missing.push(path);
      return content ?? Readable.from([]);
    };
    // A conversation that was deleted before its turn left an empty part.
    const written = parts.filter(({ size }) => Number(size) > 0);
    const entries: ZipEntry[] = written.map((part) => ({
      path: `conversations/${part.conversation_id}.${writer.extension}`,
      size: Number(part.size),
      compress: true,
      open: async () => {
        const content = await blobs.get(partKey(row.id, part.conversation_id));
        if (!content) throw new Error(`The part ${part.conversation_id} of the export is gone.`);
        return content;
      },
    }));
    if (row.format === 'html') entries.unshift(textEntry('index.html', indexOf(row, written)));
    // A forwarded file is one in each conversation that has it; under an id of its own each.
    for (const { id, key, size } of written.flatMap(({ attachments }) => attachments ?? []))
      entries.push({ path: attachmentPath(id), size, compress: false, open: () => read(key, attachmentPath(id)) });
    const manifest = {
      path: 'manifest.json',
      content: (digests: ReadonlyMap<string, Digest>) =>
        Buffer.from(`${JSON.stringify(manifestOf(row, written, digests, missing), null, 1)}\n`),
    };
    return writeZip(blobs, ExportRunner.fileKey(row.id), entries, manifest, { at: row.created_at, signal });
  }
}

/** What is in the ZIP, with the SHA-256 of each file as it was read. */
function manifestOf(row: ExportRow, parts: readonly PartRow[], digests: ReadonlyMap<string, Digest>, missing: readonly string[]) {
  const { id, kind, format, scope, since, until, reason, madeBy, createdAt } = present(row);
  const messages = parts.reduce((sum, part) => sum + part.messages, 0);
  const files = [...digests].map(([path, { size, sha256 }]) => ({ path, size, sha256: sha256.toString('hex') }));
  return { export: { id, kind, format, scope, since, until, reason, madeBy, createdAt, messages }, files, missing };
}

function indexOf(row: ExportRow, parts: readonly PartRow[]): string {
  const { reason, madeBy, createdAt, since, until } = present(row);
  const notes = [`${createdAt} · ${madeBy} · ${reason}`, `${since ?? ''} – ${until ?? ''}`, 'manifest.json: SHA-256'];
  return indexPage(
    `Export ${row.id}`,
    notes,
    parts.map(({ conversation_id, title, messages }) => ({ id: conversation_id, title, messages })),
  );
}

function textEntry(path: string, content: string): ZipEntry {
  return { path, size: Buffer.byteLength(content), compress: true, open: async () => Readable.from([Buffer.from(content)]) };
}

function partKey(exportId: string, conversationId: string): string {
  return `${ExportRunner.prefix(exportId)}parts/${conversationId}`;
}
