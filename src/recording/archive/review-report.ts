/** The report of a review: PDF, as it is filed. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import PDFDocument from 'pdfkit';
import type { Language } from '../../platform/errors.js';
import type { Recording } from '../recording.js';
import { timeOf } from './clock-text.js';
import { type ReportFonts, setFont } from './report-fonts.js';
import { reportWords } from './report-words.js';
import type { Review } from './schema.js';

export interface Report {
  readonly review: Review;
  readonly recording: Recording;
  readonly organisation: string;
  readonly language: Language;
  readonly fonts: ReportFonts;
  readonly timeZone: string;
}

const margin = 56;
const labelWidth = 110;
/** Rows that are drawn before others have their turn. */
const marksAtOnce = 5;
const grey = '#57606a';

export async function drawReport({ review, recording, organisation, language, fonts, timeZone }: Report): Promise<Buffer> {
  const font = await fonts.find();
  const words = reportWords[font ? language : 'en'];
  let shortened = false;
  /** Helvetica, which every reader has, knows Western European alone. */
  const shown = (text: string): string => {
    const fit = font ? text : text.replace(/[^\n\x20-\x7e\u00a0-\u00ff]/gu, '?');
    shortened ||= fit !== text;
    return fit;
  };
  const pdf = new PDFDocument({
    size: 'A4',
    margin,
    bufferPages: true,
    lang: language,
    info: { Title: words.title, Author: organisation, Creator: 'Causeway', CreationDate: new Date(review.finishedAt ?? review.createdAt) },
  });
  const parts: Buffer[] = [];
  pdf.on('data', (part: Buffer) => parts.push(part));
  const ended = new Promise<void>((resolve, reject) => pdf.once('end', resolve).once('error', reject));
  if (font) setFont(pdf, font);
  else pdf.font('Helvetica');

  pdf.fontSize(9).fillColor(grey).text(shown(organisation));
  pdf.fontSize(20).fillColor('black').text(words.title).moveDown(0.8);
  const row = (label: string, text: string): void => {
    const value = shown(text);
    const width = pdf.page.width - 2 * margin - labelWidth;
    const bottom = pdf.page.height - margin;
    const high = Math.max(
      pdf.fontSize(9).heightOfString(label, { width: labelWidth - 10 }),
      pdf.fontSize(11).heightOfString(value, { width }),
    );
    // What is longer than a page begins where it is, and flows on.
    if (pdf.y + Math.min(high, bottom - margin - 1) > bottom) pdf.addPage();
    const top = pdf.y;
    const { count: before } = pdf.bufferedPageRange();
    pdf
      .fontSize(9)
      .fillColor(grey)
      .text(label, margin, top + 1.5, { width: labelWidth - 10 });
    const under = pdf.y;
    pdf
      .fontSize(11)
      .fillColor('black')
      .text(value, margin + labelWidth, top, { width });
    pdf.y = (pdf.bufferedPageRange().count > before ? pdf.y : Math.max(under, pdf.y)) + 5;
    pdf.x = margin;
  };
  const when = (at: string) => timeOf(new Date(at), timeZone);
  row(words.recording, `${recording.title}\n${recording.id}`);
  row(words.recorded, when(review.recordedAt));
  if (recording.stoppedAt) row(words.length, span(recording.stoppedAt.getTime() - recording.startedAt.getTime()));
  row(words.version, String(recording.version));
  row(words.reviewer, review.reviewer.name);
  row(words.assignedBy, review.assignedBy.name);
  row(words.assigned, when(review.createdAt));
  if (review.task !== '') row(words.task, review.task);
  if (review.outcome) row(words.outcome, words.outcomes[review.outcome]);
  if (review.conclusion !== '') row(words.conclusion, review.conclusion);
  if (review.finishedAt) row(words.finished, when(review.finishedAt));

  pdf.moveDown(0.8).fontSize(14).fillColor('black').text(words.marks, margin).moveDown(0.4);
  if (review.marks.length === 0) pdf.fontSize(11).text(words.noMarks);
  for (const [index, { fromMs, toMs, label, note }] of review.marks.entries()) {
    // Shaping Chinese takes milliseconds for each row, and meetings go on meanwhile.
    if (index % marksAtOnce === 0) await nextTurn();
    const at = timeOf(new Date(recording.startedAt.getTime() + fromMs), timeZone);
    row(`${span(fromMs)} – ${span(toMs)}`, [label, note, at].filter((line) => line !== '').join('\n'));
  }

  if (shortened) pdf.moveDown().fontSize(9).fillColor(grey).text(words.noFont, margin);
  const { count } = pdf.bufferedPageRange();
  for (let page = 0; page < count; page += 1) {
    pdf.switchToPage(page);
    // Below the margin text would begin another page.
    pdf.page.margins.bottom = 0;
    pdf
      .fontSize(8)
      .fillColor(grey)
      .text(`${words.page(page + 1, count)} · ${review.id}`, margin, pdf.page.height - 36, { lineBreak: false });
  }
  pdf.end();
  await ended;
  return Buffer.concat(parts);
}

/** Such as 1:02:03. */
function span(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${Math.floor(seconds / 3_600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
