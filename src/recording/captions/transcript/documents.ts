/** Transcripts as people read and file them: plain text, and DOCX (ECMA-376). */
import type { Language } from '../../../platform/errors.js';
import type { Recording, TranscriptLine } from '../../recording.js';
import { timeOf } from './cues.js';

const words: Readonly<Record<Language, { readonly title: string; readonly machine: string }>> = {
  en: { title: 'Transcript', machine: 'Written by a machine: it may be wrong. The recording is what was said.' },
  'zh-Hant': { title: '會議逐字稿', machine: '本文由機器轉寫，可能有誤，一切以錄影為準。' },
  'zh-Hans': { title: '会议逐字稿', machine: '本文由机器转写，可能有误，一切以录像为准。' },
};

export type Heading = Pick<Recording, 'title' | 'startedAt'>;

interface Passage {
  readonly beginMs: number;
  readonly speaker: string;
  readonly text: string;
}

/** What the same person says without a pause of seconds is one passage. */
const pauseMs = 4_000;
const longest = 800;

export function plainText(lines: readonly TranscriptLine[], heading: Heading, language: Language): string {
  const head = [clean(heading.title), `${words[language].title}, ${dateOf(heading.startedAt, language)}`, words[language].machine];
  const body = passages(lines).map(({ beginMs, speaker, text }) => `[${clock(beginMs)}] ${clean(speaker)}: ${clean(text)}`);
  return `${[head.join('\n'), ...body].join('\n\n')}\n`;
}

export async function docx(lines: readonly TranscriptLine[], heading: Heading, language: Language): Promise<Buffer> {
  const { AlignmentType, Document, HeadingLevel, Packer, Paragraph, TextRun } = await import('docx');
  const { title, machine } = words[language];
  const document = new Document({
    creator: 'Causeway',
    title: clean(heading.title),
    styles: { default: { document: { run: { size: 22, font: { ascii: 'Calibri', hAnsi: 'Calibri', eastAsia: fontOf(language) } } } } },
    sections: [
      {
        children: [
          new Paragraph({ heading: HeadingLevel.TITLE, children: [new TextRun(clean(heading.title))] }),
          new Paragraph({ children: [new TextRun(`${title}, ${dateOf(heading.startedAt, language)}`)] }),
          new Paragraph({ spacing: { after: 240 }, children: [new TextRun({ text: machine, italics: true, color: '595959' })] }),
          ...passages(lines).map(
            ({ beginMs, speaker, text }) =>
              new Paragraph({
                spacing: { after: 120 },
                alignment: AlignmentType.LEFT,
                children: [
                  new TextRun({ text: `${clock(beginMs)}  `, color: '595959', size: 18 }),
                  new TextRun({ text: clean(speaker), bold: true }),
                  new TextRun({ text: `  ${clean(text)}` }),
                ],
              }),
          ),
        ],
      },
    ],
  });
  return Packer.toBuffer(document);
}

function passages(lines: readonly TranscriptLine[]): Passage[] {
  const result: { beginMs: number; endMs: number; personId: string; speaker: string; text: string }[] = [];
  for (const line of lines) {
    const last = result.at(-1);
    const goesOn = last && last.personId === line.personId && line.beginMs - last.endMs < pauseMs && last.text.length < longest;
    if (goesOn) {
      last.text += /\p{Script=Han}[\p{P}]?$/u.test(last.text) && /^\p{Script=Han}/u.test(line.text) ? line.text : ` ${line.text}`;
      last.endMs = line.endMs;
    } else result.push({ ...line });
  }
  return result;
}

/** Control characters are no XML (XML 1.0 section 2.2), and those that turn a line around make it lie. */
function clean(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069\ufffe\uffff]+/gu, ' ');
}

function clock(ms: number): string {
  return timeOf(ms, '.').slice(0, 8);
}

function dateOf(date: Date, language: Language): string {
  const locale = { en: 'en-HK', 'zh-Hant': 'zh-HK', 'zh-Hans': 'zh-CN' }[language];
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone: 'Asia/Hong_Kong' }).format(date);
}

function fontOf(language: Language): string {
  return language === 'zh-Hans' ? 'Microsoft YaHei' : 'Microsoft JhengHei';
}
