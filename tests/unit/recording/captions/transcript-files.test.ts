import { describe, expect, it } from 'vitest';
import yauzl from 'yauzl';
import { cuesOf } from '../../../../src/recording/captions/transcript/cues.js';
import { docx, plainText } from '../../../../src/recording/captions/transcript/documents.js';
import { srt, webVtt } from '../../../../src/recording/captions/transcript/subtitles.js';
import type { TranscriptLine } from '../../../../src/recording/recording.js';

const line = (over: Partial<TranscriptLine>): TranscriptLine => ({
  id: '0190b0c0-0000-7000-8000-000000000001',
  personId: '0190b0c0-0000-7000-8000-00000000000a',
  speaker: 'Olivia',
  beginMs: 1_000,
  endMs: 3_500,
  language: 'en',
  text: 'Good morning.',
  engine: 'moonshine',
  editedBy: null,
  ...over,
});

const heading = { title: 'Budget <2027>', startedAt: new Date('2026-11-20T01:30:00Z') };

describe('WebVTT', () => {
  it('names the voice of each cue', () => {
    expect(webVtt([line({})], 'Weekly')).toBe('WEBVTT Weekly\n\n00:00:01.000 --> 00:00:03.500\n<v Olivia>Good morning.</v>\n');
  });

  it('takes nothing that was said for markup', () => {
    const vtt = webVtt([line({ speaker: 'Eve --> <v Bob>', text: '<script>1 & 2</script> --> \n\nNOTE gone' })], 'a --> b\nNOTE');
    expect(vtt.match(/-->/g)).toHaveLength(1);
    expect(vtt).toContain('<v Eve --&gt; &lt;v Bob&gt;>&lt;script&gt;1 &amp; 2&lt;/script&gt; --&gt; NOTE gone</v>');
    expect(vtt.split('\n\n')).toHaveLength(2);
  });
});

describe('SRT', () => {
  it('numbers its cues and has a comma in times', () => {
    const text = srt([line({}), line({ beginMs: 3_723_004, endMs: 3_724_000, speaker: '陳大文', text: '早晨 --> <i>' })]);
    expect(text).toBe(
      '1\r\n00:00:01,000 --> 00:00:03,500\r\nOlivia: Good morning.\r\n\r\n2\r\n01:02:03,004 --> 01:02:04,000\r\n陳大文: 早晨 → ‹i›\r\n\r\n',
    );
  });
});

describe('cues', () => {
  it('are cut to what fits on a screen, in time with the words', () => {
    const text = 'word '.repeat(60).trim();
    const cues = cuesOf([line({ beginMs: 0, endMs: 15_000, text })]);
    expect(cues.length).toBeGreaterThan(2);
    expect(cues.map((cue) => cue.text).join(' ')).toBe(text);
    expect(cues[0]?.beginMs).toBe(0);
    expect(cues.at(-1)?.endMs).toBe(15_000);
    for (const [index, cue] of cues.entries()) {
      expect(cue.text.length).toBeLessThanOrEqual(84);
      if (index > 0) expect(cue.beginMs).toBe(cues[index - 1]?.endMs);
    }
  });

  it('break Chinese between characters, and never before a mark', () => {
    const cues = cuesOf([line({ text: '我哋而家開會，大家好。'.repeat(8), language: 'yue' })]);
    expect(cues.length).toBeGreaterThan(1);
    for (const cue of cues) expect(cue.text).not.toMatch(/^[，。]/);
  });
});

describe('documents', () => {
  const lines = [
    line({}),
    line({ beginMs: 3_600, endMs: 5_000, text: 'Let us start.' }),
    line({ beginMs: 6_000, endMs: 7_000, speaker: '陳大文', personId: '0190b0c0-0000-7000-8000-00000000000b', text: '好\u0007嘅\u202e。' }),
  ];

  it('join what one person says in a row', () => {
    const text = plainText(lines, heading, 'en');
    expect(text).toContain('[00:00:01] Olivia: Good morning. Let us start.');
    expect(text).toContain('[00:00:06] 陳大文: 好 嘅 。');
    expect(text).toContain('20 November 2026');
    expect(text).toContain('Written by a machine');
  });

  it('are DOCX that holds every word, whatever signs are in it', async () => {
    const xml = await unzipped(await docx(lines, heading, 'zh-Hant'), 'word/document.xml');
    expect(xml).toContain('Good morning. Let us start.');
    expect(xml).toContain('陳大文');
    expect(xml).toContain('Budget &lt;2027&gt;');
    expect(xml).toContain('會議逐字稿');
    expect(xml).not.toContain('\u0007');
  });

  it('of a meeting in which nobody spoke are there too', async () => {
    expect(webVtt([], 'Silent')).toBe('WEBVTT Silent\n');
    expect(srt([])).toBe('');
    expect(plainText([], heading, 'zh-Hans')).toContain('会议逐字稿');
    expect((await docx([], heading, 'en')).length).toBeGreaterThan(1_000);
  });
});

function unzipped(zip: Buffer, name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    yauzl.fromBuffer(zip, { lazyEntries: true }, (error, file) => {
      if (error) return reject(error);
      file.on('entry', (entry: yauzl.Entry) => {
        if (entry.fileName !== name) return file.readEntry();
        file.openReadStream(entry, (failed, stream) => {
          if (failed) return reject(failed);
          const parts: Buffer[] = [];
          stream.on('data', (part: Buffer) => parts.push(part)).on('end', () => resolve(Buffer.concat(parts).toString()));
        });
      });
      file.readEntry();
    });
  });
}
