/** An organisation whose meeting was recorded and put together, with the archive over real HTTP, a real database and a real store. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { newId } from '../../../../src/platform/ids.js';
import { openMail } from '../../../../src/platform/mail/index.js';
import type { Principal } from '../../../../src/platform/principal.js';
import { type Archive, openArchive, type Scarce } from '../../../../src/recording/archive/index.js';
import { Ffmpeg } from '../../../../src/recording/compose/ffmpeg.js';
import type { Consent } from '../../../../src/recording/consent/index.js';
import { downloadRoutes } from '../../../../src/recording/download-routes.js';
import { forgetWords } from '../../../../src/recording/forget-words.js';
import type { NewFile } from '../../../../src/recording/ports.js';
import type { Recording } from '../../../../src/recording/recording.js';
import { checkPassword, hashPassword } from '../../../../src/services/accounts/index.js';
import type { Answer, Api } from '../../../support/api.js';
import { testConfig, testLog } from '../../../support/index.js';
import { RecordingWorld } from '../consent/world.js';

export const playlist = '#EXTM3U\n#EXT-X-MAP:URI="init.mp4"\n00000.m4s\n';
/** Not media: what plays it is not asked here. */
export const meetingBytes = Buffer.from('the whole meeting, as it was composed');

export class ArchiveWorld {
  readonly warned: Scarce[] = [];
  readonly dropped: { readonly id: string; readonly trackIds: readonly string[] }[] = [];
  woken = 0;
  #files = 0;

  private constructor(
    readonly world: RecordingWorld,
    readonly consent: Consent,
    readonly archive: Archive,
    readonly api: Api,
    readonly host: Principal,
    readonly member: Principal,
    readonly admin: Principal,
    /** In the organisation, and in no meeting. */
    readonly other: Principal,
  ) {}

  static async open(config: Parameters<typeof testConfig>[0] = {}): Promise<ArchiveWorld> {
    const world = await RecordingWorld.open();
    const consent = await world.openConsent();
    const { office, access, blobs, jobs, recordings, takings, downloadLinks } = world;
    const settings = testConfig({ DATA_DIR: world.folder.path, SIGN_IN_PER_MINUTE: 10_000, ...config });
    const hooks: { self: ArchiveWorld | null } = { self: null };
    const archive = await openArchive({
      config: settings,
      database: office.database,
      blobs,
      jobs,
      clock: office.clock,
      log: testLog(),
      audit: office.audit,
      rows: recordings,
      access,
      takings,
      holds: { holdOf: async () => world.hold },
      passwords: { hash: hashPassword, check: checkPassword },
      conversationsOf: ({ orgId, personId }) =>
        office.database.query(
          'select c.id, c.title from conversation_members m join conversations c on c.id = m.conversation_id where m.org_id = $1 and m.person_id = $2',
          [orgId, personId],
        ),
      ffmpeg: () => Ffmpeg.find(settings),
      mail: openMail(settings, testLog()),
      outside: {
        wishes: async () => ({ email: true, language: null, named: true, silentUntil: null }),
        push: async () => undefined,
        changed: () => undefined,
        line: async () => undefined,
        membersOf: async () => [],
      },
      warn: async (_orgId, scarce) => void hooks.self?.warned.push(scarce),
      forget: forgetWords,
      dropped: async ({ id }, trackIds) => void hooks.self?.dropped.push({ id, trackIds }),
      wake: () => {
        if (hooks.self) hooks.self.woken += 1;
      },
    });
    access.extend((principal, recording) => archive.rights(principal, recording));
    downloadLinks.offer('file', archive.offers.file);
    downloadLinks.offer('copy', archive.offers.copy);
    const api = await world.serve((app) => {
      archive.routes(app, { pageUrl: () => 'https://meet.example', secureCookies: false });
      downloadRoutes(app, { links: downloadLinks, secureCookies: false });
    });
    const host = await world.person('Hana');
    const made = new ArchiveWorld(
      world,
      consent,
      archive,
      api,
      host,
      await world.person('Milo'),
      await world.person('Adam', 'admin'),
      await world.person('Otto'),
    );
    hooks.self = made;
    return made;
  }

  get database() {
    return this.world.office.database;
  }

  /** Put together: an hour long, with a stream, a file, a picture. Hana was the host, Milo was in it. */
  async recording(policy: Partial<Recording['policy']> = {}, meeting: Buffer = meetingBytes): Promise<Recording> {
    const { world, consent, host, member } = this;
    const recording = await world.record(consent, [host, member], { watermark: false, download: true, ...policy });
    const start = recording.startedAt.getTime();
    await this.database.query(`update recordings set state = 'processing', stopped_at = $2 where id = $1`, [
      recording.id,
      new Date(start + 3_600_000),
    ]);
    await this.version(recording, 1, meeting);
    return world.recordings.get(recording.orgId, recording.id);
  }

  /** The next version is there. */
  async version(recording: Pick<Recording, 'orgId' | 'id'>, version: number, meeting: Buffer = meetingBytes): Promise<void> {
    await this.add(recording, version, 'meeting.mp4', 'video', 'video/mp4', meeting);
    await this.add(recording, version, 'audio.m4a', 'audio', 'audio/mp4', Buffer.from('sound'));
    await this.add(recording, version, 'thumb-0000.jpg', 'thumbnail', 'image/jpeg', Buffer.from('picture'));
    await this.add(recording, version, 'composed.json', 'report', 'application/json', Buffer.from('{"beginMs":1500}'));
    await this.add(recording, version, 'hls/index.m3u8', 'hls', 'application/vnd.apple.mpegurl', Buffer.from(playlist));
    await this.add(recording, version, 'hls/00000.m4s', 'hls', 'video/iso.segment', Buffer.from('a piece'));
    await this.database.query(
      `update recordings set state = 'ready', version = $2, bytes = (select sum(bytes) from recording_files where recording_id = $1 and version = $2) where id = $1`,
      [recording.id, version],
    );
  }

  async add(
    recording: Pick<Recording, 'orgId' | 'id'>,
    version: number,
    name: string,
    kind: NewFile['kind'],
    mediaType: string,
    bytes: Buffer,
  ): Promise<void> {
    const folder = path.join(this.world.folder.path, 'made');
    await mkdir(folder, { recursive: true });
    this.#files += 1;
    const file = path.join(folder, String(this.#files));
    await writeFile(file, bytes);
    await this.world.recordings.add(recording, version, { name, kind, mediaType, path: file });
  }

  /** Somebody said something in a second of the recording. */
  async line(recording: Recording, person: Principal, beginMs: number, text: string, endMs = beginMs + 1_000): Promise<string> {
    const id = newId();
    await this.database.query(
      `insert into transcript_lines (org_id, recording_id, id, person_id, speaker, begin_ms, end_ms, language, text, engine)
       values ($1, $2, $3, $4, $5, $6, $7, 'en', $8, 'test')`,
      [recording.orgId, recording.id, id, person.personId, person.name, beginMs, endMs, text],
    );
    return id;
  }

  async texts(recording: Recording): Promise<string[]> {
    return (await this.world.recordings.transcript(recording)).map(({ text }) => text);
  }

  as(person: Principal, method: string, url: string, body?: unknown): Promise<Answer> {
    return this.api.api(method, url, body, person.personId);
  }

  /** As a player or a browser does. */
  fetch(
    url: string,
    {
      person,
      cookie,
      headers = {},
      method = 'GET',
    }: { person?: Principal; cookie?: string; headers?: Record<string, string>; method?: 'GET' | 'HEAD' } = {},
  ): Promise<Response> {
    return fetch(`${this.api.url}${url}`, {
      method,
      headers: { ...headers, ...(person ? { authorization: `Bearer ${person.personId}` } : {}), ...(cookie ? { cookie } : {}) },
    });
  }

  audited(action: string) {
    return this.world.office.audited(action);
  }

  /** The work of a night. */
  night(): Promise<void> {
    return this.archive.tidy(new AbortController().signal);
  }

  /** Time passes for the server. */
  later(ms: number): void {
    this.world.office.now += ms;
  }

  async close(): Promise<void> {
    await this.world.close();
  }
}

/** What a browser gives back of what was set. */
export function cookieOf(answer: Answer): string {
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

export function codeOf(answer: Answer): string | undefined {
  const { body } = answer;
  if (typeof body !== 'object' || body === null || !('error' in body)) return undefined;
  const { error } = body;
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;
}
