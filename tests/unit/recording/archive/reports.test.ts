import { inflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it, test } from 'vitest';
import { timeOf } from '../../../../src/recording/archive/clock-text.js';
import { quotaMail } from '../../../../src/recording/archive/quota-mail.js';
import { ReportFonts } from '../../../../src/recording/archive/report-fonts.js';
import { drawReport, type Report } from '../../../../src/recording/archive/review-report.js';
import { drawMark } from '../../../../src/recording/archive/watermark.js';
import { testLog } from '../../../support/index.js';

const startedAt = new Date('2026-03-02T06:05:00Z');

function report(over: Partial<Report> = {}, marks = 1): Report {
  return {
    review: {
      id: '00000000-0000-7000-8000-000000000001',
      recordingId: '00000000-0000-7000-8000-000000000002',
      recordingTitle: '週會',
      recordedAt: startedAt.toISOString(),
      reviewer: { id: '00000000-0000-7000-8000-000000000003', name: '陳大文 Ada' },
      assignedBy: { id: '00000000-0000-7000-8000-000000000004', name: 'Adam' },
      task: 'Look for promises',
      dueOn: null,
      createdAt: startedAt.toISOString(),
      outcome: 'flagged',
      conclusion: '需要跟進\n'.repeat(30),
      finishedAt: startedAt.toISOString(),
      reportSha256: null,
      marks: Array.from({ length: marks }, (_, index) => ({
        id: `00000000-0000-7000-8000-${String(index).padStart(12, '0')}`,
        fromMs: index * 1_000,
        toMs: index * 1_000 + 500,
        label: 'Promise',
        note: '保證回報',
      })),
      mine: true,
    },
    recording: {
      orgId: 'o',
      id: '00000000-0000-7000-8000-000000000002',
      meetingId: 'm',
      conversationId: 'c',
      kind: 'recording',
      state: 'ready',
      title: '週會',
      startedBy: 'p',
      startedByName: 'Hana',
      startedAt,
      stoppedAt: new Date(startedAt.getTime() + 3_723_000),
      noticeHash: '',
      policy: { consent: 'ask', starters: 'host', keepDays: null, viewers: 'participants', download: true, watermark: false, contact: '' },
      step: null,
      progress: 1,
      failure: null,
      bytes: 0,
      version: 1,
      deleteAt: null,
    },
    organisation: 'Harbour Ltd',
    language: 'zh-Hant',
    fonts: new ReportFonts({ wished: '', log: testLog() }),
    timeZone: 'Asia/Hong_Kong',
    ...over,
  };
}

/** Text of a PDF whose font is one that every reader has: its bytes are the characters. */
function plainText(pdf: Buffer): string {
  const streams: string[] = [];
  for (const match of pdf.toString('latin1').matchAll(/stream\r?\n([\s\S]*?)\r?\nendstream/g)) {
    try {
      streams.push(inflateSync(Buffer.from(match[1] ?? '', 'latin1')).toString('latin1'));
    } catch {
      // A stream that is not compressed.
    }
  }
  return [...streams.join('').matchAll(/<([\da-f]+)>/g)].map(([, hex = '']) => Buffer.from(hex, 'hex').toString('latin1')).join('');
}

describe('the report of a review', () => {
  it('is a PDF in each language, of as many pages as it takes', async () => {
    for (const language of ['en', 'zh-Hant', 'zh-Hans'] as const) {
      const pdf = await drawReport(report({ language }, 120));
      expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
      expect(pdf.toString('latin1').match(/\/Type \/Page\b/g)?.length).toBeGreaterThan(3);
    }
  });

  it('says so where the machine has no font with Chinese, and shows what it can', async () => {
    const fonts = new ReportFonts({ wished: '', log: testLog(), systemFonts: [{ file: '/nowhere/font.ttc', name: null }] });
    expect(await fonts.find()).toBeNull();
    const text = plainText(await drawReport(report({ fonts })));
    for (const part of ['Review of a recording', 'Adam', '1:02:03', '2026-03-02 14:05 GMT+8', '??? Ada', 'has no font', 'Page 1 of'])
      expect(text).toContain(part);
  });

  it('passes over a file that is no font', async () => {
    const fonts = new ReportFonts({
      wished: import.meta.filename,
      log: testLog(),
      systemFonts: [{ file: import.meta.filename, name: 'x' }],
    });
    expect(await fonts.find()).toBeNull();
  });
});

test('a watermark lies all over the picture and leaves it to be seen, whatever the name is', async () => {
  for (const name of ['Milo', '陳大文 <b>&</b>', 'x'.repeat(300)]) {
    const mark = await drawMark([name, 'milo@harbour.example', '2026-03-02 14:05'], 'sans-serif', 640, 360);
    const { width, height } = await sharp(mark).metadata();
    expect([width, height]).toEqual([640, 360]);
    for (const top of [0, 180]) {
      const { channels } = await sharp(await sharp(mark).extract({ left: 0, top, width: 640, height: 180 }).toBuffer()).stats();
      const alpha = channels[3];
      expect(alpha?.mean).toBeGreaterThan(1);
      expect(alpha?.mean).toBeLessThan(90);
    }
  }
});

test('a time is written with its zone', () => {
  expect(timeOf(startedAt, 'Asia/Hong_Kong')).toBe('2026-03-02 14:05 GMT+8');
  expect(timeOf(startedAt, 'UTC')).toBe('2026-03-02 06:05 GMT+0');
});

test('administrators are told in two languages how full the storage is', () => {
  const near = quotaMail({ percent: 80, usedBytes: 8.2e9, quotaBytes: 1e10 });
  expect(near.subject).toBe('Storage for recordings: 80 % / 錄影儲存空間：80%');
  expect(near.text).toContain('8.2 / 10 GB');
  expect(quotaMail({ percent: 100, usedBytes: 2e12, quotaBytes: 2e12 }).text).toContain('會議不可錄影');
});
