/** Short meetings for tests: `name: what he says`, one line each. */
import type { Draft, MeetingLine, MeetingPerson, MeetingText } from '../../../../src/recording/summary/meeting-text.js';
import { OfflineEngine } from '../../../../src/recording/summary/offline/offline-engine.js';

/** A Wednesday. */
export const wednesday = new Date('2026-03-04T10:00:00+08:00');

export function meeting(names: readonly string[], ...said: readonly string[]): MeetingText {
  const people: MeetingPerson[] = names.map((name) => ({ id: name, name, aliases: [] }));
  const lines = said.map((line, index): MeetingLine => {
    const [who = '', ...rest] = line.split(': ');
    const person = people.find(({ name }) => name.toLowerCase().includes(who.toLowerCase()));
    if (!person) throw new Error(`Nobody is called ${who}.`);
    const text = rest.join(': ');
    return {
      id: `l${index + 1}`,
      personId: person.id,
      speaker: person.name,
      beginMs: index * 5_000,
      endMs: index * 5_000 + 4_500,
      language: /\p{sc=Han}/u.test(text) ? 'zh-HK' : 'en',
      text,
      origin: 'speech',
    };
  });
  return { title: 'Weekly', startedAt: wednesday, timeZone: 'Asia/Hong_Kong', people, lines };
}

export function work(signal: AbortSignal = new AbortController().signal) {
  return { signal, progress: () => {} };
}

export function summarize(text: MeetingText): Promise<Draft> {
  return new OfflineEngine().summarize(text, work());
}

/** Who is to do what by when. */
export async function tasks(names: readonly string[], ...said: readonly string[]): Promise<string[]> {
  const { actions } = await summarize(meeting(names, ...said));
  return actions.map(({ what, assigneeId, dueOn }) => `${assigneeId ?? 'nobody'}: ${what}${dueOn ? ` (${dueOn})` : ''}`);
}
