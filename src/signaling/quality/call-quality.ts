/**
 * The quality of calls, as pages report it: gathered in memory, written a minute at a time, read for
 * the report. A server that crashes loses the last minute or so of it; one that drains loses nothing.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../platform/clock.js';
import type { Log } from '../../platform/log.js';
import type { MeetingRecord } from '../meeting-records.js';
import type { CountSample } from './quality-metrics.js';
import type { Block, QualityRecords } from './quality-records.js';
import { QualityReportBuilder, worstFirst } from './quality-report.js';
import { pack, type Sample, unpack } from './sample.js';
import type { PersonQuality, QualityReport } from './schema.js';

export interface CallQualityDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly records: QualityRecords;
  /** For metrics. */
  readonly count: CountSample;
}

/** Whose sample it is. */
export interface Reporter {
  readonly orgId: string;
  readonly meetingId: string;
  readonly stayId: string;
}

interface Gathered extends Reporter {
  /** Of the first sample that is not written yet. */
  since: number;
  parts: Uint8Array[];
  lastAt: number;
}

/** Pages report every 10 s. One that does it more often than this gains nothing. */
const shortestMs = 2_000;
const blockMs = 60_000;
const roundMs = 15_000;
/** While the database does not take them. 300 people fill this in half an hour; then the oldest go. */
const mostWaiting = 10_000;
/** A few milliseconds of work for a report. */
const peopleAtOnce = 20;

export class CallQuality {
  readonly #deps: CallQualityDeps;
  readonly #gathered = new Map<string, Gathered>();
  #waiting: Block[] = [];
  #writing: Promise<void> = Promise.resolve();
  readonly #reports = new Map<string, Promise<Omit<QualityReport, 'meetingId' | 'title'>>>();
  readonly #rounds: NodeJS.Timeout;

  constructor(deps: CallQualityDeps) {
    this.#deps = deps;
    this.#rounds = setInterval(() => {
      this.#take((stay, now) => now - stay.since >= blockMs);
      void this.#write();
    }, roundMs).unref();
  }

  /** Keeps a sample, unless the last one of this stay came a moment ago. */
  add(reporter: Reporter, sample: Sample): void {
    const now = this.#deps.clock.now();
    const before = this.#gathered.get(reporter.stayId);
    if (before && now - before.lastAt < shortestMs) return;
    const stay = before ?? { ...reporter, since: now, parts: [], lastAt: now };
    if (stay.parts.length === 0) stay.since = now;
    stay.parts.push(pack({ at: now, sample }, stay.since));
    stay.lastAt = now;
    this.#gathered.set(reporter.stayId, stay);
    this.#deps.count(sample);
  }

  /** Writes what this node has of a meeting: when it ends, and before somebody reads the report. */
  async flush(meetingId: string): Promise<void> {
    this.#take((stay) => stay.meetingId === meetingId);
    await this.#write();
  }

  /** Of everybody, worst first, or of one person. */
  async report(record: MeetingRecord, { personId, limit }: { personId: string | null; limit: number }): Promise<QualityReport> {
    await this.flush(record.id);
    const key = `${record.id} ${personId ?? ''}`;
    // Reading a long call takes a while; those who ask meanwhile share it.
    const running = this.#reports.get(key) ?? this.#read(record, personId).finally(() => this.#reports.delete(key));
    this.#reports.set(key, running);
    const report = await running;
    return { meetingId: record.id, title: record.title, ...report, people: report.people.slice(0, limit) };
  }

  /** Writes everything. Idempotent. */
  async close(): Promise<void> {
    clearInterval(this.#rounds);
    this.#take(() => true);
    await this.#write();
  }

  async #read(record: MeetingRecord, personId: string | null): Promise<Omit<QualityReport, 'meetingId' | 'title'>> {
    const { records, clock } = this.#deps;
    const builder = new QualityReportBuilder(await records.stays(record, personId), clock.now());
    for await (const blocks of records.blocks(record, personId)) {
      for (const block of blocks) {
        for (const { at, sample } of unpack(block.samples, block.since.getTime())) builder.add(block.personId, at, sample);
      }
      // Calls that are on must not wait for it.
      await turn();
    }
    const people: PersonQuality[] = [];
    for (const person of builder.reports()) {
      people.push(person);
      if (people.length % peopleAtOnce === 0) await turn();
    }
    const from = builder.from === null ? null : new Date(builder.from).toISOString();
    return { from, total: people.length, people: worstFirst(people) };
  }

  /** Moves blocks from those who report to those that wait to be written, and forgets who has stopped reporting. */
  #take(which: (stay: Gathered, now: number) => boolean): void {
    const now = this.#deps.clock.now();
    for (const stay of this.#gathered.values()) {
      if (stay.parts.length > 0 && which(stay, now)) {
        this.#waiting.push({ orgId: stay.orgId, stayId: stay.stayId, since: stay.since, samples: Buffer.concat(stay.parts) });
        stay.parts = [];
      }
      if (stay.parts.length === 0 && now - stay.lastAt >= blockMs) this.#gathered.delete(stay.stayId);
    }
    if (this.#waiting.length > mostWaiting) {
      const dropped = this.#waiting.length - mostWaiting;
      this.#waiting = this.#waiting.slice(dropped);
      this.#deps.log.warn({ dropped }, 'call-quality: the oldest samples were dropped because the database does not take them');
    }
  }

  /** One after the other. What could not be written waits for the next time. */
  #write(): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      const blocks = this.#waiting;
      if (blocks.length === 0) return;
      this.#waiting = [];
      try {
        await this.#deps.records.insert(blocks);
      } catch (error) {
        this.#waiting = [...blocks, ...this.#waiting];
        this.#deps.log.warn({ err: error, blocks: blocks.length }, 'call-quality: samples could not be written, and wait');
      }
    });
    return this.#writing;
  }
}
