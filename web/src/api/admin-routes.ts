/** The calls of those who govern chat, and of the search; typed by the server's own schemas. */
import type {
  App,
  appBody,
  appMadeSchema,
  appPatch,
  appScopes,
  authorizeFaceSchema,
  authorizeQuery,
  Deliveries,
  deliveriesQuery,
  IncomingWebhook,
  incomingWebhookBody,
  incomingWebhookMadeSchema,
  incomingWebhookPatch,
  OutgoingWebhook,
  outgoingWebhookBody,
  outgoingWebhookMadeSchema,
  outgoingWebhookPatch,
  SlashCommand,
  slashCommandBody,
  slashCommandMadeSchema,
  slashCommandPatch,
} from '@server/chat/bots/schema';
import type { DlpRule, DlpTest, dlpRuleBody, dlpRulePatch } from '@server/chat/dlp/schema';
import type {
  conversationDomainSchema,
  conversationGuestsSchema,
  Domain,
  Rule as DomainRule,
  domainBody,
  domainPatch,
  domainRuleBody,
  domainRulePatch,
  personDomainsSchema,
} from '@server/chat/domains/schema';
import type {
  NotificationPolicyPatch,
  NotificationSettings,
  NotificationSettingsPatch,
  notificationPolicyChangedSchema,
  notificationPolicySchema,
  pushSubscriptionBody,
} from '@server/chat/notify/schema';
import type { Effective, Export, exportBody, Hold, holdBody, RetentionFace, retentionPatch } from '@server/chat/retention/schema';
import type { ConversationFace } from '@server/chat/schema';
import type { Found, FoundMessage, searchQuery } from '@server/chat/search/schema';
import type { CaptionSettings, captionSettingsBody } from '@server/recording/captions/schema';
import type { RecordingPolicyFace as RecordingPolicy, recordingPolicyBody } from '@server/recording/consent/schema';
import type { Guest } from '@server/services/accounts/schema';
import type { AuditPage, AuditRow, auditQuery, Verdict } from '@server/services/audit/schema';
import type { z } from 'zod';
import type { CallOptions } from './call';
import type { Identity } from './session';

export type DlpRuleInput = z.input<typeof dlpRuleBody>;
export type AppScope = (typeof appScopes)[number];
export type AppMade = z.output<typeof appMadeSchema>;
export type IncomingWebhookMade = z.output<typeof incomingWebhookMadeSchema>;
export type OutgoingWebhookMade = z.output<typeof outgoingWebhookMadeSchema>;
export type SlashCommandMade = z.output<typeof slashCommandMadeSchema>;
export type AuthorizeAsk = Partial<Record<keyof z.input<typeof authorizeQuery>, string>>;
export type AuthorizeFace = z.output<typeof authorizeFaceSchema>;
export type DomainRuleInput = z.input<typeof domainRuleBody>;
export type HoldInput = z.input<typeof holdBody>;
export type ExportInput = z.input<typeof exportBody>;
export type NotificationPolicy = z.output<typeof notificationPolicySchema>;
/** As they stand in an address. */
export type SearchAsk = Partial<Record<keyof z.input<typeof searchQuery>, string>>;
export type AuditAsk = Partial<Record<keyof z.input<typeof auditQuery>, string>>;
export type {
  App,
  AuditPage,
  AuditRow,
  CaptionSettings,
  Deliveries,
  DlpRule,
  DlpTest,
  Domain,
  DomainRule,
  Effective,
  Export,
  Found,
  FoundMessage,
  Guest,
  Hold,
  IncomingWebhook,
  NotificationSettings,
  OutgoingWebhook,
  RecordingPolicy,
  RetentionFace,
  SlashCommand,
  Verdict,
};

type As = <Answer>(identity: Identity, path: string, options?: CallOptions) => Promise<Answer>;
type Bytes = (identity: Identity, path: string, options?: CallOptions) => Promise<Blob>;

/** What reads through much of what was written takes its time. */
const longMs = 120_000;
const fileMs = 3_600_000;

export function adminRoutes(as: As, bytes: Bytes) {
  const mine = <Answer>(path: string, options?: CallOptions): Promise<Answer> => as<Answer>('account', path, options);
  const one = (path: string, id: string): string => `${path}/${encodeURIComponent(id)}`;
  const list =
    <Answer>(path: string) =>
    (signal?: AbortSignal) =>
      mine<Answer>(path, { signal });
  const change =
    <Body, Answer>(path: string) =>
    (id: string, body: Body) =>
      mine<Answer>(one(path, id), { method: 'PATCH', body });
  const make =
    <Body, Answer>(path: string) =>
    (body: Body) =>
      mine<Answer>(path, { method: 'POST', body });
  const remove = (path: string) => (id: string) => mine<object>(one(path, id), { method: 'DELETE' });
  const rotate =
    <Answer>(path: string) =>
    (id: string) =>
      mine<Answer>(`${one(path, id)}/secret`, { method: 'POST' });

  return {
    dlp: {
      list: list<{ rules: DlpRule[] }>('/api/dlp/rules'),
      make: make<DlpRuleInput, DlpRule>('/api/dlp/rules'),
      change: change<z.input<typeof dlpRulePatch>, DlpRule>('/api/dlp/rules'),
      remove: remove('/api/dlp/rules'),
      test: (body: { rule: DlpRuleInput; since?: string }) =>
        mine<DlpTest>('/api/dlp/rules/test', { method: 'POST', body, timeOutMs: longMs }),
    },
    domains: {
      list: list<{ domains: Domain[] }>('/api/domains'),
      make: make<z.input<typeof domainBody>, Domain>('/api/domains'),
      change: change<z.input<typeof domainPatch>, Domain>('/api/domains'),
      remove: remove('/api/domains'),
      ofPerson: (id: string, signal?: AbortSignal) =>
        mine<z.output<typeof personDomainsSchema>>(`${one('/api/people', id)}/domains`, { signal }),
      setOfPerson: (id: string, domainIds: readonly string[]) =>
        mine<object>(`${one('/api/people', id)}/domains`, { method: 'PUT', body: { domainIds } }),
      move: (conversationId: string, domainId: string) =>
        mine<z.output<typeof conversationDomainSchema>>(`${one('/api/conversations', conversationId)}/domain`, {
          method: 'PATCH',
          body: { domainId },
        }),
    },
    domainRules: {
      list: list<{ rules: DomainRule[] }>('/api/domain-rules'),
      make: make<DomainRuleInput, DomainRule>('/api/domain-rules'),
      change: change<z.input<typeof domainRulePatch>, DomainRule>('/api/domain-rules'),
      remove: remove('/api/domain-rules'),
    },
    guests: {
      list: list<{ guests: Guest[] }>('/api/guests'),
      remove: remove('/api/guests'),
      ofConversation: (id: string, signal?: AbortSignal) =>
        mine<z.output<typeof conversationGuestsSchema>>(`${one('/api/conversations', id)}/guests`, { signal }),
    },
    /** Those that the caller is in. */
    conversations: list<{ conversations: ConversationFace[] }>('/api/conversations'),
    retention: {
      get: list<RetentionFace>('/api/retention'),
      change: (body: z.input<typeof retentionPatch>) => mine<RetentionFace>('/api/retention', { method: 'PATCH', body }),
      set: (place: { scope: 'organisation' | 'domain' | 'conversation'; id: string | null }, days: number | null) =>
        mine<object>(policyPath(place), { method: 'PUT', body: { days } }),
      unset: (place: { scope: 'domain' | 'conversation'; id: string }) => mine<object>(policyPath(place), { method: 'DELETE' }),
      ofConversation: (id: string, signal?: AbortSignal) => mine<Effective>(one('/api/retention/conversations', id), { signal }),
    },
    holds: {
      list: list<{ holds: Hold[] }>('/api/holds'),
      make: make<HoldInput, Hold>('/api/holds'),
      release: (id: string, reason: string) => mine<Hold>(`${one('/api/holds', id)}/release`, { method: 'POST', body: { reason } }),
    },
    exports: {
      list: list<{ exports: Export[] }>('/api/exports'),
      make: make<ExportInput, Export>('/api/exports'),
      remove: remove('/api/exports'),
      file: (id: string) => bytes('account', `${one('/api/exports', id)}/file`, { timeOutMs: fileMs }),
    },
    apps: {
      list: list<{ apps: App[] }>('/api/apps'),
      make: make<z.input<typeof appBody>, AppMade>('/api/apps'),
      change: change<z.input<typeof appPatch>, App>('/api/apps'),
      rotate: rotate<AppMade>('/api/apps'),
    },
    incoming: {
      list: list<{ webhooks: IncomingWebhook[] }>('/api/incoming-webhooks'),
      make: make<z.input<typeof incomingWebhookBody>, IncomingWebhookMade>('/api/incoming-webhooks'),
      change: change<z.input<typeof incomingWebhookPatch>, IncomingWebhook>('/api/incoming-webhooks'),
      rotate: rotate<IncomingWebhookMade>('/api/incoming-webhooks'),
      remove: remove('/api/incoming-webhooks'),
    },
    outgoing: {
      list: list<{ webhooks: OutgoingWebhook[] }>('/api/outgoing-webhooks'),
      make: make<z.input<typeof outgoingWebhookBody>, OutgoingWebhookMade>('/api/outgoing-webhooks'),
      change: change<z.input<typeof outgoingWebhookPatch>, OutgoingWebhook>('/api/outgoing-webhooks'),
      rotate: rotate<OutgoingWebhookMade>('/api/outgoing-webhooks'),
      remove: remove('/api/outgoing-webhooks'),
      deliveries: (id: string, query: z.output<typeof deliveriesQuery>, signal?: AbortSignal) =>
        mine<Deliveries>(`${one('/api/outgoing-webhooks', id)}/deliveries`, { query, signal }),
      replay: (id: string, ids?: readonly string[]) =>
        mine<{ replaying: number }>(`${one('/api/outgoing-webhooks', id)}/replay`, { method: 'POST', body: ids ? { ids } : {} }),
    },
    commands: {
      list: list<{ commands: SlashCommand[] }>('/api/slash-commands'),
      make: make<z.input<typeof slashCommandBody>, SlashCommandMade>('/api/slash-commands'),
      change: change<z.input<typeof slashCommandPatch>, SlashCommand>('/api/slash-commands'),
      rotate: rotate<SlashCommandMade>('/api/slash-commands'),
      remove: remove('/api/slash-commands'),
    },
    recordingPolicies: {
      list: list<{ policies: RecordingPolicy[] }>('/api/recording-policies'),
      set: (body: z.input<typeof recordingPolicyBody>) =>
        mine<{ policies: RecordingPolicy[] }>('/api/recording-policies', { method: 'PUT', body }),
    },
    captions: {
      settings: list<CaptionSettings>('/api/captions/settings'),
      change: (body: z.input<typeof captionSettingsBody>) => mine<CaptionSettings>('/api/captions/settings', { method: 'PUT', body }),
    },
    audit: {
      list: (query: AuditAsk, signal?: AbortSignal) => mine<AuditPage>('/api/audit', { query, signal }),
      verify: () => mine<Verdict>('/api/audit/verify', { timeOutMs: longMs }),
    },
    oauth: {
      look: (ask: AuthorizeAsk, signal?: AbortSignal) => mine<AuthorizeFace>('/api/oauth/authorize', { query: ask, signal }),
      decide: (ask: AuthorizeAsk, allow: boolean) =>
        mine<{ redirect: string }>('/api/oauth/authorize', { method: 'POST', body: { ...ask, allow } }),
    },
    notifications: {
      get: list<NotificationSettings>('/api/notification-settings'),
      change: (body: NotificationSettingsPatch) => mine<NotificationSettings>('/api/notification-settings', { method: 'PATCH', body }),
      pushKey: list<{ key: string }>('/api/push/key'),
      subscribe: (body: z.input<typeof pushSubscriptionBody>) => mine<object>('/api/push/subscriptions', { method: 'POST', body }),
      unsubscribe: () => mine<object>('/api/push/subscriptions', { method: 'DELETE' }),
      policy: list<NotificationPolicy>('/api/notification-policy'),
      changePolicy: (body: NotificationPolicyPatch) =>
        mine<z.output<typeof notificationPolicyChangedSchema>>('/api/notification-policy', { method: 'PATCH', body }),
    },
    searchMessages: (query: SearchAsk, signal?: AbortSignal) => mine<Found>('/api/search/messages', { query, signal }),
  };
}

function policyPath({ scope, id }: { scope: 'organisation' | 'domain' | 'conversation'; id: string | null }): string {
  return id === null ? '/api/retention/organisation' : `/api/retention/${scope}s/${encodeURIComponent(id)}`;
}
