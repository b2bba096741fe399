/** The table `attachments` as rows. */
import type { StoredAttachment } from '../message.js';

export interface AttachmentRow {
  readonly org_id: string;
  readonly id: string;
  readonly conversation_id: string;
  readonly uploaded_by: string;
  readonly name: string;
  readonly type: string;
  /** bigint, which the driver gives as text. */
  readonly size: string;
  readonly sha256: Buffer | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly key: string;
  readonly preview_key: string | null;
  readonly message_number: number | null;
}

export const attachmentColumns =
  'a.org_id, a.id, a.conversation_id, a.uploaded_by, a.name, a.type, a.size, a.sha256, a.width, a.height, a.key, a.preview_key, a.message_number';

export function toStored(row: AttachmentRow): StoredAttachment {
  return {
    id: row.id,
    name: row.name,
    type: row.type,
    size: Number(row.size),
    sha256: row.sha256?.toString('hex') ?? '',
    width: row.width ?? 0,
    height: row.height ?? 0,
    preview: row.preview_key !== null,
  };
}
