/** Notices that people were shown. Each is stored once, under the hash of its words, and never changed. */
import { createHash } from 'node:crypto';
import { canonical, storable, storableText } from '../../platform/canonical-json.js';
import type { Clock } from '../../platform/clock.js';
import type { Database, Query } from '../../platform/database/index.js';
import type { RecordingKind, RecordingPolicy } from '../recording.js';
import { type NoticeFacts, noticeTexts, noticeVersion } from './notice-texts.js';
import { type NoticeTexts, noticeTextsSchema, type RecordedMeetingKind } from './schema.js';

export interface NoticesDeps {
  readonly database: Database;
  readonly clock: Clock;
  /** Sound or words go to a service beyond this server, for captions or summaries: people are told. Default: no. */
  readonly outside?: boolean;
}

export interface Notice {
  /** SHA-256 of the canonical JSON (RFC 8785) of `texts`, hex. */
  readonly hash: string;
  readonly version: string;
  readonly texts: NoticeTexts;
}

export interface NoticeWish {
  readonly meetingKind: RecordedMeetingKind;
  readonly kind: RecordingKind;
  readonly policy: RecordingPolicy;
}

export class Notices {
  readonly #deps: NoticesDeps;

  constructor(deps: NoticesDeps) {
    this.#deps = deps;
  }

  /** What people are told of a recording under the policy. Stored when it is there, so that a ledger may name it. */
  async of(orgId: string, wish: NoticeWish, tx: Query = this.#deps.database): Promise<Notice & { readonly asks: boolean }> {
    const { clock, outside = false } = this.#deps;
    const [organisation] = await tx.query<{ name: string }>('select name from organisations where id = $1', [orgId]);
    const asks = wish.policy.consent !== 'inform';
    const notice = writeNotice({
      organisation: storableText(organisation?.name ?? ''),
      contact: storableText(wish.policy.contact),
      webinar: wish.meetingKind === 'webinar',
      transcript: wish.kind === 'transcript',
      asks,
      keepDays: wish.policy.keepDays,
      viewers: wish.policy.viewers,
      download: wish.policy.download,
      outside,
    });
    await tx.query(
      `insert into consent_notices (org_id, hash, version, texts, created_at) values ($1, $2, $3, $4, $5)
       on conflict (org_id, hash) do nothing`,
      [orgId, notice.hash, notice.version, JSON.stringify(notice.texts), new Date(clock.now())],
    );
    return { ...notice, asks };
  }

  /** Those of the hashes that are stored. */
  async get(orgId: string, hashes: readonly string[], tx: Query = this.#deps.database): Promise<Notice[]> {
    const rows = await tx.query<{ hash: string; version: string; texts: unknown }>(
      'select hash, version, texts from consent_notices where org_id = $1 and hash = any($2) order by created_at, hash',
      [orgId, hashes],
    );
    return rows.map(({ hash, version, texts }) => ({ hash, version, texts: noticeTextsSchema.parse(texts) }));
  }
}

/** Pure. */
export function writeNotice(facts: NoticeFacts): Notice {
  const texts = { en: noticeTexts.en(facts), 'zh-Hant': noticeTexts['zh-Hant'](facts), 'zh-Hans': noticeTexts['zh-Hans'](facts) };
  return { hash: hashOfTexts(texts), version: noticeVersion, texts };
}

export function hashOfTexts(texts: NoticeTexts): string {
  return createHash('sha256')
    .update(canonical(storable(texts)))
    .digest('hex');
}
