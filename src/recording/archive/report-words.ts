/** The words of a report, in three languages. */
import type { Language } from '../../platform/errors.js';
import type { Review } from './schema.js';

export interface ReportWords {
  readonly title: string;
  readonly recording: string;
  readonly recorded: string;
  readonly length: string;
  readonly version: string;
  readonly reviewer: string;
  readonly assignedBy: string;
  readonly assigned: string;
  readonly task: string;
  readonly outcome: string;
  readonly outcomes: Readonly<Record<NonNullable<Review['outcome']>, string>>;
  readonly conclusion: string;
  readonly finished: string;
  readonly marks: string;
  readonly noMarks: string;
  readonly page: (page: number, of: number) => string;
  readonly noFont: string;
}

export const reportWords: Readonly<Record<Language, ReportWords>> = {
  en: {
    title: 'Review of a recording',
    recording: 'Recording',
    recorded: 'Recorded',
    length: 'Length',
    version: 'Version',
    reviewer: 'Reviewer',
    assignedBy: 'Assigned by',
    assigned: 'Assigned',
    task: 'Task',
    outcome: 'Outcome',
    outcomes: { cleared: 'Cleared', flagged: 'Flagged', escalated: 'Escalated' },
    conclusion: 'Conclusion',
    finished: 'Finished',
    marks: 'Marked passages',
    noMarks: 'None.',
    page: (page, of) => `Page ${page} of ${of}`,
    noFont: 'The server has no font for some characters of this report; they are shown as ?.',
  },
  'zh-Hant': {
    title: '錄影覆核報告',
    recording: '錄影',
    recorded: '錄影時間',
    length: '長度',
    version: '版本',
    reviewer: '覆核人',
    assignedBy: '指派人',
    assigned: '指派時間',
    task: '覆核要求',
    outcome: '結果',
    outcomes: { cleared: '沒有問題', flagged: '有問題', escalated: '需上報' },
    conclusion: '結論',
    finished: '完成時間',
    marks: '標記片段',
    noMarks: '沒有。',
    page: (page, of) => `第 ${page} 頁，共 ${of} 頁`,
    noFont: '伺服器沒有所需字型，部分文字以 ? 顯示。',
  },
  'zh-Hans': {
    title: '录像复核报告',
    recording: '录像',
    recorded: '录像时间',
    length: '长度',
    version: '版本',
    reviewer: '复核人',
    assignedBy: '指派人',
    assigned: '指派时间',
    task: '复核要求',
    outcome: '结果',
    outcomes: { cleared: '没有问题', flagged: '有问题', escalated: '需上报' },
    conclusion: '结论',
    finished: '完成时间',
    marks: '标记片段',
    noMarks: '没有。',
    page: (page, of) => `第 ${page} 页，共 ${of} 页`,
    noFont: '服务器没有所需字体，部分文字以 ? 显示。',
  },
};
