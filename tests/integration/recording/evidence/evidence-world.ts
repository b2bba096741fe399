/** Recordings that were put together, with real blobs, and their evidence: signed, exported, unpacked. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { openPromise } from 'yauzl';
import yazl from 'yazl';
import { newId } from '../../../../src/platform/ids.js';
import type { Principal } from '../../../../src/platform/principal.js';
import type { Consent } from '../../../../src/recording/consent/index.js';
import { type Evidence, openEvidence } from '../../../../src/recording/evidence/index.js';
import { blobPrefix, type ConsentWhat, type Recording } from '../../../../src/recording/recording.js';
import { RecordingWorld } from '../consent/world.js';

export class EvidenceWorld {
  summary: unknown = null;
  edits: readonly unknown[] = [];

  private constructor(
    readonly base: RecordingWorld,
    readonly consent: Consent,
    readonly evidence: Evidence,
  ) {}

  static async open(): Promise<EvidenceWorld> {
    const base = await RecordingWorld.open();
    const consent = await base.openConsent();
    const { office, blobs, recordings: rows, access } = base;
    const { database, clock, audit } = office;
    const told: { world?: EvidenceWorld } = {};
    const evidence = openEvidence({
      database,
      clock,
      audit,
      blobs,
      access,
      takings: base.takings,
      rows,
      ledger: consent.ledger,
      notices: consent.notices,
      software: '1.2.3',
      meetingOf: async ({ meetingId }) => ({
        title: 'Weekly',
        kind: 'meeting',
        startedAt: null,
        endedAt: null,
        stays: await database.query(
          `select s.person_id as "personId", p.name, s.joined_at as "joinedAt", s.left_at as "leftAt"
           from meeting_stays s join people p on p.id = s.person_id where s.meeting_id = $1 order by s.joined_at, s.id`,
          [meetingId],
        ),
      }),
      summaryOf: async () => told.world?.summary ?? null,
      editsOf: async () => told.world?.edits ?? [],
    });
    base.downloadLinks.offer('evidence', evidence.offer);
    told.world = new EvidenceWorld(base, consent, evidence);
    return told.world;
  }

  /** A meeting of the people was recorded; each agreed, and sent sound. It is composed and stopped, not signed yet. */
  async recorded(people: readonly Principal[], { title = 'Weekly' }: { title?: string } = {}): Promise<Recording> {
    const { recordings, office } = this.base;
    const { database } = office;
    const recording = await this.base.record(this.consent, people);
    await recordings.rename(recording, title);
    for (const person of people) {
      await this.say(recording, person, 'yes');
      const track = await this.base.track(recording, person);
      await database.query(`update recording_tracks set state = 'sealed', gaps = $2 where id = $1`, [
        track,
        JSON.stringify([{ what: 'lost', from: 1_000, to: 2_000, packets: 3 }]),
      ]);
      for (const number of [0, 1]) await this.segment(recording, track, number, randomBytes(3_000));
      await database.query(
        `insert into transcript_lines (org_id, recording_id, id, person_id, speaker, begin_ms, end_ms, language, text, engine)
         values ($1, $2, $3, $4, $5, 61000, 62000, 'en', $6, 'test')`,
        [recording.orgId, recording.id, newId(), person.personId, person.name, `${person.name} says hello`],
      );
    }
    await this.file(recording, 1, 'meeting.mp4', randomBytes(20_000));
    await this.file(recording, 1, 'hls/index.m3u8', Buffer.from('#EXTM3U\n'));
    await recordings.stop(recording, null);
    return this.base.recordings.get(recording.orgId, recording.id);
  }

  /** Puts a version through the step, as processing does. */
  async sign(recording: Recording, version = 1): Promise<Recording> {
    await this.evidence.step.run(recording, { signal: new AbortController().signal, progress: () => undefined, version });
    await this.base.office.database.query(`update recordings set state = 'ready', version = $2 where id = $1`, [recording.id, version]);
    return this.base.recordings.get(recording.orgId, recording.id);
  }

  async say(recording: Recording, { personId, name }: Principal, what: ConsentWhat): Promise<void> {
    const { noticeHash } = recording;
    await this.consent.ledger.append(recording, [{ personId, personName: name, what, noticeHash, language: 'zh-Hant', client: 'test' }]);
  }

  async segment(recording: Recording, track: string, number: number, content: Buffer): Promise<void> {
    const key = `${blobPrefix(recording)}/tracks/${track}/${String(number).padStart(5, '0')}.log`;
    await this.base.blobs.put(key, content);
    await this.base.office.database.query(
      `insert into recording_segments (org_id, track_id, number, blob_key, bytes, sha256, first_at, last_at)
       values ($1, $2, $3, $4, $5, $6, $7, $7)`,
      [recording.orgId, track, number, key, content.length, sha256(content), recording.startedAt],
    );
  }

  async file(recording: Recording, version: number, name: string, content: Buffer): Promise<void> {
    const file = path.join(this.base.folder.path, newId());
    await writeFile(file, content);
    await this.base.recordings.add(recording, version, { name, kind: 'video', mediaType: 'video/mp4', path: file });
  }

  /** An empty folder of this test's own. */
  async place(): Promise<string> {
    const folder = path.join(this.base.folder.path, newId());
    await mkdir(folder);
    return folder;
  }

  async close(): Promise<void> {
    await this.base.close();
  }
}

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Files of a ZIP by path, in the order of its list. */
export async function unzip(file: string): Promise<Map<string, Buffer>> {
  const zip = await openPromise(file, { lazyEntries: true, autoClose: false });
  const files = new Map<string, Buffer>();
  for await (const entry of zip.eachEntry()) files.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry)));
  zip.close();
  return files;
}

export async function writeFolder(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  for (const [name, content] of files) {
    const file = path.join(folder, ...name.split('/'));
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

export async function writeZip(file: string, files: Iterable<readonly [string, Buffer]>): Promise<void> {
  const zip = new yazl.ZipFile();
  for (const [name, content] of files) zip.addBuffer(content, name);
  zip.end();
  const out = createWriteStream(file);
  zip.outputStream.pipe(out);
  await once(out, 'close');
}

export async function download(url: string, token: string, to: string): Promise<Headers> {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  await writeFile(to, Buffer.from(await answer.arrayBuffer()));
  return answer.headers;
}
