/**
 * Who sits in front of this page. An account lives in an HttpOnly cookie, which scripts can't
 * read, and is the same in every tab; a guest lives in the storage of this tab, for one meeting.
 * Access tokens stay in memory.
 */
import type { acceptBody, Person, SignedIn, setupBody } from '@server/services/accounts/schema';
import type { guestSignedInSchema } from '@server/signaling/schema';
import i18next from 'i18next';
import type { z } from 'zod';
import { readStored, writeStored } from '@/shell/storage';
import { ApiError, hasCode } from './api-error';
import { call } from './call';

/** `unreachable`: the server could not be asked yet; the session tries again by itself. */
export type Phase = 'loading' | 'ready' | 'unreachable';

export interface SessionState {
  readonly phase: Phase;
  /** The person of the account that is signed in. */
  readonly account: Person | null;
  readonly guest: { readonly code: string; readonly person: Person } | null;
  /** The meeting whose page is open, and whether it is known who was its guest here. */
  readonly entered: { readonly code: string; readonly phase: Phase } | null;
  /** The account was signed in on this page and is not any more, by somebody else's doing or by time. */
  readonly ended: boolean;
}

/** The guest of the meeting that is open, else the account; or the account whatever is open. */
export type Identity = 'active' | 'account';

interface Credential {
  readonly accessToken: string;
  readonly expiresAt: number;
}

type Notice = 'signed-in' | 'signed-out';

/** A token that is given out is good for this long at least. */
const leastLifeMs = 60_000;
const retryMs = { first: 1_000, most: 15_000 };
/** Says that there may be a cookie, so that a guest who never signed in doesn't wait for a refusal. */
const markKey = 'causeway.account';
const guestKey = (code: string): string => `causeway.guest.${code}`;
const tabStorage = (): Storage => sessionStorage;

export class Session {
  #state: SessionState = { phase: 'loading', account: null, guest: null, entered: null, ended: false };
  readonly #listeners = new Set<() => void>();
  readonly #credentials: { account: Credential | null; guest: Credential | null } = { account: null, guest: null };
  readonly #renewals: { account: Promise<string> | null; guest: Promise<string> | null } = { account: null, guest: null };
  readonly #tabs = 'BroadcastChannel' in globalThis ? new BroadcastChannel('causeway.session') : null;

  get = (): SessionState => this.#state;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Finds out who is signed in. */
  start(): void {
    this.#tabs?.addEventListener('message', ({ data }: MessageEvent<Notice>) => {
      if (data === 'signed-out') {
        this.#forgetAccount(true);
        return;
      }
      // The other tab has set it too; storage may come later than the notice.
      writeStored(markKey, '1');
      void this.#restore();
    });
    void this.#restore();
  }

  async signIn(email: string, password: string): Promise<Person> {
    return this.#opened(await call<SignedIn>('/api/auth/sign-in', { method: 'POST', body: { email, password } }));
  }

  async setUp(body: z.input<typeof setupBody>): Promise<Person> {
    return this.#opened(await call<SignedIn>('/api/setup', { method: 'POST', body }));
  }

  async acceptInvitation(body: z.input<typeof acceptBody>): Promise<Person> {
    return this.#opened(await call<SignedIn>('/api/invitations/accept', { method: 'POST', body }));
  }

  /** A guest of one meeting, in this tab. */
  async signInAsGuest(code: string, name: string): Promise<Person> {
    const signedIn = await call<z.output<typeof guestSignedInSchema>>(`/api/meetings/code/${encodeURIComponent(code)}/guest`, {
      method: 'POST',
      body: { name },
    });
    this.#set({ entered: { code, phase: 'ready' } });
    this.#keepGuest(code, signedIn);
    return signedIn.person;
  }

  async signOut(): Promise<void> {
    try {
      await this.authorized('account', (token) => call<object>('/api/auth/sign-out', { method: 'POST', token }));
    } catch (error) {
      // One who is not signed in any more has what he wanted.
      if (!hasCode(error, 'AUTH_EXPIRED', 'AUTH_REQUIRED', 'AUTH_SIGNED_OUT')) throw error;
    }
    this.forget();
  }

  /** The account is signed out on the server already. */
  forget(): void {
    this.#forgetAccount(false);
    this.#tell('signed-out');
  }

  /** The page of a meeting is open: who was a guest there before a reload is it again. */
  enterMeeting(code: string): void {
    if (this.#state.entered?.code === code) return;
    this.#credentials.guest = null;
    const known = readStored(guestKey(code), tabStorage) !== null;
    this.#set({ guest: null, entered: { code, phase: known ? 'loading' : 'ready' } });
    if (known) void this.#restoreGuest(code, 0);
  }

  /** A token that is good for a minute at least. @throws ApiError AUTH_REQUIRED when nobody is signed in. */
  async token(identity: Identity): Promise<string> {
    const kind = this.#kind(identity);
    const credential = this.#credentials[kind];
    if (credential && credential.expiresAt - Date.now() > leastLifeMs) return credential.accessToken;
    if (!this.#state[kind]) throw new ApiError({ code: 'AUTH_REQUIRED', message: i18next.t('error.signIn') });
    return this.#renew(kind);
  }

  /** Calls with a token, and once more with a new one when the server takes the first for too old. */
  async authorized<Answer>(identity: Identity, run: (token: string) => Promise<Answer>): Promise<Answer> {
    try {
      return await run(await this.token(identity));
    } catch (error) {
      if (!hasCode(error, 'AUTH_EXPIRED', 'AUTH_REQUIRED') || !this.#state[this.#kind(identity)]) {
        if (hasCode(error, 'AUTH_SIGNED_OUT')) this.#end(this.#kind(identity));
        throw error;
      }
      return run(await this.#renew(this.#kind(identity)));
    }
  }

  #kind(identity: Identity): 'account' | 'guest' {
    return identity === 'active' && this.#state.guest ? 'guest' : 'account';
  }

  async #restore(attempt = 0): Promise<void> {
    if (readStored(markKey) === null) {
      this.#set({ phase: 'ready' });
      return;
    }
    const reached = await this.#reaches('account');
    this.#set({ phase: reached || this.#state.account ? 'ready' : 'unreachable' });
    if (!reached) later(attempt, () => void this.#restore(attempt + 1));
  }

  async #restoreGuest(code: string, attempt: number): Promise<void> {
    const reached = await this.#reaches('guest');
    if (this.#state.entered?.code !== code) return;
    this.#set({ entered: { code, phase: reached ? 'ready' : 'unreachable' } });
    if (!reached) later(attempt, () => void this.#restoreGuest(code, attempt + 1));
  }

  /** False when the server gave no answer; a refusal is one. */
  async #reaches(kind: 'account' | 'guest'): Promise<boolean> {
    try {
      await this.#renew(kind);
      return true;
    } catch (error) {
      return !(error instanceof ApiError && error.retryable);
    }
  }

  #renew(kind: 'account' | 'guest'): Promise<string> {
    const running = this.#renewals[kind];
    if (running) return running;
    const renewal = (kind === 'account' ? this.#renewAccount() : this.#renewGuest()).finally(() => {
      this.#renewals[kind] = null;
    });
    this.#renewals[kind] = renewal;
    return renewal;
  }

  async #renewAccount(): Promise<string> {
    try {
      // One tab after the other: each takes the cookie that the one before has left.
      const signedIn = await alone('causeway.refresh', () => call<SignedIn>('/api/auth/refresh', { method: 'POST', body: {} }));
      this.#keepAccount(signedIn);
      return signedIn.accessToken;
    } catch (error) {
      if (hasCode(error, 'AUTH_EXPIRED', 'AUTH_REQUIRED', 'AUTH_SIGNED_OUT')) this.#end('account');
      throw error;
    }
  }

  async #renewGuest(): Promise<string> {
    const code = this.#state.entered?.code ?? '';
    try {
      const refreshToken = readStored(guestKey(code), tabStorage) ?? '';
      const signedIn = await call<SignedIn>('/api/auth/refresh', { method: 'POST', body: { refreshToken } });
      this.#keepGuest(code, signedIn);
      return signedIn.accessToken;
    } catch (error) {
      if (hasCode(error, 'AUTH_EXPIRED', 'AUTH_REQUIRED', 'AUTH_SIGNED_OUT', 'REQUEST_INVALID')) this.#end('guest');
      throw error;
    }
  }

  #opened(signedIn: SignedIn): Person {
    this.#keepAccount(signedIn);
    this.#tell('signed-in');
    return signedIn.person;
  }

  #keepAccount(signedIn: SignedIn): void {
    this.#credentials.account = credentialOf(signedIn);
    writeStored(markKey, '1');
    this.#set({ phase: 'ready', account: signedIn.person, ended: false });
  }

  #keepGuest(code: string, signedIn: SignedIn): void {
    if (signedIn.refreshToken !== undefined) writeStored(guestKey(code), signedIn.refreshToken, tabStorage);
    // Another meeting may have been opened meanwhile.
    if (this.#state.entered?.code !== code) return;
    this.#credentials.guest = credentialOf(signedIn);
    this.#set({ guest: { code, person: signedIn.person } });
  }

  #end(kind: 'account' | 'guest'): void {
    if (kind === 'account') {
      this.#forgetAccount(true);
      return;
    }
    this.#credentials.guest = null;
    if (this.#state.entered) writeStored(guestKey(this.#state.entered.code), null, tabStorage);
    this.#set({ guest: null });
  }

  #forgetAccount(surprising: boolean): void {
    this.#credentials.account = null;
    writeStored(markKey, null);
    this.#set({ phase: 'ready', account: null, ended: surprising && this.#state.account !== null });
  }

  #set(change: Partial<SessionState>): void {
    const before = this.#state;
    const next = { ...before, ...change };
    // A renewed token brings the same person: nothing on the page has to be drawn again.
    if (next.account && before.account && JSON.stringify(next.account) === JSON.stringify(before.account)) next.account = before.account;
    this.#state = next;
    for (const listener of [...this.#listeners]) listener();
  }

  #tell(notice: Notice): void {
    this.#tabs?.postMessage(notice);
  }
}

function credentialOf(signedIn: SignedIn): Credential {
  return { accessToken: signedIn.accessToken, expiresAt: Date.now() + signedIn.expiresInMs };
}

/** Web Locks exist on secure pages only; elsewhere the server's patience with a token used twice must do. */
function alone<Answer>(name: string, run: () => Promise<Answer>): Promise<Answer> {
  return 'locks' in navigator ? navigator.locks.request(name, run) : run();
}

/** Doubling and spread, so that pages don't come back all at once. */
function later(attempt: number, run: () => void): void {
  setTimeout(run, Math.min(retryMs.most, retryMs.first * 2 ** attempt) * (0.75 + Math.random() / 2));
}
