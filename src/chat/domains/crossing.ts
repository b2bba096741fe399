/** What the rules between data domains say of something that is about to cross. Pure. */
export const crossings = ['people', 'forward', 'files', 'export'] as const;
export type Crossing = (typeof crossings)[number];

export interface DomainRule {
  readonly name: string;
  /** Null: any. */
  readonly from: string | null;
  readonly to: string | null;
  readonly what: Crossing | null;
  readonly allow: boolean;
}

export interface Decision {
  readonly allow: boolean;
  /** The name of the rule that decided. */
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

export const sameDomain = 'Same domain';
export const closedByDefault = 'Domains are closed by default';

/**
 * Within a domain always. Else the rule that names most of (from, to, what) decides; of several that
 * name as much, one that refuses. Without a rule nothing crosses.
 */
export function decide(rules: readonly DomainRule[], what: Crossing, from: string, to: string): Decision {
  if (from === to) return { allow: true, rule: sameDomain, from, to };
  let best: DomainRule | null = null;
  for (const rule of rules) {
    if (!matches(rule.from, from) || !matches(rule.to, to) || !matches(rule.what, what)) continue;
    if (!best || named(rule) > named(best) || (named(rule) === named(best) && best.allow && !rule.allow)) best = rule;
  }
  return { allow: best?.allow ?? false, rule: best?.name ?? closedByDefault, from, to };
}

/** Somebody may be in several domains: one of them that may is enough. Neither list is empty. */
export function decideAny(rules: readonly DomainRule[], what: Crossing, from: readonly string[], to: readonly string[]): Decision {
  const decisions = from.flatMap((one) => to.map((other) => decide(rules, what, one, other)));
  const decision = decisions.find(({ rule }) => rule === sameDomain) ?? decisions.find(({ allow }) => allow) ?? decisions.find(Boolean);
  return decision ?? { allow: false, rule: closedByDefault, from: '', to: '' };
}

function matches(pattern: string | null, value: string): boolean {
  return pattern === null || pattern === value;
}

function named(rule: DomainRule): number {
  return [rule.from, rule.to, rule.what].filter((part) => part !== null).length;
}
