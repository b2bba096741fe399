/**
 * The message that a summary becomes in its conversation. It says that a machine wrote it and who read
 * it. What people and models wrote is text, never markup: it is escaped, so that no link, heading or
 * mention comes out of it.
 */
import type { Language } from '../../platform/errors.js';
import { pickLanguage } from '../../platform/errors.js';
import type { Recording } from '../recording.js';
import { cutText } from './cut-text.js';
import type { Sentence } from './schema.js';
import type { ActionRow, SummaryRow } from './summary-rows.js';

export interface WriteUp {
  readonly recording: Pick<Recording, 'title'>;
  readonly summary: Pick<SummaryRow, 'language' | 'content' | 'engine' | 'model' | 'editedBy'>;
  readonly actions: readonly Pick<ActionRow, 'what' | 'assignee_name' | 'due_on'>[];
  readonly reviewer: string;
  readonly mostCharacters: number;
}

interface Words {
  readonly heading: (title: string) => string;
  readonly overview: string;
  readonly decisions: string;
  readonly actions: string;
  readonly questions: string;
  readonly topics: string;
  readonly made: (model: string | null, reviewer: string) => string;
  readonly more: string;
}

const words: Readonly<Record<Language, Words>> = {
  en: {
    heading: (title) => `Summary: ${title}`,
    overview: 'In short',
    decisions: 'Decisions',
    actions: 'Action items',
    questions: 'Open questions',
    topics: 'Topics',
    made: (model, reviewer) => `Made by machine${model === null ? '' : ` (${model})`} from the recording, reviewed by ${reviewer}.`,
    more: 'The rest is on the page of the recording.',
  },
  'zh-Hant': {
    heading: (title) => `會議摘要：${title}`,
    overview: '重點',
    decisions: '決定',
    actions: '跟進事項',
    questions: '待解決問題',
    topics: '議題',
    made: (model, reviewer) => `由電腦${model === null ? '' : `（${model}）`}根據錄影撰寫，經 ${reviewer} 審閱。`,
    more: '其餘內容請參閱錄影頁面。',
  },
  'zh-Hans': {
    heading: (title) => `会议摘要：${title}`,
    overview: '要点',
    decisions: '决定',
    actions: '待办事项',
    questions: '待解决问题',
    topics: '议题',
    made: (model, reviewer) => `由计算机${model === null ? '' : `（${model}）`}根据录像撰写，经 ${reviewer} 审阅。`,
    more: '其余内容请参阅录像页面。',
  },
};

/** What matters most comes first: where the room ends, the topics are what is missing. */
export function writeUp({ recording, summary, actions, reviewer, mostCharacters }: WriteUp): string {
  const say = words[pickLanguage(/^yue\b/i.test(summary.language) ? 'zh-HK' : summary.language)];
  const { content } = summary;
  const lines: string[] = [`**${escapeMarkdown(say.heading(recording.title))}**`];
  const section = (title: string, items: readonly string[]) => {
    if (items.length > 0) lines.push('', `**${title}**`, ...items.map((item) => `- ${item}`));
  };
  section(
    say.actions,
    actions.map(({ what, assignee_name: who, due_on: due }) =>
      [escapeMarkdown(what), ...(who === null ? [] : [escapeMarkdown(who)]), ...(due === null ? [] : [due])].join(' · '),
    ),
  );
  section(say.decisions, content.decisions.map(moment));
  section(say.overview, content.overview.map(moment));
  section(say.questions, content.questions.map(moment));
  section(
    say.topics,
    content.topics.map((topic) => `${clock(topic.beginMs)} ${escapeMarkdown(topic.title)}`),
  );
  const foot = ['', `_${escapeMarkdown(say.made(summary.engine === 'server' ? summary.model : null, reviewer))}_`];
  const cut = ['', say.more];
  const room = mostCharacters - length([...cut, ...foot]) - 1;
  if (length([...lines, ...foot]) <= mostCharacters) return [...lines, ...foot].join('\n');
  while (lines.length > 1 && length(lines) > room) lines.pop();
  return cutText([...lines, ...cut, ...foot].join('\n'), mostCharacters);
}

/** CommonMark section 2.4: any ASCII punctuation may be escaped. What has no meaning in the middle of a line is left as it is. */
export function escapeMarkdown(text: string): string {
  return (
    text
      .replace(/\s+/gu, ' ')
      .replace(/[\\`*_[\]<>#~|@!{}$]/g, '\\$&')
      // What would begin a list or a quotation, and what pages turn into links by themselves.
      .replace(/^(\d+)([.)])/, '$1\\$2')
      .replace(/^([-+=])/, '\\$1')
      .replace(/(https?|ftp|mailto):/gi, '$1\\:')
      .replace(/www\./gi, 'www\\.')
  );
}

function moment({ text, atMs }: Sentence): string {
  return `${clock(atMs)} ${escapeMarkdown(text)}`;
}

function clock(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

function length(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length + 1, 0);
}
