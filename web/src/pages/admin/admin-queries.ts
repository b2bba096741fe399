/** The keys and the queries that several pages of administration share. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api';
import { keys } from '@/pages/queries';
import type { CheckOption } from './check-list';

export const adminKeys = {
  dlp: ['admin', 'dlp'],
  domains: ['admin', 'domains'],
  domainRules: ['admin', 'domain-rules'],
  personDomains: (id: string) => ['admin', 'person-domains', id],
  guests: ['admin', 'guests'],
  conversations: ['admin', 'conversations'],
  retention: ['admin', 'retention'],
  holds: ['admin', 'holds'],
  exports: ['admin', 'exports'],
  notificationPolicy: ['admin', 'notification-policy'],
  apps: ['admin', 'apps'],
  incoming: ['admin', 'incoming'],
  outgoing: ['admin', 'outgoing'],
  deliveries: (id: string) => ['admin', 'outgoing', id],
  commands: ['admin', 'commands'],
  audit: ['admin', 'audit'],
  recordingPolicies: ['admin', 'recording-policies'],
  captionSettings: ['admin', 'caption-settings'],
  captionLanguages: ['caption-languages'],
} as const;

export function useDomains() {
  return useQuery({ queryKey: adminKeys.domains, queryFn: ({ signal }) => api.admin.domains.list(signal) });
}

export function useDomainOptions(): readonly CheckOption[] {
  return (useDomains().data?.domains ?? []).map(({ id, name }) => ({ id, name }));
}

export function usePeopleOptions(): readonly CheckOption[] {
  const people = useQuery({ queryKey: keys.people, queryFn: ({ signal }) => api.people.list(signal) });
  return (people.data?.people ?? []).map(({ id, name, email }) => ({ id, name, detail: email ?? undefined }));
}

/** Those that the administrator is in; of two people by the name of the other. */
export function useConversationOptions(): readonly CheckOption[] {
  const { t } = useTranslation('admin');
  const conversations = useQuery({ queryKey: adminKeys.conversations, queryFn: ({ signal }) => api.admin.conversations(signal) });
  return (conversations.data?.conversations ?? []).map(({ id, title, kind, counterpart }) => ({
    id,
    name: title || counterpart?.name || t('conversation.untitled'),
    detail: t(`kind.${kind}`),
  }));
}

export function useApps() {
  return useQuery({ queryKey: adminKeys.apps, queryFn: ({ signal }) => api.admin.apps.list(signal) });
}
