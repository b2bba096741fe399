/** Gives attachments that are pictures their preview, beside everything else: no message waits for it. */
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/index.js';
import type { Log } from '../../platform/log.js';
import type { BlobDesk } from './blob-desk.js';
import { Pictures } from './pictures.js';

export interface PreviewsDeps {
  readonly database: Database;
  readonly desk: BlobDesk;
  readonly clock: Clock;
  readonly log: Log;
}

/** The end of an upload waits so long, so that a message which is sent right after it has its preview. */
const waitMs = 5_000;

export class Previews {
  readonly #deps: PreviewsDeps;
  readonly #pictures: Pictures;
  readonly #making = new Set<Promise<void>>();

  constructor(deps: PreviewsDeps) {
    this.#deps = deps;
    this.#pictures = new Pictures(deps.log);
  }

  /** Resolves when the preview is there, or won't be, or takes too long. Never rejects. */
  async make(file: { orgId: string; id: string; key: string; type: string; size: number }): Promise<void> {
    if (!this.#pictures.mayHavePreview(file.type, file.size)) return;
    const work = this.#make(file).catch((error: unknown) =>
      this.#deps.log.warn({ err: error, attachment: file.id }, 'attachments: a preview could not be kept'),
    );
    this.#making.add(work);
    void work.finally(() => this.#making.delete(work));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, waitMs);
    });
    await Promise.race([work, late]);
    clearTimeout(timer);
  }

  /** Waits for what is being drawn. Idempotent. */
  async close(): Promise<void> {
    await this.#pictures.close();
    await Promise.all(this.#making);
  }

  async #make(file: { orgId: string; id: string; key: string }): Promise<void> {
    const { database, desk } = this.#deps;
    const preview = await this.#pictures.preview(() => desk.get(file.key));
    if (!preview) return;
    const { key } = await desk.put(file.id, preview.bytes);
    await database.query(
      'update attachments set width = $3, height = $4, preview_key = $5 where org_id = $1 and id = $2 and preview_key is null',
      [file.orgId, file.id, preview.width, preview.height, key],
    );
  }
}
