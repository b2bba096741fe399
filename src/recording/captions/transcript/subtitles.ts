/** Transcripts as files that players read: WebVTT (W3C) with the voice of each cue, and SRT. */
import type { TranscriptLine } from '../../recording.js';
import { cuesOf, timeOf } from './cues.js';

export function webVtt(lines: readonly TranscriptLine[], title: string): string {
  const cues = cuesOf(lines).map(
    ({ beginMs, endMs, speaker, text }) => `${timeOf(beginMs, '.')} --> ${timeOf(endMs, '.')}\n<v ${escaped(speaker)}>${escaped(text)}</v>`,
  );
  // The title may not hold an arrow (section 4.1); escaped it doesn't.
  return `${[`WEBVTT ${escaped(title)}`.trim(), ...cues].join('\n\n')}\n`;
}

export function srt(lines: readonly TranscriptLine[]): string {
  return cuesOf(lines)
    .map(
      ({ beginMs, endMs, speaker, text }, index) =>
        `${index + 1}\r\n${timeOf(beginMs, ',')} --> ${timeOf(endMs, ',')}\r\n${plain(`${speaker}: ${text}`)}\r\n\r\n`,
    )
    .join('');
}

/** WebVTT section 4.2.2: text of a cue, and the annotation of a voice. */
function escaped(text: string): string {
  return oneLine(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** SRT has no way to write an arrow or a tag as text. */
function plain(text: string): string {
  return oneLine(text).replaceAll('-->', '→').replaceAll('<', '‹').replaceAll('>', '›');
}

function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
}
