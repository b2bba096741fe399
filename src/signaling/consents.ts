/**
 * Who stands how to the recording that is on. A no silences at once and is written down then; a yes
 * counts when it is written down, and only if nothing else was said since, here or elsewhere.
 */
import type { causeway } from '#proto';
import { CausewayError, type Language, languages } from '../platform/errors.js';
import type { Session } from '../platform/gateway/index.js';
import { type Answering, agreed, type ConsentWhat, type OnAir, type RecordingDesk } from '../recording/index.js';

export interface ConsentsDeps {
  readonly desk: Pick<RecordingDesk, 'write' | 'clientOf'>;
  /** Null: none is on. Undefined: not known yet. */
  readonly onAir: () => OnAir | null | undefined;
  /** Somebody is silent from now on, or it is settled how he stands. */
  readonly changed: (personId: string) => void;
}

export class Consents {
  readonly #deps: ConsentsDeps;
  readonly #standing = new Map<string, ConsentWhat>();
  /** Who has said no, from that moment on; whether it could be written down or not. */
  readonly #silent = new Set<string>();
  /** By person, the last thing that he said here, or had said elsewhere. */
  readonly #said = new Map<string, symbol>();
  /** Answers of a person are written down one after the other. */
  readonly #answering = new Map<string, Promise<void>>();

  constructor(deps: ConsentsDeps) {
    this.#deps = deps;
  }

  /** Another recording: all begins anew, from what is written down of it. */
  begin(standing: ReadonlyMap<string, ConsentWhat>): void {
    this.#standing.clear();
    this.#silent.clear();
    this.#said.clear();
    for (const [personId, what] of standing) this.#standing.set(personId, what);
  }

  /** Undefined: neither asked nor told. */
  of(personId: string): ConsentWhat | undefined {
    return this.#standing.get(personId);
  }

  /** Whether the person is recorded. */
  has(personId: string): boolean {
    return this.#agreed(this.#standing.get(personId)) && !this.#silent.has(personId);
  }

  /** Who is recorded. */
  get persons(): Set<string> {
    return new Set([...this.#standing.keys()].filter((personId) => this.has(personId)));
  }

  /** @throws RECORDING_NOTICE_CHANGED, RECORDING_NOT_ON */
  async answer(onAir: OnAir, session: Session, answer: causeway.ConsentAnswer.$Properties): Promise<void> {
    if (answer.noticeHash !== onAir.notice.hash) throw new CausewayError('RECORDING_NOTICE_CHANGED');
    const { personId } = session.principal;
    const said = Symbol(personId);
    this.#said.set(personId, said);
    if (!answer.yes) {
      this.#silent.add(personId);
      this.#deps.changed(personId);
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

  /** He has withdrawn elsewhere, and that is written down. */
  withdrawn(personId: string): void {
    if (this.#deps.onAir()) this.#standing.set(personId, 'withdrawn');
    this.#said.set(personId, Symbol('elsewhere'));
    this.#deps.changed(personId);
  }

  /** What is written down by now takes people out, and nobody in. `recorded`: those who were when it was asked for. */
  compare(recorded: ReadonlySet<string>, written: ReadonlyMap<string, ConsentWhat>): void {
    for (const personId of recorded) {
      const what = written.get(personId);
      if (what === undefined || this.#agreed(what)) continue;
      this.#standing.set(personId, what);
      this.#deps.changed(personId);
    }
  }

  /** What the sessions' persons are to be written down with, by the way. */
  async write(onAir: OnAir, sessions: readonly Session[], what: ConsentWhat): Promise<void> {
    if (sessions.length === 0) return;
    const entries = await Promise.all(sessions.map((session) => this.#entry(session, what)));
    await this.#deps.desk.write(onAir.recording, entries);
    for (const { personId } of entries) this.#standing.set(personId, what);
  }

  async #writeAnswer(onAir: OnAir, session: Session, answer: causeway.ConsentAnswer.$Properties, said: symbol): Promise<void> {
    const isOn = () => this.#deps.onAir()?.recording.id === onAir.recording.id;
    if (!isOn()) throw new CausewayError('RECORDING_NOT_ON');
    const { personId } = session.principal;
    const before = this.#standing.get(personId);
    const what: ConsentWhat = answer.yes ? 'yes' : this.#agreed(before) ? 'withdrawn' : 'no';
    const isSaid = before === what || (what === 'no' && (before === 'withdrawn' || before === 'withdrawn-all'));
    if (!isSaid)
      await this.#deps.desk.write(onAir.recording, [await this.#entry(session, what, languageOf(answer.language) ?? session.language)]);
    const isLast = this.#said.get(personId) === said;
    // Whoever withdrew elsewhere since is not taken because of a yes before; whoever said no here is silent.
    if (!isOn() || (answer.yes && !isLast && !this.#silent.has(personId))) return;
    if (!isSaid) this.#standing.set(personId, what);
    if (isLast) this.#silent.delete(personId);
    this.#deps.changed(personId);
  }

  async #entry(session: Session, what: ConsentWhat, language: Language = session.language): Promise<Answering> {
    const { personId, name } = session.principal;
    return { personId, personName: name, what, language, client: await this.#deps.desk.clientOf(session.principal) };
  }

  #agreed(what: ConsentWhat | undefined): boolean {
    const onAir = this.#deps.onAir();
    return onAir !== null && onAir !== undefined && agreed(what, onAir.recording.policy);
  }
}

function languageOf(text: string | null | undefined): Language | undefined {
  return languages.find((language) => language === text);
}
