/** POST /api/oauth/token: client credentials (RFC 6749 section 4.4) and authorization codes (section 4.1.3). */
import type { Database } from '../../platform/database/index.js';
import type { AppToken, AppTokens } from './app-tokens.js';
import type { AppFace, Apps } from './apps.js';
import type { AuthorizationCodes } from './authorization-codes.js';
import { OAuthError } from './oauth-error.js';
import type { Rate } from './rate.js';
import { readScopes } from './scopes.js';

export interface TokenEndpointDeps {
  readonly database: Database;
  readonly apps: Apps;
  readonly tokens: AppTokens;
  readonly codes: AuthorizationCodes;
  /** Calls by app. */
  readonly rate: Rate;
}

export class TokenEndpoint {
  readonly #deps: TokenEndpointDeps;

  constructor(deps: TokenEndpointDeps) {
    this.#deps = deps;
  }

  /** `form` is the body, `application/x-www-form-urlencoded`. @throws OAuthError, REQUEST_RATE */
  async answer(form: string, authorization: string | undefined): Promise<AppToken> {
    const fields = readForm(form);
    const app = await this.#client(fields, authorization);
    this.#deps.rate.take(app.id);
    const grant = fields.get('grant_type');
    if (grant === 'client_credentials') return this.#byCredentials(app, fields);
    if (grant === 'authorization_code') return this.#byCode(app, fields);
    throw grant === undefined
      ? new OAuthError('invalid_request', 'grant_type is missing.')
      : new OAuthError('unsupported_grant_type', 'grant_type must be client_credentials or authorization_code.');
  }

  async #byCredentials(app: AppFace, fields: ReadonlyMap<string, string>): Promise<AppToken> {
    const scopes = readScopes(fields.get('scope') ?? '', app.scopes);
    if (!scopes) throw new OAuthError('invalid_scope', 'The app was not registered for all of these scopes.');
    return this.#deps.tokens.issue(this.#deps.database, app, scopes);
  }

  async #byCode(app: AppFace, fields: ReadonlyMap<string, string>): Promise<AppToken> {
    const [code, redirectUri, verifier] = [fields.get('code'), fields.get('redirect_uri'), fields.get('code_verifier')];
    if (code === undefined || redirectUri === undefined || verifier === undefined)
      throw new OAuthError('invalid_request', 'code, redirect_uri and code_verifier are required.');
    return this.#deps.codes.exchange(app, { code, redirectUri, verifier });
  }

  /** By HTTP Basic or in the body, never both (RFC 6749 section 2.3). */
  async #client(fields: ReadonlyMap<string, string>, authorization: string | undefined): Promise<AppFace> {
    const basic = authorization === undefined ? null : readBasic(authorization);
    const [id, secret] = [fields.get('client_id'), fields.get('client_secret')];
    if (basic && (secret !== undefined || (id !== undefined && id !== basic.id)))
      throw new OAuthError('invalid_request', 'The client authenticates in more than one way.');
    const given = basic ?? { id: id ?? '', secret: secret ?? '' };
    const app = await this.#deps.apps.withSecret(given.id, given.secret);
    if (!app) throw new OAuthError('invalid_client', 'The client is unknown, its secret is wrong, or it is switched off.');
    return app;
  }
}

/** Empty values count as absent, and none may come twice (RFC 6749 section 3.2). */
function readForm(form: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(form)) {
    if (fields.has(name)) throw new OAuthError('invalid_request', 'A parameter comes twice.');
    fields.set(name, value);
  }
  return new Map([...fields].filter(([, value]) => value !== ''));
}

/** RFC 6749 section 2.3.1: both are form-encoded before they go into HTTP Basic (RFC 7617). */
function readBasic(authorization: string): { id: string; secret: string } {
  const [, encoded] = /^Basic +([A-Za-z0-9+/]{1,2000}={0,2})$/i.exec(authorization) ?? [];
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const [id, secret] = [decode(text.slice(0, Math.max(0, colon))), decode(text.slice(colon + 1))];
  if (colon < 0 || id === null || secret === null) throw new OAuthError('invalid_client', 'The Authorization header is not HTTP Basic.');
  return { id, secret };
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
}
