/** What is not in a recording, in a sentence. */
import type { TFunction } from 'i18next';
import type { RecordingGap } from '@/api';

/** So many names are read; of more, how many there are. */
const namesAtMost = 3;

export function gapWords(gap: RecordingGap, t: TFunction<'archive'>, list: Intl.ListFormat): string {
  const { what, by, people, sources, partly } = gap;
  if (what === 'paused') return by ? t('gaps.pausedBy', { name: by.name }) : t('gaps.paused');
  if (what === 'redacted') return t('gaps.redacted');
  const who = people && people.length > 0 ? namesOf(people, t, list) : null;
  if (what === 'withdrawn') return who === null ? t('gaps.withdrawnSomebody') : t('gaps.withdrawn', { people: who });
  const parts = sources.length > 0 ? list.format(sources.map((source) => t(`gaps.source.${source}`))) : t('gaps.everything');
  const words = { what: parts, people: who ?? t('gaps.everybody'), why: t(`gaps.why.${what}`) };
  return partly ? t('gaps.missingPartly', words) : t('gaps.missing', words);
}

function namesOf(people: readonly { readonly name: string }[], t: TFunction<'archive'>, list: Intl.ListFormat): string {
  const names = people.map(({ name }) => name);
  if (names.length <= namesAtMost + 1) return list.format(names);
  return list.format([...names.slice(0, namesAtMost), t('gaps.others', { count: names.length - namesAtMost })]);
}
