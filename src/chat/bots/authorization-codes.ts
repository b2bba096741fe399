/**
 * Authorization codes (RFC 6749 section 4.1) with PKCE (RFC 7636, S256 alone): an administrator
 * approves on our page, the app gets a code at its registered address and changes it for a token. A
 * code is good once, for a minute, for this app, this address and who knows the verifier. Presented a
 * second time it was stolen from somebody, so the token that came of it ends (section 4.1.2).
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Audit } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import { hashSecret, newSecret } from '../../platform/ids.js';
import type { Principal } from '../../platform/principal.js';
import { act, requireAdministrator } from './administrators.js';
import type { AppToken, AppTokens } from './app-tokens.js';
import type { AppFace, Apps } from './apps.js';
import { OAuthError } from './oauth-error.js';
import type { AppScope, AuthorizeFace, AuthorizeRequest } from './schema.js';
import { readScopes } from './scopes.js';

export interface AuthorizationCodesDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly apps: Apps;
  readonly tokens: AppTokens;
}

export interface CodeExchange {
  readonly code: string;
  readonly redirectUri: string;
  readonly verifier: string;
}

/** RFC 6749 section 4.1.2 recommends ten minutes at most; a redirect takes a second. */
const codeLifeMs = 60_000;
/** RFC 7636 section 4.2: SHA-256, base64url. */
const challengeForm = /^[A-Za-z0-9_-]{43}$/;
/** RFC 7636 section 4.1. */
const verifierForm = /^[A-Za-z0-9._~-]{43,128}$/;

export class AuthorizationCodes {
  readonly #deps: AuthorizationCodesDeps;

  constructor(deps: AuthorizationCodesDeps) {
    this.#deps = deps;
  }

  /**
   * What the page asks the administrator. An app that is unknown, or an address that it did not
   * register, is told to him and never redirected to (RFC 6749 section 4.1.2.1).
   *
   * @throws BOT_APP_NOT_FOUND, BOT_REDIRECT
   */
  async look(by: Principal, request: AuthorizeRequest): Promise<AuthorizeFace> {
    const { app, checked } = await this.#check(by, request);
    const { id, name, description } = app;
    return {
      app: { id, name, description },
      scopes: 'scopes' in checked ? [...checked.scopes] : [],
      redirect: 'error' in checked ? checked.error : null,
    };
  }

  /** Gives where the browser goes next. @throws BOT_APP_NOT_FOUND, BOT_REDIRECT */
  async decide(by: Principal, request: AuthorizeRequest, allow: boolean): Promise<{ redirect: string }> {
    const { app, checked } = await this.#check(by, request);
    if ('error' in checked) return { redirect: checked.error };
    if (!allow) return { redirect: back(request, { error: 'access_denied' }) };
    const code = newSecret();
    await this.#deps.database.transaction(async (tx) => {
      await tx.query(
        `insert into app_codes (org_id, code_hash, app_id, approved_by, redirect_uri, challenge, scopes, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [
          app.orgId,
          hashSecret(code),
          app.id,
          by.personId,
          request.redirect_uri,
          request.code_challenge,
          checked.scopes,
          new Date(this.#deps.clock.now() + codeLifeMs),
        ],
      );
      await this.#deps.audit.record(tx, act(by, 'chat.app-approved', { app: app.id }, { scopes: checked.scopes }));
    });
    return { redirect: back(request, { code }) };
  }

  /** @throws OAuthError invalid_grant */
  async exchange(app: AppFace, { code, redirectUri, verifier }: CodeExchange): Promise<AppToken> {
    const { database, clock, tokens, audit } = this.#deps;
    const result = await database.transaction(async (tx): Promise<AppToken | null> => {
      const [row] = await tx.query<{
        org_id: string;
        app_id: string;
        redirect_uri: string;
        challenge: string;
        scopes: AppScope[];
        expires_at: Date;
        used_at: Date | null;
        token_id: string | null;
      }>('select * from app_codes where code_hash = $1 for update', [hashSecret(code)]);
      if (!row) return null;
      const now = new Date(clock.now());
      if (row.used_at) {
        if (row.token_id === null) return null;
        await tokens.revoke(tx, row.token_id);
        await audit.record(tx, { orgId: row.org_id, actor: null, action: 'chat.app-code-replayed', subject: { app: row.app_id } });
        return null;
      }
      // Used up whatever comes next: somebody has it who lacks something else, so it has leaked.
      await tx.query('update app_codes set used_at = $2 where code_hash = $1', [hashSecret(code), now]);
      const good = row.app_id === app.id && row.redirect_uri === redirectUri && row.expires_at > now && fits(verifier, row.challenge);
      if (!good) return null;
      const scopes = row.scopes.filter((scope) => app.scopes.includes(scope));
      const token = await tokens.issue(tx, app, scopes);
      await tx.query('update app_codes set token_id = $2 where code_hash = $1', [hashSecret(code), token.id]);
      return token;
    });
    if (!result) throw new OAuthError('invalid_grant', 'The code is wrong, used, too old, or not for this client, address or verifier.');
    return result;
  }

  async #check(by: Principal, request: AuthorizeRequest) {
    requireAdministrator(by);
    const app = await this.#deps.apps.face(by.orgId, request.client_id);
    if (!app.redirectUris.includes(request.redirect_uri)) throw new CausewayError('BOT_REDIRECT');
    return { app, checked: this.#checkRest(app, request) };
  }

  #checkRest(app: AppFace, request: AuthorizeRequest): { scopes: readonly AppScope[] } | { error: string } {
    const wrong = (error: string, description: string) => ({ error: back(request, { error, error_description: description }) });
    if (request.response_type !== 'code') return wrong('unsupported_response_type', 'response_type must be code.');
    // RFC 7636 section 4.4.1. Without a method the challenge would be plain, which protects from nobody who sees the request.
    if (request.code_challenge_method !== 'S256' || !challengeForm.test(request.code_challenge))
      return wrong('invalid_request', 'PKCE is required, with code_challenge_method S256.');
    const scopes = readScopes(request.scope, app.scopes);
    return scopes ? { scopes } : wrong('invalid_scope', 'The app was not registered for all of these scopes.');
  }
}

function fits(verifier: string, challenge: string): boolean {
  if (!verifierForm.test(verifier)) return false;
  const made = createHash('sha256').update(verifier, 'ascii').digest('base64url');
  return made.length === challenge.length && timingSafeEqual(Buffer.from(made), Buffer.from(challenge));
}

/** The app's address with the answer, and the app's own state as it came. */
function back({ redirect_uri, state }: AuthorizeRequest, answer: Readonly<Record<string, string>>): string {
  const url = new URL(redirect_uri);
  for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value);
  if (state !== undefined) url.searchParams.set('state', state);
  return url.href;
}
