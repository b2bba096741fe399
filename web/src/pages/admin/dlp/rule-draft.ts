/** A rule as it stands in its form, and as it goes to the server. Pure. */
import type { DlpRule, DlpRuleInput } from '@/api';

export type Detector = DlpRule['detectors'][number];
export type Action = DlpRule['action'];
export type Kind = DlpRule['scope']['kinds'][number];

export interface PatternDraft {
  /** Of this form alone: rows keep their place while they are written. */
  readonly key: number;
  readonly name: string;
  readonly pattern: string;
  readonly caseSensitive: boolean;
}

export interface RuleDraft {
  readonly name: string;
  readonly detectors: readonly Detector[];
  readonly patterns: readonly PatternDraft[];
  /** As it is typed: "exe, zip, video/*". */
  readonly fileTypes: string;
  readonly action: Action;
  readonly notify: boolean;
  readonly minimum: string;
  readonly domains: readonly string[];
  readonly kinds: readonly Kind[];
}

export const detectorNames = ['hkid', 'prc-id', 'prc-id-15', 'card', 'phone', 'iban'] as const satisfies readonly Detector[];
export const actions = ['notify', 'warn', 'reason', 'block'] as const satisfies readonly Action[];
export const kinds = ['direct', 'group', 'department', 'announcement', 'meeting', 'project'] as const satisfies readonly Kind[];

/** Made up, with check digits that are right: what the detector would find. */
export const examples: Readonly<Record<Detector, string>> = {
  hkid: 'A123456(3)',
  'prc-id': '11010519491231002X',
  'prc-id-15': '110105491231002',
  card: '4111 1111 1111 1111',
  phone: '+852 2123 4567',
  iban: 'GB82 WEST 1234 5698 7654 32',
};

export function draftOf(rule: DlpRule | null): RuleDraft {
  return {
    name: rule?.name ?? '',
    detectors: rule?.detectors ?? [],
    patterns: (rule?.patterns ?? []).map((pattern, key) => ({ ...pattern, key })),
    fileTypes: rule?.fileTypes.join(', ') ?? '',
    action: rule?.action ?? 'warn',
    notify: rule?.notify ?? false,
    minimum: String(rule?.minimum ?? 1),
    domains: rule?.scope.domains ?? [],
    kinds: rule?.scope.kinds ?? [],
  };
}

export function inputOf(draft: RuleDraft): DlpRuleInput {
  return {
    name: draft.name.trim(),
    detectors: [...draft.detectors],
    patterns: draft.patterns
      .filter(({ pattern }) => pattern !== '')
      .map(({ name, pattern, caseSensitive }) => ({ name: name.trim() || pattern.slice(0, 60), pattern, caseSensitive })),
    fileTypes: draft.fileTypes.split(/[\s,;，、；]+/u).filter((type) => type !== ''),
    action: draft.action,
    notify: draft.notify,
    minimum: Number(draft.minimum),
    scope: { domains: [...draft.domains], kinds: [...draft.kinds] },
  };
}

/** Whether there is anything that it could find. */
export function looksForSomething({ detectors, patterns, fileTypes }: DlpRuleInput): boolean {
  return [detectors, patterns, fileTypes].some((list) => list !== undefined && list.length > 0);
}
