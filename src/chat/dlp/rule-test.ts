/** Runs a rule over what was written before it is switched on: newest first, in batches, for a bounded time. */
import { setImmediate as otherWork } from 'node:timers/promises';
import type { Audit } from '../../platform/audit.js';
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/index.js';
import { CausewayError } from '../../platform/errors.js';
import type { Principal } from '../../platform/principal.js';
import type { Extra } from '../message.js';
import type { CompiledRule } from './compiled-rule.js';
import { Content } from './content.js';
import type { FoundWithExcerpt } from './found.js';
import type { PatternReader } from './pattern-reader.js';
import { checkRule } from './rule-store.js';
import type { DlpFound, DlpTest, DlpTestBody } from './schema.js';

export interface RuleTestDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly reader: Pick<PatternReader, 'read'>;
  /** Time that a test has, milliseconds. */
  readonly limitMs: number;
}

interface Row {
  readonly conversationId: string;
  readonly conversation: string;
  readonly number: number;
  readonly senderId: string;
  readonly senderName: string;
  readonly body: string;
  readonly extra: Extra | null;
  readonly sentAt: Date;
  /** With all digits that the database has. */
  readonly at: string;
}

const batch = 200;
const listed = 100;
const defaultSinceMs = 30 * 24 * 3_600_000;
/** How far back one query looks, milliseconds: more where little was written. */
const span = { first: 60_000, least: 1_000, most: 365 * 24 * 3_600_000 };
/** Others have their turn after so long, milliseconds. */
const turnMs = 10;

export class RuleTest {
  readonly #deps: RuleTestDeps;
  /** Organisations that run one. */
  readonly #running = new Set<string>();

  constructor(deps: RuleTestDeps) {
    this.#deps = deps;
  }

  /** @throws DLP_TEST_BUSY, DLP_RULE_EMPTY, DLP_PATTERN_INVALID and its like, REQUEST_INVALID */
  async run(by: Principal, { rule, since, limit }: DlpTestBody): Promise<DlpTest> {
    const { database, audit, clock } = this.#deps;
    const { orgId } = by;
    if (this.#running.has(orgId)) throw new CausewayError('DLP_TEST_BUSY');
    this.#running.add(orgId);
    try {
      const compiled = await checkRule(database, orgId, rule);
      const from = since === undefined ? new Date(clock.now() - defaultSinceMs) : new Date(since);
      const tally = new Tally();
      let complete = true;
      let turn = performance.now();
      const end = turn + this.#deps.limitMs;
      for await (const row of this.#messages(orgId, rule.scope, from)) {
        if (tally.read === limit || performance.now() > end) {
          complete = false;
          break;
        }
        const found = await this.#find(compiled, new Content(textOf(row), row.extra?.attachments ?? []), orgId);
        // Nobody knows what is in it, and it would not have been sent.
        if (!found) complete = false;
        tally.add(row, found ?? []);
        if (performance.now() - turn > turnMs) {
          await otherWork();
          turn = performance.now();
        }
      }
      const result = tally.result(complete);
      // Who runs a test sees where people wrote what: that is written down before it is shown.
      await audit.recordAlone({
        orgId,
        actor: { id: by.personId, name: by.name },
        action: 'chat.dlp-tested',
        subject: {},
        detail: { rule, since: from.toISOString(), read: result.read, matched: result.matched },
      });
      return result;
    } finally {
      this.#running.delete(orgId);
    }
  }

  /** Null: it can not be read in time. */
  async #find(compiled: CompiledRule, content: Content, orgId: string): Promise<FoundWithExcerpt[] | null> {
    if (!compiled.patterns) return compiled.find(content, []);
    const { found } = await this.#deps.reader.read([compiled.patterns], content.views, `test/${orgId}`);
    return found && compiled.find(content, found[0] ?? []);
  }

  /** Newest first. The time between two queries grows where little was written. */
  async *#messages(orgId: string, scope: DlpTestBody['rule']['scope'], since: Date): AsyncGenerator<Row> {
    let { first: length } = span;
    let to = new Date(this.#deps.clock.now() + span.first);
    let after: { at: string; conversationId: string; number: number } | null = null;
    while (to > since) {
      const from = new Date(Math.max(since.getTime(), to.getTime() - length));
      const rows: Row[] = await this.#deps.database.query<Row>(
        `select m.conversation_id as "conversationId", c.title as conversation, m.number, m.sender_id as "senderId",
           m.sender_name as "senderName", m.body, m.extra, m.sent_at as "sentAt", m.sent_at::text as at
         from messages m join conversations c on c.org_id = m.org_id and c.id = m.conversation_id
         where m.org_id = $1 and m.sent_at >= $2 and m.sent_at < $3
           and ($4::timestamptz is null or (m.sent_at, m.conversation_id, m.number) < ($4, $5, $6))
           and m.kind <> 'system' and m.recalled_at is null
           and (cardinality($7::uuid[]) = 0 or c.domain_id = any($7)
             or (c.domain_id is null and exists (select 1 from domains d where d.org_id = $1 and d.is_default and d.id = any($7)))) and (cardinality($8::text[]) = 0 or c.kind = any($8))
         order by m.sent_at desc, m.conversation_id desc, m.number desc limit $9`,
        [orgId, from, to, after?.at ?? null, after?.conversationId ?? null, after?.number ?? null, scope.domains, scope.kinds, batch],
      );
      yield* rows;
      const last = rows.at(-1);
      if (last && rows.length === batch) {
        after = last;
        // What was read is not looked at again; the millisecond of the last row may have more.
        to = new Date(last.sentAt.getTime() + 1);
        length = Math.max(span.least, length / 2);
      } else {
        to = from;
        length = Math.min(span.most, length * (rows.length === 0 ? 8 : 2));
      }
    }
  }
}

class Tally {
  read = 0;
  #matched = 0;
  #until: Date | null = null;
  readonly #found = new Map<string, DlpFound>();
  readonly #messages: DlpTest['messages'] = [];

  add({ conversationId, conversation, number, senderId, senderName, sentAt }: Row, found: readonly FoundWithExcerpt[]): void {
    this.read += 1;
    this.#until = sentAt;
    if (found.length === 0) return;
    this.#matched += 1;
    for (const { detector, what, count } of found) {
      const key = `${detector} ${what}`;
      this.#found.set(key, { detector, what, count: count + (this.#found.get(key)?.count ?? 0) });
    }
    if (this.#messages.length < listed)
      this.#messages.push({
        conversationId,
        conversation,
        number,
        sender: { id: senderId, name: senderName },
        sentAt: sentAt.toISOString(),
        found: [...found],
      });
  }

  result(complete: boolean): DlpTest {
    return {
      read: this.read,
      matched: this.#matched,
      complete,
      until: this.#until?.toISOString() ?? null,
      found: [...this.#found.values()],
      messages: this.#messages,
    };
  }
}

/** As the guard saw it: a poll's options belong to its text. */
function textOf({ body, extra }: Row): string {
  return [body, ...(extra?.poll?.options ?? [])].join('\n');
}
