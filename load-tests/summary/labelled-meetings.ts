/** The meetings of tests/fixtures/meetings: what was said, and what is to be found in it. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { packageRoot } from '../../src/platform/package-root.js';
import type { MeetingLine, MeetingText } from '../../src/recording/summary/meeting-text.js';

const lines = z.array(z.string()).min(1);

export const labelledMeetingSchema = z.strictObject({
  name: z.string(),
  /** held-out: written before the rules and never looked at for them. */
  set: z.enum(['develop', 'held-out']),
  language: z.string(),
  title: z.string(),
  startedAt: z.iso.datetime({ offset: true }),
  people: z.array(z.strictObject({ id: z.string(), name: z.string() })).min(2),
  lines: z.array(
    z.strictObject({
      id: z.string(),
      who: z.string(),
      beginMs: z.number().int(),
      endMs: z.number().int(),
      language: z.string(),
      text: z.string(),
      origin: z.literal('chat').optional(),
    }),
  ),
  expected: z.strictObject({
    /** Any of the lines is right: a request and the answer to it are one action item. `what`: one of these words is to be in it. */
    actions: z.array(
      z.strictObject({ lines, who: z.string().nullable(), dueOn: z.iso.date().nullable(), what: z.array(z.string()).min(1) }),
    ),
    decisions: z.array(z.strictObject({ lines })),
    questions: z.array(z.strictObject({ lines })),
  }),
});
export type LabelledMeeting = z.output<typeof labelledMeetingSchema>;

const folder = path.join(packageRoot, 'tests', 'fixtures', 'meetings');

export function labelledMeetings(): LabelledMeeting[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => labelledMeetingSchema.parse(JSON.parse(readFileSync(path.join(folder, file), 'utf8'))));
}

export function meetingText({ title, startedAt, people, lines: said }: LabelledMeeting): MeetingText {
  return {
    title,
    startedAt: new Date(startedAt),
    timeZone: 'Asia/Hong_Kong',
    people: people.map(({ id, name }) => ({ id, name, aliases: [] })),
    lines: said.map(
      ({ id, who, beginMs, endMs, language, text, origin }): MeetingLine => ({
        id,
        personId: who,
        speaker: people.find((person) => person.id === who)?.name ?? who,
        beginMs,
        endMs,
        language,
        text,
        origin: origin ?? 'speech',
      }),
    ),
  };
}
