/** Data loss prevention of chat: a guard before the log, and rules that administrators keep. */
import { z } from 'zod';
import type { Audit } from '../../platform/audit.js';
import type { Bus } from '../../platform/bus/index.js';
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import type { Log } from '../../platform/log.js';
import type { Mail } from '../../platform/mail/index.js';
import type { Principal } from '../../platform/principal.js';
import { AdminMail } from './admin-mail.js';
import { DlpGuard, type DlpMatch } from './dlp-guard.js';
import { PatternReader } from './pattern-reader.js';
import { RuleCache } from './rule-cache.js';
import { RuleStore } from './rule-store.js';
import { RuleTest } from './rule-test.js';
import type { DlpRule, DlpRuleBody, DlpRulePatch, DlpTest, DlpTestBody } from './schema.js';

export interface DlpDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly bus: Bus;
  readonly audit: Audit;
  readonly mail: Mail;
  /** Hears of a match as admins do by e-mail: by rules that notify, after the row of the audit log. */
  readonly onMatch?: (match: DlpMatch) => void;
  /** Time that the patterns of all rules have for one text, milliseconds. Default: 3 seconds. */
  readonly patternsMs?: number;
}

const channel = 'chat.dlp-rules';
const testMs = 20_000;

export class Dlp {
  readonly guard: Pick<DlpGuard, 'check' | 'refusal'>;
  readonly #store: RuleStore;
  readonly #test: RuleTest;
  readonly #close: () => Promise<void>;

  private constructor(guard: Dlp['guard'], store: RuleStore, test: RuleTest, close: () => Promise<void>) {
    this.guard = guard;
    this.#store = store;
    this.#test = test;
    this.#close = close;
  }

  static async open({ database, clock, log, bus, audit, mail, onMatch, patternsMs }: DlpDeps): Promise<Dlp> {
    const cache = new RuleCache({
      load: async (orgId) => ({ rules: await store.list(orgId), defaultDomain: await store.defaultDomain(orgId) }),
      clock,
      log,
    });
    const store: RuleStore = new RuleStore({
      database,
      clock,
      audit,
      changed: async (orgId) => {
        cache.forget(orgId);
        // The rule is stored: a bus that is away delays the other nodes, which look for themselves.
        await bus
          .publish(channel, Buffer.from(orgId))
          .catch((error: unknown) => log.warn({ err: error }, 'dlp: other nodes could not be told of a change'));
      },
    });
    const unsubscribe = await bus.subscribe(channel, (payload) => cache.forget(z.uuid().parse(Buffer.from(payload).toString())));
    const adminMail = new AdminMail({ database, clock, log, mail });
    const reader = new PatternReader({ log, ...(patternsMs === undefined ? {} : { limitMs: patternsMs }) });
    const tell = (match: DlpMatch) => {
      adminMail.tell(match);
      onMatch?.(match);
    };
    return new Dlp(
      new DlpGuard({ cache, reader, audit, log, onMatch: tell }),
      store,
      new RuleTest({ database, clock, audit, reader, limitMs: testMs }),
      async () => {
        await unsubscribe();
        await reader.close();
        await adminMail.close();
      },
    );
  }

  /** @throws AUTH_FORBIDDEN */
  async rules(by: Principal): Promise<DlpRule[]> {
    return this.#store.list(administrator(by).orgId);
  }

  /** @throws AUTH_FORBIDDEN, DLP_RULE_NAME_TAKEN, DLP_RULE_EMPTY, DLP_RULES_FULL, DLP_PATTERN_INVALID and its like */
  async create(by: Principal, rule: DlpRuleBody): Promise<DlpRule> {
    return this.#store.create(administrator(by), rule);
  }

  /** @throws AUTH_FORBIDDEN, DLP_RULE_NOT_FOUND, and as create */
  async change(by: Principal, id: string, patch: DlpRulePatch): Promise<DlpRule> {
    return this.#store.change(administrator(by), id, patch);
  }

  /** @throws AUTH_FORBIDDEN, DLP_RULE_NOT_FOUND */
  async delete(by: Principal, id: string): Promise<void> {
    await this.#store.delete(administrator(by), id);
  }

  /** @throws AUTH_FORBIDDEN, DLP_TEST_BUSY, DLP_RULE_EMPTY, DLP_PATTERN_INVALID and its like */
  async test(by: Principal, test: DlpTestBody): Promise<DlpTest> {
    return this.#test.run(administrator(by), test);
  }

  /** Idempotent. */
  close(): Promise<void> {
    return this.#close();
  }
}

/** @throws AUTH_FORBIDDEN */
function administrator(principal: Principal): Principal {
  if (principal.role !== 'owner' && principal.role !== 'admin') throw new CausewayError('AUTH_FORBIDDEN');
  return principal;
}
