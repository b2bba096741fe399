/** Gathers what was said, written and voted in a recording, and who was there. */
import type { Database } from '../../platform/database/index.js';
import { agendaOf } from '../agenda.js';
import type { RecordingRows } from '../ports.js';
import type { Recording } from '../recording.js';
import type { MeetingLine, MeetingPerson, MeetingText } from './meeting-text.js';
import type { ChatOf } from './ports.js';

export interface MaterialDeps {
  readonly database: Database;
  readonly rows: Pick<RecordingRows, 'transcript'>;
  readonly chatOf: ChatOf;
  readonly timeZone: string;
}

export class Material {
  readonly #deps: MaterialDeps;

  constructor(deps: MaterialDeps) {
    this.#deps = deps;
  }

  async read(recording: Recording): Promise<MeetingText> {
    const [spoken, chat, gone, agenda] = await Promise.all([
      this.#deps.rows.transcript(recording),
      this.#deps.chatOf(recording),
      this.#withdrawn(recording),
      agendaOf(this.#deps.database, recording),
    ]);
    const since = (at: Date): number => Math.max(0, at.getTime() - recording.startedAt.getTime());
    const language = dominant(spoken.map((line) => line.language));
    const lines: MeetingLine[] = spoken.map(({ id, personId, speaker, beginMs, endMs, language: spokenIn, text }) => ({
      id,
      personId,
      speaker,
      beginMs,
      endMs: Math.max(beginMs, endMs),
      language: spokenIn,
      text,
      origin: 'speech',
    }));
    for (const { id, personId, name, at, text } of chat.messages) {
      const beginMs = since(at);
      lines.push({ id, personId, speaker: name, beginMs, endMs: beginMs, language: scriptOf(text, language), text, origin: 'chat' });
    }
    for (const poll of chat.polls) {
      const beginMs = since(poll.at);
      const text = outcomeOf(poll);
      lines.push({
        id: poll.id,
        personId: poll.personId,
        speaker: poll.name,
        beginMs,
        endMs: beginMs,
        language: scriptOf(text, language),
        text,
        origin: 'poll',
      });
    }
    const kept = lines.filter((line) => line.beginMs >= (gone.get(line.personId) ?? 0) && line.text.trim() !== '');
    kept.sort((a, b) => a.beginMs - b.beginMs);
    return {
      title: recording.title,
      startedAt: recording.startedAt,
      timeZone: this.#deps.timeZone,
      people: await this.#people(recording, new Set(kept.map((line) => line.personId))),
      lines: kept,
      ...(agenda.titles.length + agenda.turns.length > 0 && { agenda }),
    };
  }

  /** Who was there while it was recorded, who belongs to the meeting, and who is heard. */
  async #people(recording: Recording, heard: ReadonlySet<string>): Promise<MeetingPerson[]> {
    const rows = await this.#deps.database.query<{ id: string; name: string; email: string | null }>(
      `select p.id, p.name, p.email from people p where p.org_id = $1 and (
         p.id = any($3)
         or p.id in (select person_id from meeting_members where org_id = $1 and meeting_id = $2 and admission = 'admitted')
         or p.id in (select person_id from meeting_stays where org_id = $1 and meeting_id = $2
                     and joined_at <= coalesce($5, joined_at) and coalesce(left_at, $4) >= $4))
       order by p.id`,
      [recording.orgId, recording.meetingId, [...heard], recording.startedAt, recording.stoppedAt],
    );
    return rows.map(({ id, name, email }) => ({ id, name, aliases: mailNames(email) }));
  }

  /**
   * Who wants nothing of himself in it, from the beginning or any more, and until when: what he wrote isn't read
   * either. Milliseconds since the recording began.
   */
  async #withdrawn(recording: Recording): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#deps.database.query<{ person_id: string; until: Date | null }>(
      `select person_id, nullif(until, 'infinity') as until from (
         select person_id, what, taken_back_until(recording_id, person_id) as until from (
           select distinct on (person_id) recording_id, person_id, what from consent_ledger
           where org_id = $1 and recording_id = $2 order by person_id, what in ('asked', 'informed'), number desc) as last) as said
       where until is not null or what = 'no'`,
      [recording.orgId, recording.id],
    );
    const startedAt = recording.startedAt.getTime();
    return new Map(
      rows.map(({ person_id, until }) => [person_id, until === null ? Number.POSITIVE_INFINITY : until.getTime() - startedAt]),
    );
  }
}

/** `kelvin.wong@` is called Kelvin. What has no letters, or belongs to an office, is nobody's name. */
function mailNames(email: string | null): string[] {
  const first = email?.split('@')[0]?.split(/[._+-]/)[0] ?? '';
  return /^[a-z]{3,}$/i.test(first) && !/^(admin|info|office|sales|support|hello|hr|mail|contact)$/i.test(first) ? [first] : [];
}

function outcomeOf({ question, options }: { question: string; options: readonly { text: string; votes: number }[] }): string {
  return `${question} ${options.map(({ text, votes }) => `${text}: ${votes}`).join(', ')}`;
}

function dominant(languages: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const language of languages) counts.set(language, (counts.get(language) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'en';
}

/** People don't say in which language they write. */
function scriptOf(text: string, spoken: string): string {
  const han = /\p{sc=Han}/u.test(text);
  if (!han) return 'en';
  return spoken.startsWith('zh') || spoken.startsWith('yue') ? spoken : 'zh-HK';
}
