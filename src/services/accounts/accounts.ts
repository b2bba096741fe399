/** Accounts as others see them: people, sign-ins and invitations, made together. */
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/index.js';
import { AccessTokens } from './access-tokens.js';
import { Invitations } from './invitations.js';
import { type NewGuest, People } from './people.js';
import type { Person } from './schema.js';
import { SignIns } from './sign-ins.js';

export interface AccountsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly accessTokenMs: number;
  readonly refreshTokenMs: number;
  readonly signingKeyMs: number;
  readonly invitationMs: number;
  /** Tells every node that sign-ins are over, so that their sockets are cut. */
  readonly revoked: (signInIds: readonly string[]) => Promise<void>;
}

export interface GuestSignedIn {
  readonly accessToken: string;
  readonly expiresInMs: number;
  readonly refreshToken: string;
  readonly person: Pick<Person, 'id' | 'name' | 'organisation'> & { readonly email: null; readonly role: 'guest' };
}

export class Accounts {
  readonly people: People;
  readonly signIns: SignIns;
  readonly invitations: Invitations;

  constructor(deps: AccountsDeps) {
    const { database, clock } = deps;
    const tokens = new AccessTokens({ database, clock, lifeMs: deps.accessTokenMs, keyLifeMs: deps.signingKeyMs });
    this.signIns = new SignIns({ database, clock, tokens, refreshLifeMs: deps.refreshTokenMs, revoked: deps.revoked });
    this.people = new People({ database, clock, signIns: this.signIns });
    this.invitations = new Invitations({ database, clock, signIns: this.signIns, lifeMs: deps.invitationMs });
  }

  /** Signs a guest of a meeting in. `device` is for the browser to keep. */
  async signInGuest(guest: NewGuest): Promise<{ signedIn: GuestSignedIn; device: string }> {
    const { grant, device } = await this.people.addGuest(guest);
    const { id, name, organisation } = grant.person;
    const { accessToken, expiresInMs, refreshToken } = grant;
    return { signedIn: { accessToken, expiresInMs, refreshToken, person: { id, name, email: null, role: 'guest', organisation } }, device };
  }
}
