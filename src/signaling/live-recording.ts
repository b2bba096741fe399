/**
 * Recording and captions of a meeting that is on: who was asked, who agreed, and what is therefore
 * tapped. Consent is enforced here, where the list of taps is made: of whoever did not agree there is
 * no tap, so no packet of his leaves the worker. Answers are written down before anything follows from
 * them, but for a no: that cuts first.
 */
import { causeway } from '#proto';
import type { TapWish } from '../media/index.js';
import { CausewayError, type Language, languages } from '../platform/errors.js';
import type { Session } from '../platform/gateway/index.js';
import type { Log } from '../platform/log.js';
import type { Answering, ConsentWhat, OnAir, RecordedMeeting, RecordingDesk } from '../recording/index.js';
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
  readonly #deps: LiveRecordingDeps;
  /** Null: none is on. Undefined: not known yet. */
  #onAir: OnAir | null | undefined;
  readonly #standing = new Map<string, ConsentWhat>();
  /** Who has said no, from that moment on; whether it could be written down or not. */
  readonly #silent = new Set<string>();
  /** By person, the last thing that he said here, or had said elsewhere. */
  readonly #said = new Map<string, symbol>();
  /** Answers of a person are written down one after the other. */
  readonly #answering = new Map<string, Promise<void>>();
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
    const known = this.#standing.get(session.principal.personId);
    if (known !== undefined && known !== 'asked') return null;
    if (answer?.noticeHash) {
      await this.#answer(onAir, session, answer);
      return null;
    }
    if (known === undefined) await this.#write(onAir, [await this.#entry(session, 'asked')]);
    if (answer?.later) return null;
    const { kind, startedByName, notice } = toNow(onAir, new Set(), false);
    return { kind, startedByName, notice };
  }

  /** What a person has answered, for his page. */
  consentOf(personId: string): string {
    const what = this.#onAir ? this.#standing.get(personId) : undefined;
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
      // A transcript is made of captions.
      if (wished === 'transcript') this.#assertLanguage('');
      const onAir = await desk.begin(this.#meeting, wished, session.principal);
      this.#take(onAir);
      try {
        // Whoever starts it agrees to it.
        await this.#write(onAir, [await this.#entry(session, 'yes')]);
        await this.#meetAll();
        await this.#tellChoices(onAir);
      } catch (error) {
        // One that nobody was told of must not be on.
        await this.#stop(session).catch(() => this.#tell());
        throw error;
      }
      if (wished === 'transcript' && !machine.state.captions.on) machine.setCaptions({ on: true, language: this.#languages[0] ?? '' });
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
    await this.#answer(onAir, session, answer ?? {});
  }

  /** Captions for all. @throws MEETING_NOT_IN, MEETING_FORBIDDEN, CAPTIONS_UNAVAILABLE */
  async setCaptions(session: Session, on: boolean, language: string): Promise<void> {
    const { machine, presences } = this.#deps;
    machine.assertModerates(presences.get(session).participantId);
    if (on) this.#assertLanguage(language);
    machine.setCaptions({ on, behind: false, ...(on && { language: language || (this.#languages[0] ?? '') }) });
  }

  /** One's own speech. @throws MEETING_NOT_IN, MEETING_FORBIDDEN, CAPTIONS_UNAVAILABLE */
  async setOwnCaptions(session: Session, optOut: boolean, language: string): Promise<void> {
    const { machine, presences } = this.#deps;
    const { participantId, personId } = presences.get(session);
    // Whoever views says nothing, and everybody is told of each who chooses.
    if (!machine.state.participants.has(participantId)) throw new CausewayError('MEETING_FORBIDDEN');
    if (language !== '') this.#assertLanguage(language);
    const { captions } = machine.state;
    const isSo = captions.optedOut.has(personId) === optOut && (captions.languages.get(personId) ?? '') === language;
    const optedOut = new Set(captions.optedOut);
    if (optOut) optedOut.add(personId);
    else optedOut.delete(personId);
    const spoken = new Map(captions.languages);
    if (language === '') spoken.delete(personId);
    else spoken.set(personId, language);
    if (!isSo) machine.setCaptions({ optedOut, languages: spoken });
    if (optOut) this.#tapNow();
    if (this.#onAir) await this.#deps.desk.chose(this.#onAir.recording, personId, { optOut, language });
  }

  /** He has withdrawn elsewhere, and that is written down. */
  async cut(personId: string): Promise<void> {
    // What is being read of the ledger now may be older.
    await this.#now();
    if (this.#onAir) this.#standing.set(personId, 'withdrawn');
    this.#said.set(personId, Symbol('elsewhere'));
    this.#tapNow();
    this.#deps.machine.setRecorded(personId, false);
  }

  /** The disk of a node that captures it is full or slow, or well again. */
  troubled(recordingId: string, node: string, trouble: boolean): void {
    const now = this.#deps.machine.state.recording;
    if (trouble) this.#troubled.add(node);
    else this.#troubled.delete(node);
    const any = this.#troubled.size > 0;
    if (now?.id === recordingId && now.trouble !== any) this.#deps.machine.setRecording({ ...now, trouble: any });
  }

  /** The engines are behind, or not any more. */
  behind(behind: boolean): void {
    const { machine } = this.#deps;
    if (machine.state.captions.on && machine.state.captions.behind !== behind) machine.setCaptions({ behind });
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

  get #languages(): readonly string[] {
    return this.#deps.desk.captionLanguages;
  }

  #assertLanguage(language: string): void {
    const known = this.#languages;
    if (known.length === 0 || (language !== '' && !known.includes(language))) throw new CausewayError('CAPTIONS_UNAVAILABLE');
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
    this.#forget();
    for (const [personId, what] of onAir.standing) this.#standing.set(personId, what);
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
    this.#forget();
    this.#tell();
  }

  #forget(): void {
    this.#standing.clear();
    this.#silent.clear();
    this.#said.clear();
  }

  async #answer(onAir: OnAir, session: Session, answer: causeway.ConsentAnswer.$Properties): Promise<void> {
    if (answer.noticeHash !== onAir.notice.hash) throw new CausewayError('RECORDING_NOTICE_CHANGED');
    const { personId } = session.principal;
    const said = Symbol(personId);
    this.#said.set(personId, said);
    if (!answer.yes) {
      this.#silent.add(personId);
      this.#tapNow();
    }
    const answering = (this.#answering.get(personId) ?? Promise.resolve()).then(() => this.#writeAnswer(onAir, session, answer, said));
    const settled = answering.catch(() => undefined);
    this.#answering.set(personId, settled);
    try {
      await answering;
    } finally {
      if (this.#answering.get(personId) === settled) this.#answering.delete(personId);
    }
  }

  async #writeAnswer(onAir: OnAir, session: Session, answer: causeway.ConsentAnswer.$Properties, said: symbol): Promise<void> {
    const isOn = () => this.#onAir?.recording.id === onAir.recording.id;
    if (!isOn()) throw new CausewayError('RECORDING_NOT_ON');
    const { personId } = session.principal;
    const before = this.#standing.get(personId);
    const what: ConsentWhat = answer.yes ? 'yes' : agrees(before) ? 'withdrawn' : 'no';
    const isSaid = before === what || (what === 'no' && (before === 'withdrawn' || before === 'withdrawn-all'));
    if (!isSaid)
      await this.#deps.desk.write(onAir.recording, [await this.#entry(session, what, languageOf(answer.language) ?? session.language)]);
    const isLast = this.#said.get(personId) === said;
    // Whoever withdrew elsewhere since is not taken because of a yes before; whoever said no here is silent.
    if (!isOn() || (answer.yes && !isLast && !this.#silent.has(personId))) return;
    if (!isSaid) this.#standing.set(personId, what);
    if (isLast) this.#silent.delete(personId);
    this.#deps.machine.setRecorded(personId, this.#agrees(personId));
    this.#tapNow();
  }

  async #write(onAir: OnAir, entries: readonly Answering[]): Promise<void> {
    if (entries.length === 0) return;
    await this.#deps.desk.write(onAir.recording, entries);
    for (const { personId, what } of entries) this.#standing.set(personId, what);
  }

  async #entry(session: Session, what: ConsentWhat, language: Language = session.language): Promise<Answering> {
    const { personId, name } = session.principal;
    return { personId, personName: name, what, language, client: await this.#deps.desk.clientOf(session.principal) };
  }

  /** Everybody on stage who has not been met. */
  async #meetAll(): Promise<void> {
    const onAir = this.#onAir;
    if (!onAir) return;
    const { machine, presences } = this.#deps;
    const what = onAir.notice.asks ? 'asked' : 'informed';
    const persons = new Map<string, Session>();
    for (const { id, personId } of machine.state.participants.values()) {
      const session = presences.sessionOf(id);
      if (session && !this.#standing.has(personId)) persons.set(personId, session);
    }
    await this.#write(onAir, await Promise.all([...persons.values()].map((session) => this.#entry(session, what))));
  }

  /** What people had chosen for captions before anything was kept. */
  async #tellChoices({ recording }: OnAir): Promise<void> {
    const { machine, desk } = this.#deps;
    const { optedOut, languages: spoken } = machine.state.captions;
    for (const personId of new Set([...optedOut, ...spoken.keys()])) {
      // As it is now: he may have chosen anew meanwhile.
      const { captions } = machine.state;
      await desk.chose(recording, personId, { optOut: captions.optedOut.has(personId), language: captions.languages.get(personId) ?? '' });
    }
  }

  #tell(): void {
    if (this.#closed) return;
    const { machine } = this.#deps;
    const onAir = this.#onAir;
    machine.setRecording(onAir ? toNow(onAir, this.#recorded, this.#troubled.size > 0) : null);
    const kept = onAir !== null && onAir !== undefined;
    if (machine.state.captions.kept !== kept) machine.setCaptions({ kept });
    this.#tapNow();
  }

  get #recorded(): Set<string> {
    return new Set([...this.#standing.keys()].filter((personId) => this.#agrees(personId)));
  }

  #agrees(personId: string): boolean {
    return agrees(this.#standing.get(personId)) && !this.#silent.has(personId);
  }

  #happened(event: causeway.MeetingEvent.$Properties): void {
    if (this.#closed || event.caption) return;
    if (event.activeSpeaker?.participantId) {
      const id = event.activeSpeaker.participantId;
      this.#spoke = [id, ...this.#spoke.filter((other) => other !== id)].slice(0, spokeAtMost);
    }
    if (event.participantJoined && this.#onAir && !this.#standing.has(event.participantJoined.personId ?? '')) {
      // Its session is among the presences only after this turn.
      setImmediate(() => {
        this.#change(async () => {
          await this.#meetAll();
          for (const personId of this.#recorded) this.#deps.machine.setRecorded(personId, true);
        }).catch((error: unknown) => this.#deps.log.error({ err: error }, 'live-recording: somebody could not be informed'));
      });
    }
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
    const { desk, log, media, machine } = this.#deps;
    media.setTaps(this.#wishes());
    if (!this.#onAir) return;
    const { id } = this.#onAir.recording;
    const recorded = this.#recorded;
    try {
      const written = await desk.onAir(this.#meeting);
      if (this.#closed || written?.recording.id !== id || this.#onAir?.recording.id !== id) return;
      for (const personId of recorded) {
        const what = written.standing.get(personId);
        if (what === undefined || agrees(what)) continue;
        this.#standing.set(personId, what);
        machine.setRecorded(personId, false);
      }
      this.#tapNow();
    } catch (error) {
      log.warn({ err: error, recording: id }, 'live-recording: the ledger could not be looked at again');
    }
  }

  #wishes(): readonly TapWish[] {
    const { machine, maxCameras, record } = this.#deps;
    const { wishes, cameras } = tapWishes({
      state: machine.state,
      orgId: record().orgId,
      recording: this.#onAir?.recording.state === 'on' ? this.#onAir.recording : null,
      agrees: (personId) => this.#agrees(personId),
      spoke: this.#spoke,
      cameras: this.#cameras,
      maxCameras,
    });
    this.#cameras = cameras;
    return wishes;
  }
}

/** Whether somebody who stands so is recorded. */
function agrees(what: ConsentWhat | undefined): boolean {
  return what === 'yes' || what === 'informed';
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

function languageOf(text: string | null | undefined): Language | undefined {
  return languages.find((language) => language === text);
}
