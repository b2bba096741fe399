/** An organisation with a meeting that is recorded, over real HTTP, a real database and a real store. */
import { randomUUID } from 'node:crypto';
import { type BlobStore, openBlobs } from '../../../../src/platform/blobs/index.js';
import { CausewayError } from '../../../../src/platform/errors.js';
import { createHttp, type Http, type HttpApp } from '../../../../src/platform/http/index.js';
import { newId } from '../../../../src/platform/ids.js';
import { type Jobs, openJobs } from '../../../../src/platform/jobs/index.js';
import { createMetrics } from '../../../../src/platform/metrics.js';
import type { Principal } from '../../../../src/platform/principal.js';
import { Access } from '../../../../src/recording/access.js';
import { type Consent, openConsent } from '../../../../src/recording/consent/index.js';
import { DownloadLinks } from '../../../../src/recording/download-links.js';
import type { Recording } from '../../../../src/recording/recording.js';
import { Recordings } from '../../../../src/recording/recordings.js';
import { Takings } from '../../../../src/recording/takings.js';
import { Api } from '../../../support/api.js';
import { type TemporaryFolder, temporaryFolder, testConfig, testLog } from '../../../support/index.js';
import { Office } from '../../chat/office.js';

export interface Forgotten {
  readonly recordingId: string;
  readonly personId: string;
}

export class RecordingWorld {
  /** Who was cut out of a recording that is on. */
  readonly cut: string[] = [];
  readonly forgotten: Forgotten[] = [];
  /** Of whom something is kept by a hold, and hidden. */
  readonly keptBack: Forgotten[] = [];
  /** What happens when somebody is to be forgotten; throw to fail. */
  forget: (recording: Recording, personId: string) => Promise<void> = async () => undefined;
  /** Sign-ins that were ended. */
  readonly signedOut = new Set<string>();
  readonly takings: Takings;
  readonly downloadLinks: DownloadLinks;
  /** The legal hold over all recordings. */
  hold: string | null = null;
  readonly #people = new Map<string, Principal>();
  #tracks = 0;
  #http: Http | null = null;

  private constructor(
    readonly office: Office,
    readonly folder: TemporaryFolder,
    readonly blobs: BlobStore,
    readonly jobs: Jobs,
    readonly recordings: Recordings,
    readonly access: Access,
  ) {
    const { database, clock, audit } = office;
    this.takings = new Takings({ database, clock, audit });
    this.downloadLinks = new DownloadLinks({
      database,
      clock,
      log: testLog(),
      takings: this.takings,
      stillIn: async ({ personId, signInId }) => {
        const person = this.#people.get(personId);
        if (person?.signInId !== signInId || this.signedOut.has(signInId)) throw new CausewayError('AUTH_SIGNED_OUT');
        return person;
      },
      lookMs: 50,
    });
  }

  static async open(): Promise<RecordingWorld> {
    const office = await Office.open();
    const folder = await temporaryFolder();
    const { database, clock } = office;
    const blobs = await openBlobs(testConfig({ DATA_DIR: folder.path }), testLog());
    const jobs = await openJobs({ database, log: testLog(), pollMs: 50, retryDelaySeconds: 0 });
    const recordings = new Recordings({ database, blobs, clock });
    const standing = async (orgId: string, meetingId: string, personId: string) => {
      const [member] = await database.query<{ role: string }>(
        'select role from meeting_members where org_id = $1 and meeting_id = $2 and person_id = $3',
        [orgId, meetingId, personId],
      );
      return member ? (member.role === 'host' ? 'moderator' : 'participant') : null;
    };
    return new RecordingWorld(office, folder, blobs, jobs, recordings, new Access({ recordings, standing }));
  }

  openConsent(more: { outside?: boolean } = {}): Promise<Consent> {
    const { office, jobs, access, recordings } = this;
    return openConsent({
      database: office.database,
      clock: office.clock,
      audit: office.audit,
      jobs,
      log: testLog(),
      rows: recordings,
      access,
      holds: { holdOf: async () => this.hold },
      hooks: {
        cut: async (_recording, personId) => void this.cut.push(personId),
        forget: async (recording, personId) => {
          await this.forget(recording, personId);
          this.forgotten.push({ recordingId: recording.id, personId });
        },
        keepBack: async ({ id: recordingId }, personId) => void this.keptBack.push({ recordingId, personId }),
      },
      ...more,
    });
  }

  /** Serves the routes; a token is the id of a person. */
  async serve(routes: (app: HttpApp) => void): Promise<Api> {
    const http = await createHttp({
      config: testConfig({ HTTP_REQUESTS_PER_MINUTE: 100_000 }),
      log: testLog(),
      metrics: createMetrics(),
      version: '1.2.3',
      socketOrigins: () => [],
      authenticate: async (token) => {
        const principal = this.#people.get(token);
        if (!principal) throw new CausewayError('AUTH_REQUIRED');
        return principal;
      },
      health: async () => ({}),
    });
    this.#http = http;
    routes(http.app);
    const { port } = await http.listen();
    return new Api(() => ({ url: `http://127.0.0.1:${port}`, setupPath: null }));
  }

  async person(name: string, role: 'owner' | 'admin' | 'member' = 'member'): Promise<Principal> {
    const principal = await this.office.person(name, role);
    this.#people.set(principal.personId, principal);
    return principal;
  }

  /** A meeting whose first person is the host; all of them were in it for an hour from now on. */
  async meeting(people: readonly Principal[], kind: 'meeting' | 'webinar' = 'meeting'): Promise<{ id: string; conversationId: string }> {
    const { database, orgId, now } = this.office;
    const { id: conversationId } = await this.office.conversation(people);
    const id = newId(now);
    await database.query(
      `insert into meetings (org_id, id, code, title, status, host_id, conversation_id, lobby, guests, chat_history, kind, created_at)
       values ($1, $2, $3, 'Weekly', 'ended', $4, $5, 'off', true, true, $6, $7)`,
      [orgId, id, randomUUID(), people[0]?.personId, conversationId, kind, new Date(now)],
    );
    for (const [index, { personId }] of people.entries()) {
      await database.query('insert into meeting_members (org_id, meeting_id, person_id, role, admission) values ($1, $2, $3, $4, $5)', [
        orgId,
        id,
        personId,
        index === 0 ? 'host' : 'attendee',
        'admitted',
      ]);
      await database.query(
        'insert into meeting_stays (org_id, id, meeting_id, person_id, joined_at, left_at) values ($1, $2, $3, $4, $5, $6)',
        [orgId, newId(now), id, personId, new Date(now + index), new Date(now + 3_600_000)],
      );
    }
    return { id, conversationId };
  }

  /** A recording that is on, with the notice that its policy asks for. */
  async record(consent: Consent, people: readonly Principal[], over: Partial<Recording['policy']> = {}): Promise<Recording> {
    const [by] = people;
    if (!by) throw new Error('Nobody records.');
    const meeting = await this.meeting(people);
    const policy = { ...(await consent.policies.get(by.orgId, 'meeting')), ...over };
    const notice = await consent.notices.of(by.orgId, { meetingKind: 'meeting', kind: 'recording', policy });
    const { recording } = await this.recordings.begin({
      orgId: by.orgId,
      meetingId: meeting.id,
      conversationId: meeting.conversationId,
      kind: 'recording',
      title: 'Weekly',
      by: { id: by.personId, name: by.name },
      noticeHash: notice.hash,
      policy,
    });
    return recording;
  }

  /** A track of the person, captured from the recording's start on; each a moment after the one before. */
  async track(recording: Recording, person: Principal, source = 'microphone'): Promise<string> {
    const id = newId();
    this.#tracks += 1;
    await this.office.database.query(
      `insert into recording_tracks (org_id, id, recording_id, person_id, person_name, participant_id, source, mime_type, clock_rate,
         ssrc, payload_type, node, state, started_at)
       values ($1, $2, $3, $4, $5, $6, $7, 'audio/opus', 48000, 1, 100, 'node', 'closed', $8)`,
      [
        recording.orgId,
        id,
        recording.id,
        person.personId,
        person.name,
        newId(),
        source,
        new Date(recording.startedAt.getTime() + this.#tracks),
      ],
    );
    return id;
  }

  async close(): Promise<void> {
    await this.#http?.close();
    await this.jobs.close();
    await this.blobs.close();
    await this.office.close();
    await this.folder.remove();
  }
}
