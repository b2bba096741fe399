/** Reads everything that a manifest says of a version, and looks whether the store has what the rows say. */
import { z } from 'zod';
import type { BlobStore } from '../../platform/blobs/index.js';
import { storable, storableText } from '../../platform/canonical-json.js';
import type { Database } from '../../platform/database/index.js';
import type { RecordingRows } from '../ports.js';
import { blobPrefix, type ConsentEntry, type Recording, type RecordingTrack } from '../recording.js';
import { formatVersion, type Manifest, manifestFormat } from './manifest.js';

/** What other parts tell of a recording. */
export interface EvidenceSources {
  readonly rows: RecordingRows;
  readonly ledger: { list(recording: Recording): Promise<ConsentEntry[]> };
  readonly notices: {
    get(orgId: string, hashes: readonly string[]): Promise<{ readonly hash: string; readonly version: string; readonly texts: unknown }[]>;
  };
  readonly meetingOf: (recording: Recording) => Promise<RecordedMeeting>;
  /** JSON of the summary that counts; null: there is none. */
  readonly summaryOf: (recording: Recording) => Promise<unknown>;
  /** What was cut out or made unrecognisable in the version. */
  readonly editsOf: (recording: Recording, version: number) => Promise<readonly unknown[]>;
}

export interface RecordedMeeting {
  readonly title: string;
  readonly kind: string;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  /** Once for each time that somebody was in it. */
  readonly stays: readonly { readonly personId: string; readonly name: string; readonly joinedAt: Date; readonly leftAt: Date | null }[];
}

export interface GatherDeps extends EvidenceSources {
  readonly database: Database;
  readonly blobs: BlobStore;
  /** Of this Causeway. */
  readonly software: string;
}

/** A manifest but for its papers and its time. */
export type Facts = Omit<Manifest, 'papers' | 'signedAt'>;

export async function gather(deps: GatherDeps, recording: Recording, version: number, signal: AbortSignal): Promise<Facts> {
  const { rows, ledger, notices, database, software } = deps;
  const { orgId } = recording;
  const [row] = await database.query<{ name: string; reason: string }>(
    'select o.name, r.reason from organisations o join recordings r on r.org_id = o.id where o.id = $1 and r.id = $2',
    [orgId, recording.id],
  );
  const meeting = await deps.meetingOf(recording);
  const entries = await ledger.list(recording);
  const hashes = new Set([recording.noticeHash, ...entries.map(({ noticeHash }) => noticeHash)]);
  const tracks = await tracksOf(deps, recording, signal);
  const files = await filesOf(database, recording, version);
  const missing = await missingOf(deps, recording, version, tracks, files, signal);
  return {
    format: manifestFormat,
    formatVersion,
    software,
    organisation: person(orgId, row?.name ?? ''),
    recording: {
      id: recording.id,
      kind: recording.kind,
      title: storableText(recording.title),
      startedBy: person(recording.startedBy, recording.startedByName),
      startedAt: recording.startedAt.toISOString(),
      stoppedAt: timeOf(recording.stoppedAt),
      version,
      reason: row?.reason ?? '',
    },
    meeting: {
      id: recording.meetingId,
      title: storableText(meeting.title),
      kind: meeting.kind,
      startedAt: timeOf(meeting.startedAt),
      endedAt: timeOf(meeting.endedAt),
    },
    policy: { ...recording.policy },
    pauses: (await rows.pauses(recording)).map(({ pausedAt, resumedAt }) => ({ from: pausedAt.toISOString(), until: timeOf(resumedAt) })),
    participants: meeting.stays.map(({ personId, name, joinedAt, leftAt }) => ({
      ...person(personId, name),
      joinedAt: joinedAt.toISOString(),
      leftAt: timeOf(leftAt),
    })),
    consent: {
      entries: entries.map(({ number, personId, personName, what, noticeHash, language, client, at }) => ({
        number,
        person: person(personId, personName),
        what,
        noticeHash,
        language,
        client,
        at: at.toISOString(),
      })),
      notices: (await notices.get(orgId, [...hashes])).map(({ hash, version: template, texts }) => ({
        hash,
        version: template,
        texts: jsonOf(texts),
      })),
    },
    tracks,
    files,
    edits: jsonOf(await deps.editsOf(recording, version)),
    posts: await postsOf(database, recording),
    missing,
  };
}

/** Where in the store a file of the export is. */
export function blobOf(recording: Pick<Recording, 'orgId' | 'id'>, version: number, path: string): string {
  const prefix = blobPrefix(recording);
  if (path.startsWith('tracks/')) return `${prefix}/${path}`;
  if (path.startsWith('files/')) return `${prefix}/v${version}/${path.slice('files/'.length)}`;
  return `${paperPrefix(recording, version)}${path}`;
}

/** Beside the files of the version and dropped with them, but no files that everybody who sees it may fetch. */
export function paperPrefix(recording: Pick<Recording, 'orgId' | 'id'>, version: number): string {
  return `${blobPrefix(recording)}/v${version}/evidence/`;
}

async function filesOf(database: Database, recording: Recording, version: number): Promise<Manifest['files']> {
  const folder = `${blobPrefix(recording)}/v${version}/`;
  const rows = await database.query<Omit<Manifest['files'][number], 'path'> & { blobKey: string }>(
    `select blob_key as "blobKey", kind, media_type as "mediaType", bytes::float8 as bytes, sha256
     from recording_files where org_id = $1 and recording_id = $2 and version = $3 order by name collate "C"`,
    [recording.orgId, recording.id, version],
  );
  return rows.map(({ blobKey, ...file }) => ({ path: `files/${pathOf(blobKey, folder)}`, ...file }));
}

async function postsOf(database: Database, { orgId, id }: Recording): Promise<NonNullable<Manifest['posts']>> {
  const rows = await database.query<{
    what: string;
    conversation: string;
    message: number;
    postedAt: Date;
    state: string;
    changedAt: Date | null;
  }>(
    `select what, conversation_id as conversation, message_number as message, posted_at as "postedAt", state, changed_at as "changedAt"
     from recording_posts where org_id = $1 and recording_id = $2 order by posted_at, conversation_id, message_number`,
    [orgId, id],
  );
  return rows.map((row) => ({ ...row, postedAt: row.postedAt.toISOString(), changedAt: timeOf(row.changedAt) }));
}

async function tracksOf({ rows, database }: GatherDeps, recording: Recording, signal: AbortSignal): Promise<Manifest['tracks']> {
  const gaps = new Map(
    (
      await database.query<{ id: string; gaps: unknown }>('select id, gaps from recording_tracks where org_id = $1 and recording_id = $2', [
        recording.orgId,
        recording.id,
      ])
    ).map((row) => [row.id, row.gaps]),
  );
  const tracks: Manifest['tracks'] = [];
  for (const track of await rows.tracks(recording)) {
    signal.throwIfAborted();
    tracks.push({
      id: track.id,
      person: person(track.personId, track.personName),
      participantId: track.participantId,
      source: track.source,
      mimeType: track.mimeType,
      clockRate: track.clockRate,
      channels: track.channels,
      ssrc: track.ssrc,
      payloadType: track.payloadType,
      state: track.state,
      startedAt: track.startedAt.toISOString(),
      endedAt: timeOf(track.endedAt),
      gaps: jsonOf(gaps.get(track.id) ?? []),
      segments: track.state === 'removed' ? [] : await segmentsOf(rows, recording, track),
    });
  }
  return tracks;
}

async function segmentsOf(
  rows: RecordingRows,
  recording: Recording,
  track: RecordingTrack,
): Promise<Manifest['tracks'][number]['segments']> {
  return (await rows.segments(track)).map(({ blobKey, number, bytes, sha256, firstAt, lastAt }) => ({
    path: pathOf(blobKey, `${blobPrefix(recording)}/`),
    number,
    bytes,
    sha256,
    firstAt: firstAt.toISOString(),
    lastAt: lastAt.toISOString(),
  }));
}

/** The hashes were made when the bytes came in; whether they are still there shows in one listing of the store. */
async function missingOf(
  { blobs }: GatherDeps,
  recording: Recording,
  version: number,
  tracks: Manifest['tracks'],
  files: Manifest['files'],
  signal: AbortSignal,
): Promise<Manifest['missing']> {
  const sizes = new Map<string, number>();
  for await (const { key, size } of blobs.list(`${blobPrefix(recording)}/`)) {
    signal.throwIfAborted();
    sizes.set(key, size);
  }
  const missing: Manifest['missing'] = [];
  const look = (path: string, bytes: number) => {
    const size = sizes.get(blobOf(recording, version, path));
    if (size !== bytes) missing.push({ what: size === undefined ? 'lost' : 'damaged', path });
  };
  for (const { id, state, segments } of tracks) {
    if (state === 'removed') missing.push({ what: 'withdrawn', track: id });
    else if (state !== 'sealed') missing.push({ what: 'not-sealed', track: id });
    for (const { path, bytes } of segments) look(path, bytes);
  }
  for (const { path, bytes } of files) look(path, bytes);
  return missing;
}

function person(id: string, name: string): { id: string; name: string } {
  return { id, name: storableText(name) };
}

function timeOf(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}

type Mutable = z.output<typeof json>;
const json = z.json();

function jsonOf(value: unknown): Mutable {
  return json.parse(storable(value));
}

/** Of an export: what comes after the folder of the recording, or of its version. */
function pathOf(blobKey: string, folder: string): string {
  if (!blobKey.startsWith(folder)) throw new Error(`The blob ${blobKey} is not where those of its recording are.`);
  return blobKey.slice(folder.length);
}
