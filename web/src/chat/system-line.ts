/** What happened to the conversation itself, in words. Null: nothing to say. Pure. */
import type { TFunction } from 'i18next';
import type { ChatMessage } from '@/core';

export function systemLine(message: ChatMessage, myId: string, t: TFunction<['chat', 'common']>, list: Intl.ListFormat): string | null {
  const { system } = message;
  if (!system) return null;
  const by = message.senderId === myId ? t('you') : message.senderName;
  const names = list.format(system.people.slice(0, 5).map((person) => (person.id === myId ? t('youThere') : person.name)));
  const more = system.people.length - 5;
  const people = more > 0 ? t('system.andMore', { names, count: more }) : names;
  switch (system.what) {
    case 'created':
      return t('system.created', { by });
    case 'renamed':
      return t('system.renamed', { by, title: system.text });
    case 'members-added':
      return t('system.added', { by, people });
    case 'member-left':
      return t('system.left', { by: people || by });
    case 'member-removed':
      return t('system.removed', { by, people });
    case 'role-changed':
      return system.text === 'admin' ? t('system.nowAdmin', { people }) : t('system.nowMember', { people });
    case 'archived':
      return t('system.archived', { by });
    case 'unarchived':
      return t('system.unarchived', { by });
    // Of a recording the text says its kind.
    case 'recording-started':
      return t(system.text === 'transcript' ? 'system.transcriptStarted' : 'system.recordingStarted', { by });
    case 'recording-paused':
      return t(system.text === 'transcript' ? 'system.transcriptPaused' : 'system.recordingPaused', { by });
    case 'recording-resumed':
      return t(system.text === 'transcript' ? 'system.transcriptResumed' : 'system.recordingResumed', { by });
    case 'recording-stopped':
      return t(system.text === 'transcript' ? 'system.transcriptStopped' : 'system.recordingStopped', { by });
    case 'recording-ready':
      return t(system.text === 'transcript' ? 'system.transcriptReady' : 'system.recordingReady');
    case 'recording-shared':
      return t(system.text === 'transcript' ? 'system.transcriptShared' : 'system.recordingShared', { by });
    case 'domain-changed':
      return t('system.domain', { domain: system.text });
    default:
      return null;
  }
}
