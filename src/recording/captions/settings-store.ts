/** What organisations have set for captions. */

import type { z } from 'zod';
import type { Audit } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import type { Principal } from '../../platform/principal.js';
import { type CaptionSettings, type captionSettingsBody, captionSettingsSchema } from './schema.js';
import { Glossary } from './text/glossary.js';

export interface SettingsStoreDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
}

const defaults: CaptionSettings = { language: null, script: 'hant', profanity: 'keep', translateTo: [], glossary: [] };
/** What another node has changed is heard of after this time. */
const keepMs = 10_000;

export interface SettingsInUse {
  readonly settings: CaptionSettings;
  readonly glossary: Glossary;
}

export class SettingsStore {
  readonly #deps: SettingsStoreDeps;
  readonly #kept = new Map<string, { readonly at: number; readonly inUse: Promise<SettingsInUse> }>();

  constructor(deps: SettingsStoreDeps) {
    this.#deps = deps;
  }

  /** Kept in mind for a moment: lines come many times a second. */
  inUse(orgId: string): Promise<SettingsInUse> {
    const now = this.#deps.clock.now();
    const kept = this.#kept.get(orgId);
    if (kept && now - kept.at < keepMs) return kept.inUse;
    const inUse = this.read(orgId).then((settings) => ({ settings, glossary: new Glossary(settings.glossary) }));
    this.#kept.set(orgId, { at: now, inUse });
    // A failure is not kept.
    inUse.catch(() => this.#kept.delete(orgId));
    return inUse;
  }

  async read(orgId: string): Promise<CaptionSettings> {
    const [row] = await this.#deps.database.query<{ settings: unknown }>('select settings from caption_settings where org_id = $1', [
      orgId,
    ]);
    return row ? captionSettingsSchema.parse(row.settings) : defaults;
  }

  /** @throws AUTH_FORBIDDEN */
  async change(by: Principal, change: z.output<typeof captionSettingsBody>): Promise<CaptionSettings> {
    assertGoverns(by);
    const { database, clock, audit } = this.#deps;
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    const settings = await database.transaction(async (tx) => {
      await tx.query(
        `insert into caption_settings (org_id, settings, changed_by, changed_at) values ($1, $2, $3, $4) on conflict (org_id) do nothing`,
        [by.orgId, JSON.stringify(defaults), by.personId, new Date(clock.now())],
      );
      const [row] = await tx.query<{ settings: unknown }>('select settings from caption_settings where org_id = $1 for update', [by.orgId]);
      const changed = captionSettingsSchema.parse({ ...captionSettingsSchema.parse(row?.settings), ...given });
      await tx.query('update caption_settings set settings = $2, changed_by = $3, changed_at = $4 where org_id = $1', [
        by.orgId,
        JSON.stringify(changed),
        by.personId,
        new Date(clock.now()),
      ]);
      const actor = { id: by.personId, name: by.name };
      await audit.record(tx, {
        orgId: by.orgId,
        actor,
        action: 'captions.settings-changed',
        subject: {},
        detail: { changed: Object.keys(given) },
      });
      return changed;
    });
    this.#kept.delete(by.orgId);
    return settings;
  }
}

export function assertGoverns(by: Principal): void {
  if (by.role !== 'owner' && by.role !== 'admin') throw new CausewayError('AUTH_FORBIDDEN');
}
