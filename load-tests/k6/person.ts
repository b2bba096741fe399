/** What everybody does, whatever the scenario: signs in, connects, keeps the connection, comes back. */
import type { causeway } from '#proto';
import { Account } from './account.js';
import { now, until, wait } from './clock.js';
import { callErrors, connectionsLost, newSessions, welcomeMs } from './metrics.js';
import type { Plan } from './plan.js';
import { Session } from './session.js';
import type { Somebody, StageFile } from './stage-file.js';

export interface Cast {
  readonly plan: Plan;
  readonly stage: StageFile;
  readonly somebody: Somebody;
  readonly index: number;
  /** When all are there, by the clock of the run; and when nothing more is due. */
  readonly begin: number;
  readonly end: number;
}

const pingMs = 15_000;
const attempts = 5;
const pauseMs = 500;

export abstract class Person {
  readonly cast: Cast;
  #account: Account | null = null;
  #session: Session | null = null;
  #resume: { readonly sessionId: string; readonly secret: string } | null = null;
  #back: Promise<void> = Promise.resolve();
  #gone = false;

  constructor(cast: Cast) {
    this.cast = cast;
  }

  /** Connects, and gets to know what there is. */
  abstract seat(): Promise<void>;
  /** Plays its part, to the end. */
  abstract act(): Promise<void>;
  /** Compares what came with what there is. */
  abstract settle(): Promise<void>;
  protected abstract heard(event: causeway.IEvent): void;
  /** The newest number of each topic. */
  protected abstract seen(): causeway.ISeen[];
  /** On a new connection of the same person. */
  protected abstract caughtUp(session: Session): Promise<void>;

  leave(): void {
    this.#gone = true;
    this.#session?.leave();
    this.#session = null;
  }

  /** Waits for the connection where it is being made anew. */
  protected async session(): Promise<Session> {
    await this.#back;
    if (!this.#session) throw new Error('the connection is lost');
    return this.#session;
  }

  protected get isConnected(): boolean {
    return this.#session !== null;
  }

  /** What was due so long after the beginning. */
  protected isMeasured(dueMs: number): boolean {
    return dueMs >= this.cast.plan.warm * 1_000;
  }

  protected async connect(): Promise<Session> {
    this.#account ??= await Account.signIn(this.cast.stage.url, this.cast.somebody);
    const resume = this.#resume && { ...this.#resume, seen: this.seen() };
    const begin = now();
    let session: Session | null = null;
    const made = await Session.connect(
      this.cast.stage.gatewayUrl,
      { accessToken: this.#account.accessToken, ...(resume && { resume }) },
      {
        event: (event) => this.heard(event),
        lost: (reason) => this.#lost(session, reason),
      },
    );
    session = made.session;
    welcomeMs.add(now() - begin);
    if (resume && !made.welcome.resumed) newSessions.add(1);
    this.#resume = { sessionId: made.welcome.sessionId ?? '', secret: made.welcome.resumeSecret ?? '' };
    this.#session = session;
    return session;
  }

  /** As a lost network does; comes back after a while. */
  protected async cutOff(backAt: number, told: (ms: number) => void): Promise<void> {
    const away = this.#session;
    if (!away) return;
    this.#session = null;
    this.#back = until(backAt).then(() => this.#comeBack(told));
    away.drop();
    await this.#back;
  }

  /** Until the end: says that it is there, and renews its token. */
  protected async keep(): Promise<void> {
    for (let next = now() + pingMs * Math.random(); next < this.cast.end; next += pingMs) {
      await until(next);
      try {
        const session = await this.session();
        const accessToken = await this.#account?.renewed();
        await (accessToken ? session.own.renew({ accessToken }) : session.own.ping({}));
      } catch (error) {
        if (this.isConnected) this.trouble(error);
      }
    }
  }

  protected trouble(error: unknown): void {
    console.warn(`person ${this.cast.index}: ${error instanceof Error ? error.message : String(error)}`);
  }

  #lost(session: Session | null, reason: string): void {
    if (this.#gone || session !== this.#session) return;
    connectionsLost.add(1);
    this.trouble(`the connection was lost: ${reason}`);
    this.#session = null;
    this.#back = this.#comeBack(() => undefined).catch((error: unknown) => this.trouble(error));
  }

  /** From the new connection to the answer that says what was missed. */
  async #comeBack(told: (ms: number) => void): Promise<void> {
    for (let attempt = 1; !this.#gone; attempt += 1) {
      const begin = now();
      try {
        await this.caughtUp(await this.connect());
        told(now() - begin);
        return;
      } catch (error) {
        callErrors.add(true);
        this.trouble(error);
        this.#session = null;
        if (attempt === attempts) throw error;
        await wait(pauseMs * attempt);
      }
    }
  }
}
