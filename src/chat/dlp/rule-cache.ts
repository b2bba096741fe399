/**
 * The rules that are on, ready to look at messages. A change is told over the bus; because the bus may
 * lose a message, what is kept is never older than a few seconds all the same.
 */
import { setImmediate as otherWork } from 'node:timers/promises';
import type { Clock } from '../../platform/clock.js';
import type { Log } from '../../platform/log.js';
import { CompiledRule } from './compiled-rule.js';
import type { DlpRule } from './schema.js';

export interface ActiveRule {
  readonly rule: DlpRule;
  readonly compiled: CompiledRule;
}

/** The rules of an organisation that are on. */
export interface ActiveRules {
  readonly rules: readonly ActiveRule[];
  /** Conversations without a domain are in this one. Null: the organisation has no domains. */
  readonly defaultDomain: string | null;
}

export interface RuleCacheDeps {
  readonly load: (orgId: string) => Promise<{ rules: readonly DlpRule[]; defaultDomain: string | null }>;
  readonly clock: Clock;
  readonly log: Log;
}

interface Entry {
  active: ActiveRules;
  /** When they were asked for. Null: something has changed since. */
  at: number | null;
  /** Counts the changes that this node was told of. */
  generation: number;
  loading: Promise<ActiveRules> | null;
}

/** Rules younger than this are taken as they are; older ones too, while they are loaded anew; milliseconds. */
const fresh = 2_000;
/** Older ones are of no use, milliseconds. */
const stale = 5_000;

export class RuleCache {
  readonly #deps: RuleCacheDeps;
  readonly #entries = new Map<string, Entry>();

  constructor(deps: RuleCacheDeps) {
    this.#deps = deps;
  }

  async get(orgId: string): Promise<ActiveRules> {
    const entry = this.#entry(orgId);
    // A clock that was set back makes them older, never younger.
    const age = entry.at === null ? stale : Math.abs(this.#deps.clock.now() - entry.at);
    if (age < fresh) return entry.active;
    const loading = this.#load(orgId, entry);
    if (age >= stale) return loading;
    loading.catch((error: unknown) => this.#deps.log.warn({ err: error }, 'dlp: the rules could not be loaded anew'));
    return entry.active;
  }

  /** The rules of the organisation have changed. */
  forget(orgId: string): void {
    const entry = this.#entry(orgId);
    entry.at = null;
    entry.generation += 1;
  }

  #entry(orgId: string): Entry {
    let entry = this.#entries.get(orgId);
    if (!entry) {
      entry = { active: { rules: [], defaultDomain: null }, at: null, generation: 0, loading: null };
      this.#entries.set(orgId, entry);
    }
    return entry;
  }

  /** Who asks while they are loaded waits for the same answer. */
  #load(orgId: string, entry: Entry): Promise<ActiveRules> {
    entry.loading ??= this.#loadAnew(orgId, entry).finally(() => {
      entry.loading = null;
    });
    return entry.loading;
  }

  async #loadAnew(orgId: string, entry: Entry): Promise<ActiveRules> {
    for (;;) {
      const { generation } = entry;
      const at = this.#deps.clock.now();
      const { rules, defaultDomain } = await this.#deps.load(orgId);
      // What was asked for before a change may be from before it.
      if (generation !== entry.generation) continue;
      const enabled = rules.filter((rule) => rule.enabled);
      const active = await this.#compile(enabled, entry.active.rules);
      if (generation !== entry.generation) continue;
      entry.active = { rules: active, defaultDomain };
      entry.at = at;
      return entry.active;
    }
  }

  async #compile(rules: readonly DlpRule[], before: readonly ActiveRule[]): Promise<ActiveRule[]> {
    const known = new Map(before.map((active) => [JSON.stringify(active.rule), active]));
    const active: ActiveRule[] = [];
    for (const rule of rules) {
      const same = known.get(JSON.stringify(rule));
      // A rule with twenty patterns takes 5 ms and more, and there may be a hundred.
      if (!same) await otherWork();
      active.push(...(same ? [same] : this.#activate(rule)));
    }
    return active;
  }

  /** A rule was tried before it was stored. Should it not compile any more, the others go on. */
  #activate(rule: DlpRule): ActiveRule[] {
    try {
      return [{ rule, compiled: new CompiledRule(rule) }];
    } catch (error) {
      this.#deps.log.error({ err: error, rule: rule.id }, 'dlp: a rule can not be used');
      return [];
    }
  }
}
