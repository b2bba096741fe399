/** Lines of those who are tapped: put right, told to their meetings, and written down where a recording is on. */
import { EventEmitter } from 'node:events';
import { z } from 'zod';
import type { Clock } from '../../platform/clock.js';
import type { Log } from '../../platform/log.js';
import type { TapReceiver } from '../ports.js';
import type { CaptionMetrics } from './caption-metrics.js';
import type { Captioner, HeardLine, Listener } from './captioner.js';
import type { CaptionStream, CaptionsEvents, MeetingLine } from './captions.js';
import type { SettingsInUse, SettingsStore } from './settings-store.js';
import { maskProfanity } from './text/profanity.js';
import { StablePrefix } from './text/stable-prefix.js';
import type { TranscriptLines } from './transcript/transcript-lines.js';
import type { Translations } from './translation/translations.js';

export interface LiveCaptionsDeps {
  readonly captioner: Captioner;
  readonly settings: SettingsStore;
  readonly lines: TranscriptLines;
  readonly translations: Translations;
  readonly metrics: CaptionMetrics;
  readonly clock: Clock;
  readonly log: Log;
  /** The language that is spoken, for engines; null: none has it. */
  readonly spoken: (orgId: string, language: string) => Promise<string | null>;
}

const contextSchema = z.object({
  recordingId: z.string(),
  orgId: z.string(),
  meetingId: z.string(),
  personId: z.string(),
  personName: z.string(),
  participantId: z.string(),
  language: z.string(),
});
type Context = z.output<typeof contextSchema>;

interface Tap {
  readonly id: string;
  readonly context: Context;
  /** When the recording began; null: nothing is kept. */
  startedAt: number | null;
  /** When the tap began. */
  readonly since: number;
  readonly stable: Map<string, StablePrefix>;
  /** What is done with its lines, one after the other. */
  work: Promise<void>;
}

export class LiveCaptions {
  readonly events = new EventEmitter<CaptionsEvents>();
  readonly #deps: LiveCaptionsDeps;
  readonly #taps = new Map<string, Tap>();
  readonly #toldBehind = new Set<string>();
  #behind = false;

  constructor(deps: LiveCaptionsDeps) {
    this.#deps = deps;
  }

  /** @throws Error while it can't be captioned */
  async begin(stream: CaptionStream): Promise<TapReceiver> {
    const context = contextSchema.parse(stream.context);
    if (stream.kind !== 'audio' || stream.mimeType.toLowerCase() !== 'audio/opus')
      throw new Error(`captions are made of Opus, not of ${stream.mimeType}`);
    const language = await this.#deps.spoken(context.orgId, context.language);
    if (language === null) throw new Error(`no engine takes ${context.language || 'any language'}`);
    const recording = context.recordingId === '' ? null : { orgId: context.orgId, id: context.recordingId };
    const startedAt = recording && (await this.#deps.lines.startOf(recording));
    // What is left for after the meeting is heard as the same language.
    if (recording && startedAt !== null) await this.#deps.lines.spoke(recording, context.personId, language);
    const tap: Tap = { id: stream.id, context, startedAt, since: this.#deps.clock.now(), stable: new Map(), work: Promise.resolve() };
    this.#taps.set(tap.id, tap);
    try {
      const receiver = await this.#deps.captioner.begin(stream, language, this.#listener(tap));
      this.#tellBehind();
      return receiver;
    } catch (error) {
      this.#taps.delete(tap.id);
      throw error;
    }
  }

  /** What the captioner says of itself. */
  behind(behind: boolean): void {
    this.#behind = behind;
    this.#tellBehind();
  }

  /** When all that was heard so far is told and written. */
  async settled(): Promise<void> {
    await Promise.all([...this.#taps.values()].map(({ work }) => work));
  }

  #listener(tap: Tap): Listener {
    return {
      partial: (line) => this.#then(tap, () => this.#partial(tap, line)),
      final: (line) => this.#then(tap, () => this.#final(tap, line)),
      left: (line, why) => this.#then(tap, () => this.#left(tap, line, why)),
      heard: (untilMs) => this.#then(tap, () => this.#heard(tap, untilMs)),
      ended: () => this.#then(tap, async () => this.#ended(tap)),
    };
  }

  /** In order: a final line must not overtake the partial one before it while settings are read. */
  #then(tap: Tap, work: () => Promise<void>): void {
    tap.work = tap.work.then(work).catch((error: unknown) => {
      // What is not written now is not said to be heard either: it is transcribed after the meeting.
      tap.startedAt = null;
      this.#deps.log.error({ err: error, recordingId: tap.context.recordingId }, 'captions: a line was lost');
    });
  }

  async #partial(tap: Tap, heard: HeardLine): Promise<void> {
    const inUse = await this.#deps.settings.inUse(tap.context.orgId);
    const prefix = tap.stable.get(heard.line) ?? new StablePrefix();
    tap.stable.set(heard.line, prefix);
    const { text, stable } = prefix.next(putRight(heard.text, inUse));
    this.#deps.metrics.lines.inc({ kind: 'partial' });
    this.events.emit('line', this.#line(tap, heard, { text, final: false, stable }));
  }

  async #final(tap: Tap, heard: HeardLine): Promise<void> {
    const { settings, lines, metrics, clock, translations } = this.#deps;
    const inUse = await settings.inUse(tap.context.orgId);
    tap.stable.delete(heard.line);
    const line = this.#line(tap, heard, { text: putRight(heard.text, inUse), final: true });
    metrics.lines.inc({ kind: 'final' });
    metrics.delay.observe(Math.max(0, clock.now() - heard.endMs) / 1_000);
    // Told before it is written: the database is not in the way of who reads along.
    this.events.emit('line', line);
    if (line.text === '') return;
    void translations.of(line.text, line.language, inUse.settings.translateTo).then((found) => {
      if (Object.keys(found).length > 0) this.events.emit('line', { ...line, translations: found });
    });
    if (tap.startedAt === null) return;
    const { beginMs, endMs, language, text } = line;
    // Clocks differ by moments: what was heard by this tap was said since it began, and so since its person agreed.
    const at = { beginMs: Math.max(beginMs, tap.since) - tap.startedAt, endMs: Math.max(endMs, tap.since) - tap.startedAt };
    await lines.write({ orgId: line.orgId, id: line.recordingId }, [
      {
        id: line.id,
        participantId: line.participantId,
        personId: line.personId,
        speaker: line.name,
        ...at,
        language,
        text,
        engine: heard.engine,
      },
    ]);
  }

  /** What partial lines said stays on the page; the transcript gets a better one after the meeting. */
  async #left(tap: Tap, heard: HeardLine, why: string): Promise<void> {
    const { settings, lines, metrics, log } = this.#deps;
    const inUse = await settings.inUse(tap.context.orgId);
    tap.stable.delete(heard.line);
    metrics.lines.inc({ kind: 'left' });
    log.warn({ meetingId: tap.context.meetingId, why }, 'captions: an utterance was left for later');
    if (heard.text !== '') this.events.emit('line', this.#line(tap, heard, { text: putRight(heard.text, inUse), final: true }));
    if (tap.startedAt === null) return;
    const { orgId, recordingId, participantId } = tap.context;
    const span = { participantId, fromMs: heard.beginMs - tap.startedAt, untilMs: heard.endMs - tap.startedAt };
    await lines.leave({ orgId, id: recordingId }, heard.line, span);
  }

  async #heard(tap: Tap, untilMs: number): Promise<void> {
    if (tap.startedAt === null) return;
    const { orgId, recordingId, participantId } = tap.context;
    const fromMs = tap.since - tap.startedAt;
    if (untilMs <= tap.since) return;
    await this.#deps.lines.cover({ orgId, id: recordingId }, tap.id, { participantId, fromMs, untilMs: untilMs - tap.startedAt });
  }

  #ended(tap: Tap): void {
    this.#taps.delete(tap.id);
    this.#tellBehind();
  }

  #tellBehind(): void {
    const meetings = new Set([...this.#taps.values()].map(({ context }) => context.meetingId));
    for (const meetingId of meetings) {
      if (!this.#behind || this.#toldBehind.has(meetingId)) continue;
      this.#toldBehind.add(meetingId);
      this.events.emit('behind', { meetingId, behind: true });
    }
    for (const meetingId of this.#toldBehind) {
      if (this.#behind && meetings.has(meetingId)) continue;
      this.#toldBehind.delete(meetingId);
      this.events.emit('behind', { meetingId, behind: false });
    }
  }

  #line({ context }: Tap, heard: HeardLine, of: { text: string; final: boolean; stable?: number }): MeetingLine {
    const { line: id, beginMs, endMs, language } = heard;
    const { orgId, meetingId, recordingId, participantId, personId, personName: name } = context;
    const { text, final, stable = text.length } = of;
    return {
      id,
      orgId,
      meetingId,
      recordingId,
      participantId,
      personId,
      name,
      text,
      final,
      language,
      beginMs,
      endMs,
      stable,
      translations: {},
    };
  }
}

/** Names and terms, then what is not to be read. */
export function putRight(text: string, { glossary, settings }: SettingsInUse): string {
  const right = glossary.apply(text);
  return settings.profanity === 'mask' ? maskProfanity(right) : right;
}
