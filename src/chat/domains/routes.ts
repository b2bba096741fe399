/** The HTTP API of domains, and of guests in conversations. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type HttpApp, principalOf } from '../../platform/http/index.js';
import type { Principal } from '../../platform/principal.js';
import type { Domains } from './domains.js';
import type { GuestMail } from './guest-mail.js';
import {
  conversationDomainBody,
  conversationDomainSchema,
  conversationGuestsSchema,
  domainBody,
  domainPatch,
  domainRuleBody,
  domainRulePatch,
  domainRuleSchema,
  domainRulesSchema,
  domainSchema,
  domainsSchema,
  guestInvitationBody,
  guestInvitationMadeSchema,
  personDomainsBody,
  personDomainsSchema,
} from './schema.js';

export interface GuestInvitation {
  readonly id: string;
  readonly email: string;
  readonly invitedBy: string;
  readonly createdAt: string;
  readonly expiresAt: string;
}

export interface DomainRoutesOptions {
  /** Invitations are kept by accounts, which chat doesn't know; handed over by the composition root. */
  readonly invitations: {
    /** @throws ACCOUNT_EMAIL_TAKEN */
    invite(by: Principal, email: string, conversationId: string): Promise<{ invitation: GuestInvitation; token: string }>;
    /** Those that are open. */
    ofConversation(by: Principal, conversationId: string): Promise<GuestInvitation[]>;
  };
  readonly pageUrl: (request: FastifyRequest) => string;
}

const tags = ['Domains and guests'];
const id = z.uuid().toLowerCase();
const idParams = z.object({ id });
const nothing = z.object({});

export function domainRoutes(app: HttpApp, domains: Domains, guestMail: GuestMail, { invitations, pageUrl }: DomainRoutesOptions): void {
  const { guests } = domains;

  app.route({
    method: 'GET',
    url: '/api/domains',
    config: { access: 'person' },
    schema: { tags, summary: 'Data domains of the organisation', response: { 200: domainsSchema } },
    handler: async (request) => ({ domains: await domains.list(principalOf(request)) }),
  });

  app.route({
    method: 'POST',
    url: '/api/domains',
    config: { access: 'person' },
    schema: { tags, summary: 'Make a domain', body: domainBody, response: { 200: domainSchema } },
    handler: (request) => domains.create(principalOf(request), request.body),
  });

  app.route({
    method: 'PATCH',
    url: '/api/domains/:id',
    config: { access: 'person' },
    schema: { tags, summary: 'Change a domain', params: idParams, body: domainPatch, response: { 200: domainSchema } },
    handler: (request) => domains.change(principalOf(request), request.params.id, request.body),
  });

  app.route({
    method: 'DELETE',
    url: '/api/domains/:id',
    config: { access: 'person' },
    schema: { tags, summary: 'Delete a domain that nothing is in, with its rules', params: idParams, response: { 200: nothing } },
    handler: async (request) => {
      await domains.remove(principalOf(request), request.params.id);
      return {};
    },
  });

  app.route({
    method: 'GET',
    url: '/api/domain-rules',
    config: { access: 'person' },
    schema: { tags, summary: 'What may cross between domains', response: { 200: domainRulesSchema } },
    handler: async (request) => ({ rules: await domains.rules(principalOf(request)) }),
  });

  app.route({
    method: 'POST',
    url: '/api/domain-rules',
    config: { access: 'person' },
    schema: { tags, summary: 'Make a rule', body: domainRuleBody, response: { 200: domainRuleSchema } },
    handler: (request) => domains.addRule(principalOf(request), request.body),
  });

  app.route({
    method: 'PATCH',
    url: '/api/domain-rules/:id',
    config: { access: 'person' },
    schema: { tags, summary: 'Change a rule', params: idParams, body: domainRulePatch, response: { 200: domainRuleSchema } },
    handler: (request) => domains.changeRule(principalOf(request), request.params.id, request.body),
  });

  app.route({
    method: 'DELETE',
    url: '/api/domain-rules/:id',
    config: { access: 'person' },
    schema: { tags, summary: 'Delete a rule', params: idParams, response: { 200: nothing } },
    handler: async (request) => {
      await domains.removeRule(principalOf(request), request.params.id);
      return {};
    },
  });

  app.route({
    method: 'GET',
    url: '/api/people/:id/domains',
    config: { access: 'person' },
    schema: { tags, summary: 'Which domains somebody is in', params: idParams, response: { 200: personDomainsSchema } },
    handler: async (request) => ({ domainIds: await domains.ofPerson(principalOf(request), request.params.id) }),
  });

  app.route({
    method: 'PUT',
    url: '/api/people/:id/domains',
    config: { access: 'person' },
    schema: {
      tags,
      summary: 'Say which domains somebody is in',
      params: idParams,
      body: personDomainsBody,
      response: { 200: personDomainsSchema },
    },
    handler: async (request) => ({
      domainIds: await domains.setOfPerson(principalOf(request), request.params.id, request.body.domainIds),
    }),
  });

  app.route({
    method: 'PATCH',
    url: '/api/conversations/:id/domain',
    config: { access: 'person' },
    schema: {
      tags,
      summary: 'Put a conversation into another domain',
      params: idParams,
      body: conversationDomainBody,
      response: { 200: conversationDomainSchema },
    },
    handler: async (request) => {
      const domain = await domains.move(principalOf(request), request.params.id, request.body.domainId);
      return { domainId: domain.id, domainName: domain.name };
    },
  });

  app.route({
    method: 'GET',
    url: '/api/conversations/:id/guests',
    config: { access: 'person' },
    schema: {
      tags,
      summary: 'Guests of a conversation, and open invitations',
      params: idParams,
      response: { 200: conversationGuestsSchema },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      const found = await guests.ofConversation(principal, request.params.id);
      return {
        guests: found.map((guest) => ({ ...guest, joinedAt: guest.joinedAt.toISOString() })),
        invitations: await invitations.ofConversation(principal, request.params.id),
      };
    },
  });

  app.route({
    method: 'POST',
    url: '/api/conversations/:id/guests',
    config: { access: 'person' },
    schema: {
      tags,
      summary: 'Invite somebody from outside to a conversation',
      params: idParams,
      body: guestInvitationBody,
      response: { 200: guestInvitationMadeSchema },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      const { email, language } = request.body;
      await guests.assertMayInvite(principal, request.params.id);
      const { invitation, token } = await invitations.invite(principal, email, request.params.id);
      // In the fragment, so that the secret never reaches a server's or proxy's log.
      const path = `/invite#${token}`;
      const mail = await guestMail.send(principal, {
        email,
        conversationId: request.params.id,
        expiresAt: invitation.expiresAt,
        language,
        path,
      });
      return { ...invitation, link: `${pageUrl(request)}${path}`, mail };
    },
  });
}
