/** Compares what an engine found in a labelled meeting with what is in it. */
import type { Draft, FoundAction } from '../../src/recording/summary/meeting-text.js';
import type { LabelledMeeting } from './labelled-meetings.js';

export interface Counts {
  /** Found, and there. */
  readonly right: number;
  readonly found: number;
  readonly there: number;
}

export type Part = 'action_items' | 'assignees' | 'due_dates' | 'decisions' | 'questions' | 'words';
export type Score = Readonly<Record<Part, Counts>>;

export interface Judged {
  readonly score: Score;
  readonly missed: readonly string[];
  readonly invented: readonly string[];
  readonly wrong: readonly string[];
}

/**
 * An action item is right when it stands on a line that the label names; one label takes one item, so the
 * same thing twice is wrong once. Assignee and due date are right when the item is and they are the same;
 * those of items that are not there count as found and wrong.
 */
export function judge({ expected, lines }: LabelledMeeting, { actions, content }: Draft): Judged {
  const free = new Set(expected.actions);
  const invented: string[] = [];
  const wrong: string[] = [];
  const pairs: [LabelledMeeting['expected']['actions'][number], FoundAction][] = [];
  for (const action of actions) {
    const label = [...free].find((one) => action.said.lineId !== null && one.lines.includes(action.said.lineId));
    if (!label) {
      invented.push(`${action.said.lineId ?? ''} ${action.what} (${action.assigneeId ?? '-'}, ${action.dueOn ?? '-'})`);
      continue;
    }
    free.delete(label);
    pairs.push([label, action]);
    if (label.who !== action.assigneeId || label.dueOn !== action.dueOn)
      wrong.push(`${action.what}: ${action.assigneeId ?? '-'} for ${label.who ?? '-'}, ${action.dueOn ?? '-'} for ${label.dueOn ?? '-'}`);
    if (!hasWord(label.what, action)) wrong.push(`${action.what}: without ${label.what.join(' or ')}`);
  }
  const say = (id: string) => `${id} ${lines.find((line) => line.id === id)?.text ?? ''}`;
  return {
    score: {
      action_items: { right: pairs.length, found: actions.length, there: expected.actions.length },
      assignees: {
        right: pairs.filter(([label, action]) => label.who !== null && label.who === action.assigneeId).length,
        found: actions.filter((action) => action.assigneeId !== null).length,
        there: expected.actions.filter((label) => label.who !== null).length,
      },
      due_dates: {
        right: pairs.filter(([label, action]) => label.dueOn !== null && label.dueOn === action.dueOn).length,
        found: actions.filter((action) => action.dueOn !== null).length,
        there: expected.actions.filter((label) => label.dueOn !== null).length,
      },
      decisions: count(expected.decisions, content.decisions),
      questions: count(expected.questions, content.questions),
      words: { right: pairs.filter(([label, action]) => hasWord(label.what, action)).length, found: pairs.length, there: pairs.length },
    },
    missed: [
      ...[...free].map((label) => say(label.lines[0] ?? '')),
      ...missing(expected.decisions, content.decisions).map((id) => `decision ${say(id)}`),
      ...missing(expected.questions, content.questions).map((id) => `question ${say(id)}`),
    ],
    invented: [
      ...invented,
      ...content.decisions
        .filter(({ lineId }) => !expected.decisions.some((one) => one.lines.includes(lineId ?? '')))
        .map((one) => `decision ${one.text}`),
      ...content.questions
        .filter(({ lineId }) => !expected.questions.some((one) => one.lines.includes(lineId ?? '')))
        .map((one) => `question ${one.text}`),
    ],
    wrong,
  };
}

export function sum(scores: readonly Score[], part: Part): Counts {
  const total = (of: keyof Counts) => scores.reduce((all, score) => all + score[part][of], 0);
  return { right: total('right'), found: total('found'), there: total('there') };
}

/** Of what was found, how much is right. Of nothing, all is. */
export function precision({ right, found }: Counts): number {
  return found === 0 ? 1 : right / found;
}

/** Of what is there, how much was found. */
export function recall({ right, there }: Counts): number {
  return there === 0 ? 1 : right / there;
}

function hasWord(words: readonly string[], { what }: FoundAction): boolean {
  return words.some((word) => what.toLowerCase().includes(word.toLowerCase()));
}

interface OnLines {
  readonly lines: readonly string[];
}

function count(labels: readonly OnLines[], found: readonly { lineId: string | null }[]): Counts {
  return { right: labels.length - missing(labels, found).length, found: distinct(labels, found), there: labels.length };
}

function missing(labels: readonly OnLines[], found: readonly { lineId: string | null }[]): string[] {
  return labels.filter((label) => !found.some(({ lineId }) => label.lines.includes(lineId ?? ''))).map((label) => label.lines[0] ?? '');
}

/** Two sentences on the lines of one label are one thing found. */
function distinct(labels: readonly OnLines[], found: readonly { lineId: string | null }[]): number {
  const right = labels.length - missing(labels, found).length;
  return right + found.filter(({ lineId }) => !labels.some((label) => label.lines.includes(lineId ?? ''))).length;
}
