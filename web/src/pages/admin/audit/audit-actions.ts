/** Actions of the audit log that have words of their own; others stand there as they are called. */
import type admin from '@/i18n/en/admin.json';

type Words = keyof typeof admin.audit.action;

export const actionAreas = [
  { key: 'dlp', ask: 'chat.dlp*' },
  { key: 'domain', ask: 'chat.domain*' },
  { key: 'guest', ask: 'chat.guest*' },
  { key: 'retention', ask: 'chat.retention*' },
  { key: 'hold', ask: 'chat.hold*' },
  { key: 'export', ask: 'chat.export*' },
  { key: 'app', ask: 'chat.app*' },
  { key: 'hook', ask: 'chat.hook*' },
  { key: 'webhook', ask: 'chat.webhook*' },
  { key: 'command', ask: 'chat.command*' },
] as const;

const known: Readonly<Record<string, Words>> = {
  'accounts.guest-removed': 'guestRemoved',
  'chat.app-approved': 'appApproved',
  'chat.app-changed': 'appChanged',
  'chat.app-code-replayed': 'appCodeReplayed',
  'chat.app-created': 'appCreated',
  'chat.app-secret-rotated': 'appSecretRotated',
  'chat.command-changed': 'commandChanged',
  'chat.command-created': 'commandCreated',
  'chat.command-deleted': 'commandDeleted',
  'chat.command-secret-rotated': 'commandSecretRotated',
  'chat.conversation-moved': 'conversationMoved',
  'chat.dlp-blocked': 'dlpBlocked',
  'chat.dlp-noticed': 'dlpNoticed',
  'chat.dlp-reason': 'dlpReason',
  'chat.dlp-rule-changed': 'dlpRuleChanged',
  'chat.dlp-rule-created': 'dlpRuleCreated',
  'chat.dlp-rule-deleted': 'dlpRuleDeleted',
  'chat.dlp-tested': 'dlpTested',
  'chat.dlp-warned': 'dlpWarned',
  'chat.domain-changed': 'domainChanged',
  'chat.domain-made': 'domainMade',
  'chat.domain-refused': 'domainRefused',
  'chat.domain-removed': 'domainRemoved',
  'chat.domain-rule-changed': 'domainRuleChanged',
  'chat.domain-rule-made': 'domainRuleMade',
  'chat.domain-rule-removed': 'domainRuleRemoved',
  'chat.export-deleted': 'exportDeleted',
  'chat.export-made': 'exportMade',
  'chat.export-taken': 'exportTaken',
  'chat.guest-invited': 'guestInvited',
  'chat.guest-joined': 'guestJoined',
  'chat.hold-made': 'holdMade',
  'chat.hold-released': 'holdReleased',
  'chat.hook-changed': 'hookChanged',
  'chat.hook-created': 'hookCreated',
  'chat.hook-deleted': 'hookDeleted',
  'chat.hook-secret-rotated': 'hookSecretRotated',
  'chat.person-domains': 'personDomains',
  'chat.retention-changed': 'retentionChanged',
  'chat.retention-deleted': 'retentionDeleted',
  'chat.webhook-changed': 'webhookChanged',
  'chat.webhook-created': 'webhookCreated',
  'chat.webhook-deleted': 'webhookDeleted',
  'chat.webhook-disabled': 'webhookDisabled',
  'chat.webhook-replayed': 'webhookReplayed',
  'chat.webhook-secret-rotated': 'webhookSecretRotated',
  'notify.policy-changed': 'policyChanged',
};

export function wordsOf(action: string): Words | null {
  return known[action] ?? null;
}
