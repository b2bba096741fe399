/**
 * A recording that was captured and composed already: its rows and its files, made of a test picture and a
 * tone. What follows (the summary, the signed manifest) the server does itself, as after any meeting.
 */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openBlobs } from '../../src/platform/blobs/index.js';
import { canonical, storable } from '../../src/platform/canonical-json.js';
import { newId } from '../../src/platform/ids.js';
import { Ffmpeg } from '../../src/recording/compose/ffmpeg.js';
import { cutForHls, drawThumbnails } from '../../src/recording/compose/outputs.js';
import { waveformOf } from '../../src/recording/compose/sound.js';
import type { NewFile } from '../../src/recording/ports.js';
import type { ConsentWhat, Recording, RecordingPolicy } from '../../src/recording/recording.js';
import { Recordings } from '../../src/recording/recordings.js';
import type { SignedIn } from './api.js';
import { testLog } from './config.js';
import type { TestServer } from './server.js';
import { temporaryFolder } from './temporary-folder.js';

export interface Said {
  readonly by: SignedIn;
  readonly atMs: number;
  readonly text: string;
  readonly language?: string;
}

export interface KeptOptions {
  readonly title?: string;
  readonly by: SignedIn;
  /** Who was in the meeting beside who recorded it. */
  readonly others?: readonly SignedIn[];
  readonly said?: readonly Said[];
  readonly seconds?: number;
  readonly kind?: 'recording' | 'transcript';
  /** No picture: sound alone was captured. */
  readonly audioOnly?: boolean;
  readonly policy?: Partial<RecordingPolicy>;
  readonly startedAt?: Date;
  /** What compose could not put into it, by the index of a person of the meeting. */
  readonly gaps?: readonly { readonly of: number; readonly what: 'lost' | 'damaged'; readonly from: number; readonly to: number }[];
  /** Goes no further than this. */
  readonly state?: 'ready' | 'failed' | 'processing';
}

const usual: RecordingPolicy = {
  consent: 'ask',
  starters: 'moderators',
  keepDays: 365,
  viewers: 'participants',
  download: true,
  watermark: false,
  contact: 'Harbour Ltd',
};

const sentence = (words: string): Record<string, string> => ({
  title: words,
  what: words,
  purpose: words,
  kept: words,
  seenBy: words,
  voluntary: words,
  contact: words,
});

export async function keepRecording(server: TestServer, options: KeptOptions): Promise<{ id: string; meetingId: string }> {
  const { by, others = [], said = [], seconds = 24, kind = 'recording', audioOnly = false, state = 'ready', gaps = [] } = options;
  const { database } = server;
  const title = options.title ?? 'Weekly';
  const startedAt = options.startedAt ?? new Date(Date.now() - 86_400_000);
  const stoppedAt = new Date(startedAt.getTime() + seconds * 1_000);
  const meeting = await server.createMeeting(by, { title });
  const [place] = await database.query<{ orgId: string; conversationId: string }>(
    'select org_id as "orgId", conversation_id as "conversationId" from meetings where id = $1',
    [meeting.id],
  );
  if (!place) throw new Error('The meeting is not there.');
  const { orgId, conversationId } = place;
  const people = [by, ...others];
  await database.query(`update meetings set status = 'ended', started_at = $2, ended_at = $3 where id = $1`, [
    meeting.id,
    startedAt,
    stoppedAt,
  ]);
  for (const { person } of people) {
    await database.query(
      `insert into meeting_members (org_id, meeting_id, person_id, role, admission) values ($1, $2, $3, $4, 'admitted') on conflict do nothing`,
      [orgId, meeting.id, person.id, person.id === by.person.id ? 'host' : 'attendee'],
    );
    await database.query(
      'insert into meeting_stays (org_id, id, meeting_id, person_id, joined_at, left_at) values ($1, $2, $3, $4, $5, $6)',
      [orgId, newId(), meeting.id, person.id, startedAt, stoppedAt],
    );
  }
  const noticeHash = await keepNotice(server, orgId);
  const id = newId();
  const policy = { ...usual, ...options.policy };
  await database.query(
    `insert into recordings (org_id, id, meeting_id, conversation_id, kind, state, title, started_by, started_by_name, started_at, stopped_at,
       notice_hash, policy, done, claimed_until, progress, step, delete_at, created_at)
     values ($1, $2, $3, $4, $5, 'processing', $6, $7, $8, $9, $10, $11, $12, '{seal,transcribe,compose}', 'infinity', 0.4, 'compose', $13, $9)`,
    [
      orgId,
      id,
      meeting.id,
      conversationId,
      kind,
      title,
      by.person.id,
      by.person.name,
      startedAt,
      stoppedAt,
      noticeHash,
      JSON.stringify(policy),
      policy.keepDays === null ? null : new Date(startedAt.getTime() + policy.keepDays * 86_400_000),
    ],
  );
  let number = 0;
  const tracks = people.map(() => newId());
  for (const [index, { person }] of people.entries()) {
    for (const what of ['asked', 'yes'] satisfies ConsentWhat[]) {
      number += 1;
      await database.query(
        `insert into consent_ledger (org_id, recording_id, number, person_id, person_name, what, notice_hash, language, client, at)
         values ($1, $2, $3, $4, $5, $6, $7, 'en', 'Chromium', $8)`,
        [orgId, id, number, person.id, person.name, what, noticeHash, startedAt],
      );
    }
    if (kind === 'recording')
      await database.query(
        `insert into recording_tracks (org_id, id, recording_id, person_id, person_name, participant_id, source, mime_type, clock_rate, ssrc,
           payload_type, node, state, started_at, ended_at)
         values ($1, $2, $3, $4, $5, $6, 'microphone', 'audio/opus', 48000, 1, 100, 'node', 'sealed', $7, $8)`,
        [orgId, tracks[index], id, person.id, person.name, newId(), startedAt, stoppedAt],
      );
  }
  for (const { by: speaker, atMs, text, language = 'en' } of said)
    await database.query(
      `insert into transcript_lines (org_id, recording_id, id, person_id, speaker, begin_ms, end_ms, language, text, engine)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'test')`,
      [orgId, id, newId(), speaker.person.id, speaker.person.name, atMs, atMs + 2_500, language, text],
    );
  if (kind === 'recording' && state === 'ready')
    await keepFiles(server, {
      orgId,
      id,
      seconds,
      audioOnly,
      gaps: gaps.map(({ of, ...gap }) => ({ ...gap, track: tracks[of], source: 'microphone' })),
    });
  if (state === 'failed')
    await database.query(
      `update recordings set state = 'failed', failure = 'compose: No space left on device', claimed_until = null where id = $1`,
      [id],
    );
  // Let go of: the server takes it up from here.
  if (state === 'ready') await database.query('update recordings set claimed_until = null where id = $1', [id]);
  return { id, meetingId: meeting.id };
}

/** The words that were shown, under the hash of their canonical JSON (RFC 8785). */
async function keepNotice(server: TestServer, orgId: string): Promise<string> {
  const texts = {
    en: sentence('This meeting is recorded.'),
    'zh-Hant': sentence('本會議將會錄影。'),
    'zh-Hans': sentence('本会议将会录像。'),
  };
  const hash = createHash('sha256')
    .update(canonical(storable(texts)))
    .digest('hex');
  await server.database.query(
    `insert into consent_notices (org_id, hash, version, texts, created_at) values ($1, $2, 'test', $3, now()) on conflict do nothing`,
    [orgId, hash, JSON.stringify(texts)],
  );
  return hash;
}

async function keepFiles(
  server: TestServer,
  { orgId, id, seconds, audioOnly, gaps }: { orgId: string; id: string; seconds: number; audioOnly: boolean; gaps: readonly object[] },
): Promise<void> {
  const { config, database } = server;
  const folder = await temporaryFolder();
  const blobs = await openBlobs(config, testLog());
  const ffmpeg = await Ffmpeg.find(config);
  const { signal } = new AbortController();
  const run = { signal, cwd: folder.path };
  const recordings = new Recordings({ database, blobs, clock: { now: () => Date.now() } });
  const add = (file: NewFile) => recordings.add({ orgId, id } satisfies Pick<Recording, 'orgId' | 'id'>, 1, file);
  const at = (name: string): string => path.join(folder.path, name);
  try {
    const tone = ['-f', 'lavfi', '-i', `sine=frequency=330:sample_rate=48000:duration=${seconds}`];
    const picture = ['-f', 'lavfi', '-i', `testsrc2=size=640x360:rate=15:duration=${seconds}`];
    const sound = ['-c:a', 'aac', '-b:a', '64k'];
    await ffmpeg.run([...tone, ...sound, 'audio.m4a'], run);
    const film = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '30'];
    if (audioOnly) await ffmpeg.run(['-i', 'audio.m4a', '-c', 'copy', 'meeting.mp4'], run);
    else await ffmpeg.run([...picture, ...tone, ...film, ...sound, '-movflags', '+faststart', 'meeting.mp4'], run);
    const outputs = { ffmpeg, folder: folder.path, signal };
    await mkdir(at('hls'), { recursive: true });
    for (const file of await cutForHls(at('meeting.mp4'), outputs)) await add(file);
    await add({ name: 'audio.m4a', kind: 'audio', mediaType: 'audio/mp4', path: at('audio.m4a') });
    await writeFile(at('waveform.json'), await waveformOf(at('audio.m4a'), seconds * 1_000, outputs));
    await add({ name: 'waveform.json', kind: 'waveform', mediaType: 'application/json', path: at('waveform.json') });
    await writeFile(at('composed.json'), JSON.stringify({ beginMs: 0, durationMs: seconds * 1_000, gaps }));
    await add({ name: 'composed.json', kind: 'report', mediaType: 'application/json', path: at('composed.json') });
    if (audioOnly) return;
    for (const file of await drawThumbnails(at('meeting.mp4'), seconds * 1_000, outputs)) await add(file);
    await add({ name: 'meeting.mp4', kind: 'video', mediaType: 'video/mp4', path: at('meeting.mp4') });
  } finally {
    await blobs.close();
    await folder.remove();
  }
}
