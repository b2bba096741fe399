/**
 * Recording and captions of a meeting that is on: who was asked, who agreed, and what is therefore
 * tapped. Consent is enforced here, where the list of taps is made: of whoever did not agree there is
 * no tap, so no packet of his leaves the worker. Answers are written down before anything follows from
 * them, but for a no: that cuts first.
 */
import { causeway } from '#proto';
import type { TapWish } from '../media/index.js';
import { CausewayError } from '../platform/errors.js';
import type { Session } from '../platform/gateway/index.js';
import type { Log } from '../platform/log.js';
import type { OnAir, RecordedMeeting, RecordingDesk } from '../recording/index.js';
import { CaptionChoices } from './caption-choices.js';
import { Consents } from './consents.js';
import type { Meeting } from './meeting.js';
import type { MeetingMedia } from './meeting-media.js';
import type { MeetingRecord } from './meeting-records.js';
import { fromRecording, type RecordingNow } from './meeting-state.js';
import type { Presences } from './presences.js';
import { tapWishes } from './tap-wishes.js';

const { RecordingKind } = causeway;

export interface LiveRecordingDeps {
  readonly log: Log;
  readonly desk: RecordingDesk;
  readonly record: () => MeetingRecord;
  readonly machine: Meeting;
  readonly media: MeetingMedia;
  readonly presences: Presences;
  /** Cameras that are recorded at the same time. */
  readonly maxCameras: number;
}

/** Only those who spoke last count. */
const spokeAtMost = 20;
/** What another node was told may be lost on the way, and so may a withdrawal: both are looked after again, milliseconds. */
const lookAgainMs = 15_000;

export class LiveRecording {
  readonly captions: CaptionChoices;
  readonly #deps: LiveRecordingDeps;
  readonly #consents: Consents;
  /** Null: none is on. Undefined: not known yet. */
  #onAir: OnAir | null | undefined;
  /** Participants, whoever spoke last first. */
  #spoke: string[] = [];
  #cameras: ReadonlySet<string> = new Set();
  #wished = '';
  /** Nodes whose disk is in trouble. */
  readonly #troubled = new Set<string>();
  #lookingAgain: NodeJS.Timeout | undefined;
  #tapping = false;
  #changing: Promise<unknown>;
  #closed = false;

  constructor(deps: LiveRecordingDeps) {
    this.#deps = deps;
    const onAir = () => this.#onAir;
    const isLeftOut = (personId: string) => Boolean(this.#onAir) && !this.#consents.has(personId);
    this.captions = new CaptionChoices({ ...deps, onAir, isLeftOut });
    this.#consents = new Consents({ desk: deps.desk, onAir, changed: (personId) => this.#consentChanged(personId) });
    deps.machine.on('event', (event) => this.#happened(event));
    this.#changing = this.#restore();
  }

  /**
   * At the door: what somebody who is about to enter must be asked first. Null: nothing.
   * @throws RECORDING_NOTICE_CHANGED
   */
  async question(
    session: Session,
    answer: causeway.ConsentAnswer.$Properties | null | undefined,
  ): Promise<causeway.ConsentNeeded.$Properties | null> {
    const onAir = await this.#now();
    if (!onAir?.notice.asks) return null;
    const known = this.#consents.of(session.principal.personId);
    if (known !== undefined && known !== 'asked') return null;
    if (answer?.noticeHash) {
      await this.#consents.answer(onAir, session, answer);
      return null;
    }
    if (known === undefined) await this.#consents.write(onAir, [session], 'asked');
    if (answer?.later) return null;
    const { kind, startedByName, notice } = toNow(onAir, new Set(), false);
    return { kind, startedByName, notice };
  }

  /** What a person has answered, for his page. */
  consentOf(personId: string): string {
    const what = this.#onAir ? this.#consents.of(personId) : undefined;
    return what === undefined || what === 'asked' ? '' : what === 'withdrawn-all' ? 'withdrawn' : what;
  }

  /** @throws MEETING_NOT_IN, MEETING_FORBIDDEN, RECORDING_NOT_ALLOWED, RECORDING_OTHER_KIND, RECORDING_QUOTA */
  async start(session: Session, kind: causeway.RecordingKind): Promise<causeway.StartRecordingReply.$Properties> {
    const { desk, machine } = this.#deps;
    if (kind !== RecordingKind.RECORDING_KIND_RECORDING && kind !== RecordingKind.RECORDING_KIND_TRANSCRIPT)
      throw new CausewayError('REQUEST_INVALID', { field: 'kind', fill: { detail: 'kind' } });
    await this.#assertMay(session);
    await this.#change(async () => {
      const wished = kind === RecordingKind.RECORDING_KIND_TRANSCRIPT ? 'transcript' : 'recording';
      if (this.#onAir?.recording.kind === wished) return;
      if (this.#onAir) throw new CausewayError('RECORDING_OTHER_KIND');
      if (wished === 'transcript') this.captions.assertPossible();
      const onAir = await desk.begin(this.#meeting, wished, session.principal);
      this.#take(onAir);
      try {
        // Whoever starts it agrees to it.
        await this.#consents.write(onAir, [session], 'yes');
        await this.#meetAll();
        await this.captions.tell(onAir);
      } catch (error) {
        // One that nobody was told of must not be on.
        await this.#stop(session).catch(() => this.#tell());
        throw error;
      }
      if (wished === 'transcript') this.captions.ensureOn();
      this.#tell();
    });
    const now = machine.state.recording;
    return now ? { recording: fromRecording(now) } : {};
  }

  /** @throws MEETING_NOT_IN, MEETING_FORBIDDEN, RECORDING_NOT_ON */
  async setPaused(session: Session, paused: boolean): Promise<void> {
    await this.#assertMay(session);
    await this.#change(async () => {
      const onAir = this.#onAir;
      if (!onAir) throw new CausewayError('RECORDING_NOT_ON');
      if ((onAir.recording.state === 'paused') === paused) return;
      // Nothing more is taken from here on; what is not yet written down must not be lost the other way round.
      if (paused) this.#onAir = withState(onAir, 'paused');
      if (paused) this.#tapNow();
      try {
        await this.#deps.desk.setPaused(onAir.recording, paused, session.principal);
      } catch (error) {
        this.#onAir = onAir;
        throw error;
      }
      this.#onAir = withState(onAir, paused ? 'paused' : 'on');
      this.#tell();
    });
  }

  /** Harmless when none is on. @throws MEETING_NOT_IN, MEETING_FORBIDDEN */
  async stop(session: Session): Promise<void> {
    await this.#assertMay(session);
    await this.#change(() => this.#stop(session));
  }

  /** The meeting is over. */
  async ended(): Promise<void> {
    await this.#change(() => this.#stop(null));
    this.close();
  }

  /** @throws MEETING_NOT_IN, RECORDING_NOT_ON, RECORDING_NOTICE_CHANGED */
  async answer(session: Session, answer: causeway.ConsentAnswer.$Properties | null | undefined): Promise<void> {
    this.#deps.presences.get(session);
    const onAir = await this.#now();
    if (!onAir) throw new CausewayError('RECORDING_NOT_ON');
    await this.#consents.answer(onAir, session, answer ?? {});
  }

  /** He has withdrawn elsewhere, and that is written down. */
  async cut(personId: string): Promise<void> {
    // What is being read of the ledger now may be older.
    await this.#now();
    this.#consents.withdrawn(personId);
  }

  /** The disk of a node that captures it is full or slow, or well again. */
  troubled(recordingId: string, node: string, trouble: boolean): void {
    const now = this.#deps.machine.state.recording;
    if (trouble) this.#troubled.add(node);
    else this.#troubled.delete(node);
    const any = this.#troubled.size > 0;
    if (now?.id === recordingId && now.trouble !== any) this.#deps.machine.setRecording({ ...now, trouble: any });
  }

  /** Says nothing more. Idempotent. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#lookingAgain);
  }

  // Inside

  get #meeting(): RecordedMeeting {
    const { orgId, id, kind, title, conversationId } = this.#deps.record();
    return { orgId, id, kind, title, conversationId };
  }

  /** After a restart, or after another node was home: what is on goes on. */
  async #restore(): Promise<void> {
    const { desk, log, machine } = this.#deps;
    try {
      const onAir = await desk.onAir(this.#meeting);
      this.#onAir = null;
      if (onAir) {
        this.#take(onAir);
        // Who can't be informed now is when the next one comes; that it is on is told all the same.
        await this.#meetAll().catch((error: unknown) => log.error({ err: error }, 'live-recording: somebody could not be informed'));
      }
      if (onAir || machine.state.recording) this.#tell();
      this.#tapNow();
    } catch (error) {
      log.error({ err: error, meeting: this.#deps.record().id }, 'live-recording: could not find out what is on');
      this.#onAir ??= null;
      // Nothing is taken of what nobody knows to be on.
      this.#tell();
    }
  }

  async #now(): Promise<OnAir | null> {
    if (this.#onAir === undefined) await this.#changing;
    return this.#onAir ?? null;
  }

  /** One after the other. */
  #change(act: () => Promise<void>): Promise<void> {
    const changing = this.#changing.then(act);
    this.#changing = changing.catch(() => undefined);
    return changing;
  }

  #take(onAir: OnAir): void {
    this.#onAir = onAir;
    this.#consents.begin(onAir.standing);
    this.captions.forgetOptIn();
  }

  async #assertMay(session: Session): Promise<void> {
    const { desk, machine, presences } = this.#deps;
    const { participantId } = presences.get(session);
    machine.assertModerates(participantId);
    machine.assertMayRecord(participantId, (await desk.policy(this.#meeting)).starters);
  }

  async #stop(session: Session | null): Promise<void> {
    const onAir = this.#onAir;
    if (!onAir) return;
    this.#onAir = null;
    this.#tapNow();
    try {
      await this.#deps.desk.stop(onAir.recording, session?.principal ?? null);
    } catch (error) {
      this.#onAir = onAir;
      throw error;
    }
    this.#consents.begin(new Map());
    this.captions.forgetOptIn();
    this.#tell();
  }

  /** Everybody on stage who has not been met. */
  async #meetAll(): Promise<void> {
    const onAir = this.#onAir;
    if (!onAir) return;
    const { machine, presences } = this.#deps;
    const persons = new Map<string, Session>();
    for (const { id, personId } of machine.state.participants.values()) {
      const session = presences.sessionOf(id);
      if (session && this.#consents.of(personId) === undefined) persons.set(personId, session);
    }
    await this.#consents.write(onAir, [...persons.values()], onAir.notice.asks ? 'asked' : 'informed');
  }

  #tell(): void {
    if (this.#closed) return;
    const { machine } = this.#deps;
    const onAir = this.#onAir;
    machine.setRecording(onAir ? toNow(onAir, this.#consents.persons, this.#troubled.size > 0) : null);
    const kept = onAir !== null && onAir !== undefined;
    if (machine.state.captions.kept !== kept) machine.setCaptions({ kept });
    this.#tapNow();
  }

  /** The taps first: whoever is silent must not wait for what others are told. */
  #consentChanged(personId: string): void {
    this.captions.forgetOptIn(personId);
    this.#tapNow();
    this.#deps.machine.setRecorded(personId, this.#consents.has(personId));
  }

  #happened(event: causeway.MeetingEvent.$Properties): void {
    if (this.#closed || event.caption) return;
    if (event.activeSpeaker?.participantId) {
      const id = event.activeSpeaker.participantId;
      this.#spoke = [id, ...this.#spoke.filter((other) => other !== id)].slice(0, spokeAtMost);
    }
    if (event.participantJoined && this.#onAir && this.#consents.of(event.participantJoined.personId ?? '') === undefined) {
      // Its session is among the presences only after this turn.
      setImmediate(() => {
        this.#change(async () => {
          await this.#meetAll();
          for (const personId of this.#consents.persons) this.#deps.machine.setRecorded(personId, true);
        }).catch((error: unknown) => this.#deps.log.error({ err: error }, 'live-recording: somebody could not be informed'));
      });
    }
    // Whoever opts out is not heard for the length of a turn more.
    if (event.captionsChanged) this.#tapNow();
    if (this.#tapping) return;
    this.#tapping = true;
    setImmediate(() => {
      this.#tapping = false;
      this.#tapNow();
    });
  }

  #tapNow(): void {
    if (this.#closed || this.#onAir === undefined) return;
    const wishes = this.#wishes();
    const wished = JSON.stringify(wishes);
    if (wished === this.#wished) return;
    this.#wished = wished;
    this.#deps.media.setTaps(wishes);
    if (wishes.length > 0) this.#lookingAgain ??= setInterval(() => void this.#lookAgain(), lookAgainMs).unref();
  }

  /** Says once more what is tapped, and takes nobody any more who has withdrawn by now. Nobody is taken because of it. */
  async #lookAgain(): Promise<void> {
    const { desk, log, media } = this.#deps;
    media.setTaps(this.#wishes());
    if (!this.#onAir) return;
    const { id } = this.#onAir.recording;
    const recorded = this.#consents.persons;
    try {
      const written = await desk.onAir(this.#meeting);
      if (this.#closed || written?.recording.id !== id || this.#onAir?.recording.id !== id) return;
      this.#consents.compare(recorded, written.standing);
    } catch (error) {
      log.warn({ err: error, recording: id }, 'live-recording: the ledger could not be looked at again');
    }
  }

  #wishes(): readonly TapWish[] {
    const { machine, maxCameras, record } = this.#deps;
    const recording = this.#onAir?.recording;
    const { wishes, cameras } = tapWishes({
      state: machine.state,
      orgId: record().orgId,
      recording: recording ? { ...recording, isPaused: recording.state !== 'on' } : null,
      agrees: (personId) => this.#consents.has(personId),
      spoke: this.#spoke,
      cameras: this.#cameras,
      maxCameras,
    });
    this.#cameras = cameras;
    return wishes;
  }
}

function withState(onAir: OnAir, state: 'on' | 'paused'): OnAir {
  return { ...onAir, recording: { ...onAir.recording, state } };
}

function toNow({ recording, notice }: OnAir, recorded: ReadonlySet<string>, trouble: boolean): RecordingNow {
  return {
    id: recording.id,
    kind: recording.kind === 'transcript' ? RecordingKind.RECORDING_KIND_TRANSCRIPT : RecordingKind.RECORDING_KIND_RECORDING,
    paused: recording.state === 'paused',
    startedAt: recording.startedAt.getTime(),
    startedByName: recording.startedByName,
    recorded,
    trouble,
    notice: { hash: notice.hash, version: notice.version, asks: notice.asks, texts: notice.texts },
  };
}
