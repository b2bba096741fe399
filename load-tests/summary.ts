/**
 * `npm run bench:summary`: how much of what was agreed in meetings a summary finds, and how much of what it
 * finds was agreed. On the labelled meetings of tests/fixtures/meetings, those that the rules were written
 * with apart from those that were held out. With --url, a language model is asked instead of the rules.
 */
import type { SummaryEngine } from '../src/recording/summary/meeting-text.js';
import { OfflineEngine } from '../src/recording/summary/offline/offline-engine.js';
import { ModelClient } from '../src/recording/summary/server/model-client.js';
import { ServerEngine } from '../src/recording/summary/server/server-engine.js';
import { testLog } from '../tests/support/config.js';
import { benchmark, type Run } from './lib/benchmark.js';
import { type LabelledMeeting, labelledMeetings, meetingText } from './summary/labelled-meetings.js';
import { judge, type Part, precision, recall, type Score, sum } from './summary/score.js';

const options = {
  show: { default: 'nothing', help: 'prints what was missed and invented', among: ['nothing', 'develop', 'held-out', 'all'] },
  url: { default: '', help: 'OpenAI-compatible server, such as http://127.0.0.1:11434/v1' },
  model: { default: '', help: 'model that it is asked for' },
  hours: { default: 4, help: 'length of the meeting that the time is measured on' },
} as const;

type SummaryRun = Run<typeof options>;

const parts: readonly (readonly [part: Part, name: string])[] = [
  ['action_items', 'action items'],
  ['assignees', 'assignees of action items'],
  ['due_dates', 'due dates of action items'],
  ['decisions', 'decisions'],
  ['questions', 'open questions'],
];

await benchmark('summary', options, async (run) => {
  const engine = engineOf(run);
  const meetings = labelledMeetings();
  const judged = new Map<string, Score>();
  for (const meeting of meetings) {
    const draft = await engine.summarize(meetingText(meeting), { signal: new AbortController().signal, progress: () => {} });
    if (draft.fellBack) throw new Error(`The server was of no use for ${meeting.name}: ${draft.fellBack}.`);
    const { score, missed, invented, wrong } = judge(meeting, draft);
    judged.set(meeting.name, score);
    if (run.text('show') !== 'all' && run.text('show') !== meeting.set) continue;
    const list = (name: string, lines: readonly string[]) => lines.map((line) => `  ${name}: ${line}`);
    run.progress([`${meeting.name}:`, ...list('missed', missed), ...list('invented', invented), ...list('wrong', wrong)].join('\n'));
  }
  const group = (prefix: string, among: readonly LabelledMeeting[]) => {
    const scores = among.flatMap(({ name }) => judged.get(name) ?? []);
    for (const [part, said] of parts) {
      const counts = sum(scores, part);
      run.value(`${prefix}${part}_precision`, 'ratio', precision(counts), `Of ${counts.found} ${said} that were found, so many are right.`);
      run.value(`${prefix}${part}_recall`, 'ratio', recall(counts), `Of ${counts.there} ${said} that are there, so many were found.`);
    }
  };
  // Of the meetings that were held out first: the others taught the rules.
  group(
    'held_out_',
    meetings.filter(({ set }) => set === 'held-out'),
  );
  group(
    'develop_',
    meetings.filter(({ set }) => set === 'develop'),
  );
  group('', meetings);
  for (const [prefix, name] of [
    ['en', 'english'],
    ['zh-hant', 'traditional_chinese'],
    ['zh-hans', 'simplified_chinese'],
    ['mixed', 'mixed'],
  ] as const) {
    const counts = sum(
      meetings.filter((meeting) => meeting.name.startsWith(prefix)).flatMap((meeting) => judged.get(meeting.name) ?? []),
      'action_items',
    );
    run.value(`${name}_action_items_precision`, 'ratio', precision(counts), `Of ${counts.found} in both sets.`);
    run.value(`${name}_action_items_recall`, 'ratio', recall(counts), `Of ${counts.there} in both sets.`);
  }
  run.setting('meetings', meetings.length);
  run.setting('held_out', meetings.filter(({ set }) => set === 'held-out').length);
  if (run.text('url') === '') await measureTime(run, engine, meetings);
  run.notMeasured('transcripts of a speech engine: these were written down by a person, so nothing is misheard');
  run.notMeasured('whether sentences of topics and of the overview are well chosen: nobody has judged them');
});

/** All meetings one after the other, again and again, until it is as long as wanted. */
async function measureTime(run: SummaryRun, engine: SummaryEngine, meetings: readonly LabelledMeeting[]): Promise<void> {
  const texts = meetings.map(meetingText);
  const lines = [];
  let from = 0;
  for (let round = 0; from < run.option('hours') * 3_600_000; round += 1) {
    for (const [index, text] of texts.entries()) {
      for (const line of text.lines)
        lines.push({ ...line, id: `${round}-${index}-${line.id}`, beginMs: line.beginMs + from, endMs: line.endMs + from });
      from += (text.lines.at(-1)?.endMs ?? 0) + 1_000;
    }
  }
  const people = texts.flatMap((text) => text.people);
  const begin = process.cpuUsage();
  await engine.summarize(
    { title: 'Long', startedAt: new Date('2026-03-04T01:00:00Z'), timeZone: 'Asia/Hong_Kong', people, lines },
    { signal: new AbortController().signal, progress: () => {} },
  );
  const { user, system } = process.cpuUsage(begin);
  run.value(
    'long_meeting_cpu_ms',
    'ms',
    (user + system) / 1_000,
    `CPU for a meeting of ${run.option('hours')} hours, ${lines.length} lines, ${people.length} people.`,
  );
}

function engineOf(run: SummaryRun): SummaryEngine {
  const offline = new OfflineEngine();
  const [url, model] = [run.text('url'), run.text('model')];
  if (url === '') return offline;
  const client = new ModelClient({ url, model, apiKey: undefined, timeoutMs: 600_000 }, testLog());
  return new ServerEngine({ client, fallBack: offline, contextTokens: 8_000, log: testLog() });
}
