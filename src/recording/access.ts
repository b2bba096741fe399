/** Who may do what with a recording. */
import { CausewayError } from '../platform/errors.js';
import type { Principal } from '../platform/principal.js';
import type { RecordingAccess, RecordingRights } from './ports.js';
import type { Recording } from './recording.js';
import type { Recordings } from './recordings.js';

export interface AccessDeps {
  readonly recordings: Recordings;
  /** What somebody was in the meeting; null: he was not in it. */
  readonly standing: (orgId: string, meetingId: string, personId: string) => Promise<'moderator' | 'participant' | null>;
}

/** What else lets somebody see a recording: a share, a review. */
export type FurtherRights = (principal: Principal, recording: Recording) => Promise<Partial<Pick<RecordingRights, 'view' | 'download'>>>;

export class Access implements RecordingAccess {
  readonly #deps: AccessDeps;
  readonly #further: FurtherRights[] = [];

  constructor(deps: AccessDeps) {
    this.#deps = deps;
  }

  /** Parts that are opened later say whom they let in. */
  extend(further: FurtherRights): void {
    this.#further.push(further);
  }

  async rights(principal: Principal, recording: Recording): Promise<RecordingRights> {
    return (await this.#weigh(principal, recording)).rights;
  }

  async assert(principal: Principal, id: string, right: keyof Omit<RecordingRights, 'watermark'>): Promise<Recording> {
    const recording = await this.#deps.recordings.get(principal.orgId, id);
    const { rights, keptBack } = await this.#weigh(principal, recording);
    if (keptBack) throw new CausewayError('RECORDING_NOT_READY');
    if (!rights.view) throw new CausewayError('RECORDING_NOT_FOUND');
    if (!rights[right]) throw new CausewayError('RECORDING_FORBIDDEN');
    return recording;
  }

  /** `keptBack`: he would see it, and will when what somebody took back is removed from it. */
  async #weigh(principal: Principal, recording: Recording): Promise<{ readonly rights: RecordingRights; readonly keptBack: boolean }> {
    const { policy } = recording;
    const none = { view: false, download: false, manage: false, govern: false, watermark: policy.watermark };
    if (principal.orgId !== recording.orgId || principal.role === 'app') return { rights: none, keptBack: false };
    // He sees and does everything anyway: nothing needs to be asked.
    if (principal.role === 'owner' || principal.role === 'admin') {
      return { rights: { ...none, view: true, download: true, manage: true, govern: true }, keptBack: false };
    }
    const standing = await this.#deps.standing(recording.orgId, recording.meetingId, principal.personId);
    const manage = standing === 'moderator' || recording.startedBy === principal.personId;
    const invited = standing === 'participant' && policy.viewers === 'participants';
    const takes = policy.download && (manage || invited);
    // Nothing can be added to what he may by the meeting.
    const further = takes ? [] : await Promise.all(this.#further.map((ask) => ask(principal, recording)));
    const sees = manage || invited || further.some((rights) => rights.view === true);
    const keptBack = sees && (await this.#deps.recordings.removalPends(recording));
    const view = sees && !keptBack;
    const download = view && (takes || further.some((rights) => rights.download === true));
    return { rights: { ...none, view, download, manage }, keptBack };
  }
}
