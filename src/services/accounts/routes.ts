/** The HTTP API of accounts: set-up, sign-in, devices, people, invitations. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CausewayError } from '../../platform/errors.js';
import { type HttpApp, principalOf } from '../../platform/http/index.js';
import type { Accounts } from './accounts.js';
import type { Guests } from './guests.js';
import {
  acceptBody,
  deviceSchema,
  guestSchema,
  invitationBody,
  invitationFaceSchema,
  invitationLookUpBody,
  invitationMadeSchema,
  invitationSchema,
  personSchema,
  refreshBody,
  type SignedIn,
  setupBody,
  signedInSchema,
  signInBody,
} from './schema.js';
import type { Grant } from './sign-ins.js';

export interface AccountRoutesOptions {
  readonly guests: Guests;
  /** Cookies only over HTTPS: when people open the server by https. */
  readonly secureCookies: boolean;
  readonly passwordMin: number;
  readonly signInsPerMinute: number;
  /** The address of the page as the caller sees it. */
  readonly pageUrl: (request: FastifyRequest) => string;
}

const refreshCookie = 'causeway_refresh';
const tags = ['Accounts'];
const nothing = z.object({});
const idParams = z.object({ id: z.uuid() });

export function accountRoutes(app: HttpApp, accounts: Accounts, options: AccountRoutesOptions): void {
  const { signIns, people, invitations } = accounts;
  const { guests } = options;
  // Sign-ins and all that takes a secret: slow enough for guessing to be hopeless.
  const guarded = { access: 'public', ratePerMinute: options.signInsPerMinute } as const;

  const keepCookie = (reply: FastifyReply, grant: Grant): SignedIn => {
    reply.setCookie(refreshCookie, grant.refreshToken, {
      httpOnly: true,
      sameSite: 'strict',
      secure: options.secureCookies,
      path: '/api/auth',
      maxAge: Math.floor(grant.refreshLifeMs / 1000),
    });
    return { accessToken: grant.accessToken, expiresInMs: grant.expiresInMs, person: grant.person };
  };
  const dropCookie = (reply: FastifyReply) => reply.clearCookie(refreshCookie, { path: '/api/auth' });
  const longEnough = (password: string): void => {
    if (password.length < options.passwordMin) {
      throw new CausewayError('REQUEST_INVALID', {
        field: 'password',
        fill: { detail: `password: at least ${options.passwordMin} characters` },
      });
    }
  };

  app.route({
    method: 'POST',
    url: '/api/setup',
    config: guarded,
    schema: {
      tags,
      summary: 'Make the organisation and its owner with the one-time owner link',
      body: setupBody,
      response: { 200: signedInSchema },
    },
    handler: async (request, reply) => {
      longEnough(request.body.password);
      return keepCookie(reply, await people.setUp(request.body, clientOf(request)));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/auth/sign-in',
    config: guarded,
    schema: { tags, summary: 'Sign in with e-mail and password', body: signInBody, response: { 200: signedInSchema } },
    handler: async (request, reply) => {
      const { email, password, keep } = request.body;
      const grant = await signIns.withPassword(email, password, clientOf(request));
      return keep === 'body' ? inBody(grant) : keepCookie(reply, grant);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/auth/refresh',
    config: { access: 'public' },
    schema: {
      tags,
      summary: 'A new access token for the refresh token in the cookie or the body',
      body: refreshBody,
      response: { 200: signedInSchema },
    },
    handler: async (request, reply) => {
      const given = request.body?.refreshToken;
      const token = given ?? request.cookies[refreshCookie];
      if (!token) throw new CausewayError('AUTH_REQUIRED');
      try {
        const grant = await signIns.refresh(token);
        return given === undefined ? keepCookie(reply, grant) : inBody(grant);
      } catch (error) {
        if (given === undefined) dropCookie(reply);
        throw error;
      }
    },
  });

  app.route({
    method: 'POST',
    url: '/api/auth/sign-out',
    config: { access: 'guest' },
    schema: { tags, summary: 'End this sign-in and cut its sockets', response: { 200: nothing } },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      await signIns.revoke(principal, principal.signInId);
      dropCookie(reply);
      return {};
    },
  });

  app.route({
    method: 'GET',
    url: '/api/me',
    config: { access: 'guest' },
    schema: { tags, summary: 'Who the caller is', response: { 200: personSchema } },
    handler: (request) => people.person(principalOf(request)),
  });

  app.route({
    method: 'GET',
    url: '/api/devices',
    config: { access: 'person' },
    schema: { tags, summary: 'Where the caller is signed in', response: { 200: z.object({ devices: z.array(deviceSchema) }) } },
    handler: async (request) => ({ devices: await signIns.devices(principalOf(request)) }),
  });

  app.route({
    method: 'DELETE',
    url: '/api/devices/:id',
    config: { access: 'person' },
    schema: { tags, summary: 'Sign one device out', params: idParams, response: { 200: nothing } },
    handler: async (request) => {
      const ended = await signIns.revoke(principalOf(request), request.params.id);
      if (ended === 0) throw new CausewayError('ACCOUNT_NO_DEVICE');
      return {};
    },
  });

  app.route({
    method: 'POST',
    url: '/api/devices/sign-out-everywhere',
    config: { access: 'person' },
    schema: { tags, summary: 'Sign every device of the caller out, this one too', response: { 200: nothing } },
    handler: async (request, reply) => {
      await signIns.revoke(principalOf(request), 'all');
      dropCookie(reply);
      return {};
    },
  });

  app.route({
    method: 'GET',
    url: '/api/people',
    config: { access: 'person', scope: 'people:read' },
    schema: {
      tags,
      summary: 'People of the organisation',
      response: { 200: z.object({ people: z.array(personSchema.omit({ organisation: true })) }) },
    },
    handler: async (request) => ({ people: await people.list(principalOf(request)) }),
  });

  app.route({
    method: 'GET',
    url: '/api/invitations',
    config: { access: 'person' },
    schema: { tags, summary: 'Open invitations', response: { 200: z.object({ invitations: z.array(invitationSchema) }) } },
    handler: async (request) => ({ invitations: await invitations.list(principalOf(request)) }),
  });

  app.route({
    method: 'POST',
    url: '/api/invitations',
    config: { access: 'person' },
    schema: { tags, summary: 'Invite a person', body: invitationBody, response: { 200: invitationMadeSchema } },
    handler: async (request) => {
      const { invitation, token } = await invitations.create(principalOf(request), request.body.email, request.body.role);
      // In the fragment, so that the secret never reaches a server's or proxy's log.
      return { ...invitation, link: `${options.pageUrl(request)}/invite#${token}` };
    },
  });

  app.route({
    method: 'DELETE',
    url: '/api/invitations/:id',
    config: { access: 'person' },
    schema: { tags, summary: 'Withdraw an invitation', params: idParams, response: { 200: nothing } },
    handler: async (request) => {
      await invitations.withdraw(principalOf(request), request.params.id);
      return {};
    },
  });

  // The token travels in bodies, never in a URL, which logs and proxies keep.
  app.route({
    method: 'POST',
    url: '/api/invitations/look-up',
    config: guarded,
    schema: { tags, summary: 'What an invitation offers', body: invitationLookUpBody, response: { 200: invitationFaceSchema } },
    handler: async (request) => ({ ...(await invitations.face(request.body.token)), ...(await guests.face(request.body.token)) }),
  });

  app.route({
    method: 'POST',
    url: '/api/invitations/accept',
    config: guarded,
    schema: { tags, summary: 'Make the account of an invitation', body: acceptBody, response: { 200: signedInSchema } },
    handler: async (request, reply) => {
      const { token, name, password } = request.body;
      longEnough(password);
      const { role } = await invitations.face(token);
      const accepting = role === 'guest' ? guests : invitations;
      return keepCookie(reply, await accepting.accept(token, name, password, clientOf(request)));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/guests',
    config: { access: 'person' },
    schema: { tags, summary: 'Guests with accounts', response: { 200: z.object({ guests: z.array(guestSchema) }) } },
    handler: async (request) => ({ guests: await guests.list(principalOf(request)) }),
  });

  app.route({
    method: 'DELETE',
    url: '/api/guests/:id',
    config: { access: 'person' },
    schema: { tags, summary: 'Remove a guest and sign him out everywhere', params: idParams, response: { 200: nothing } },
    handler: async (request) => {
      await guests.remove(principalOf(request), request.params.id);
      return {};
    },
  });
}

function inBody(grant: Grant): SignedIn {
  return { accessToken: grant.accessToken, expiresInMs: grant.expiresInMs, person: grant.person, refreshToken: grant.refreshToken };
}

function clientOf(request: FastifyRequest): string {
  return (request.headers['user-agent'] ?? 'unknown').slice(0, 200);
}
