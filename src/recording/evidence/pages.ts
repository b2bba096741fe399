/**
 * The pages of an export, one for each language. They are read on somebody's desk, by file:, far from this
 * server: whatever people wrote is text in them, nothing is loaded, nothing runs, and a policy in the page
 * says so to the browser.
 */
import { createHash } from 'node:crypto';
import { type Language, languages } from '../../platform/errors.js';
import { htmlText as text } from '../../platform/html-text.js';
import type { TranscriptLine } from '../recording.js';
import type { Facts } from './gather.js';
import { type PageWords, pageWords } from './page-words.js';

const style = `
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { text-align: start; padding: 0.2rem 1rem 0.2rem 0; vertical-align: top; }
th { font-weight: 600; white-space: nowrap; } .note, small { color: light-dark(#555, #bbb); font-size: 0.85rem; }
p, li, summary, code, bdi { overflow-wrap: anywhere; } code { font-size: 0.85em; }
`;
const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'`;

const names: Readonly<Record<Language, string>> = { en: 'index.html', 'zh-Hant': 'index.zh-Hant.html', 'zh-Hans': 'index.zh-Hans.html' };

/** A database gives members back in an order of its own. */
const noticeParts = ['title', 'what', 'purpose', 'kept', 'seenBy', 'voluntary', 'contact'];

/** Path and content of each. */
export function pages(facts: Facts, transcript: readonly TranscriptLine[], hasSummary: boolean): [path: string, content: string][] {
  return languages.map((language) => [names[language], page(language, facts, transcript, hasSummary)]);
}

function page(language: Language, facts: Facts, transcript: readonly TranscriptLine[], hasSummary: boolean): string {
  const words = pageWords[language];
  const others = languages
    .filter((other) => other !== language)
    .map((other) => `<a href="${names[other]}" lang="${other}" hreflang="${other}">${text(pageWords[other].language)}</a>`);
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${text(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(facts.recording.title)}</title>
<style>${style}</style>
</head>
<body>
<p class="note">${others.join(' · ')}</p>
<h1>${bdi(facts.recording.title)}</h1>
<p>${text(words.evidence)}</p>
${sections(language, words, facts, transcript, hasSummary).join('\n')}
</body>
</html>
`;
}

function sections(
  language: Language,
  words: PageWords,
  facts: Facts,
  transcript: readonly TranscriptLine[],
  hasSummary: boolean,
): string[] {
  const { recording, meeting, organisation, consent, tracks, files, participants, pauses, missing, edits } = facts;
  const { reason } = recording;
  const pieces = tracks.reduce((sum, { segments }) => sum + segments.length, 0);
  // Streams and thumbnails are thousands of files that nobody opens one by one; the manifest names them all.
  const listed = files.filter(({ kind }) => kind !== 'hls' && kind !== 'thumbnail');
  const papers = ['ledger.json', 'transcript.json', ...(hasSummary ? ['summary.json'] : [])];
  const trackName = (id: string) => {
    const track = tracks.find((one) => one.id === id);
    return track ? `${bdi(track.person.name)}, ${text(words.sources[track.source] ?? track.source)}` : text(id);
  };
  return [
    table(
      [],
      [
        [text(words.organisation), bdi(organisation.name)],
        [text(words.meeting), bdi(meeting.title)],
        [text(words.startedBy), bdi(recording.startedBy.name)],
        [text(words.from), time(recording.startedAt)],
        [text(words.until), time(recording.stoppedAt)],
        [text(words.version), `${recording.version} (${text(words.reasons[reason] ?? reason)})`],
      ],
    ),
    `<p class="note">${text(words.times)}</p>`,

    `<h2>${text(words.files)}</h2>`,
    table(
      [words.file, words.bytes, 'SHA-256'],
      [
        ...listed.map(({ path, bytes, sha256 }) => [link(path), String(bytes), `<code>${text(sha256)}</code>`]),
        ...papers.map((path) => [link(path), '', '']),
      ],
    ),
    files.length === listed.length ? '' : `<p class="note">${text(words.moreFiles(files.length - listed.length))}</p>`,
    pieces === 0 ? '' : `<p class="note">${text(words.rawTracks(pieces))}</p>`,

    `<h2>${text(words.participants)}</h2>`,
    table(
      [words.name, words.joined, words.left],
      participants.map(({ name, joinedAt, leftAt }) => [bdi(name), time(joinedAt), time(leftAt)]),
    ) || none(words),

    `<h2>${text(words.consent)}</h2>`,
    `<p class="note">${text(words.consentNote)}</p>`,
    table(
      ['#', words.name, words.answer, words.when, words.shownIn, words.client],
      consent.entries.map(({ number, person, what, at, language: shown, client }) => [
        String(number),
        bdi(person.name),
        text(words.answers[what] ?? what),
        time(at),
        text(shown),
        `<small>${bdi(client)}</small>`,
      ]),
    ) || none(words),
    ...consent.notices.map(({ hash, version, texts }) => notice(language, words, hash, version, texts)),

    `<h2>${text(words.tracks)}</h2>`,
    table(
      [words.name, words.source, words.from, words.until, words.gaps],
      tracks.map((track) => [
        bdi(track.person.name),
        text(words.sources[track.source] ?? track.source),
        time(track.startedAt),
        time(track.endedAt),
        Array.isArray(track.gaps) ? track.gaps.map((gap) => gapLine(words, gap)).join('<br>') : '',
      ]),
    ) || none(words),

    `<h2>${text(words.pauses)}</h2>`,
    table(
      [words.from, words.until],
      pauses.map(({ from, until }) => [time(from), time(until)]),
    ) || none(words),

    `<h2>${text(words.missing)}</h2>`,
    list(
      missing.map(({ what, track, path }) => {
        const where = path === undefined ? trackName(track ?? '') : `<code>${text(path)}</code>`;
        return `${where}: ${text(words.missingWhat[what] ?? what)}`;
      }),
    ) || none(words),

    `<h2>${text(words.edits)}</h2>`,
    list(Array.isArray(edits) ? edits.map((edit) => `<code>${text(JSON.stringify(edit))}</code>`) : []) || none(words),

    `<h2>${text(words.transcript)}</h2>`,
    table(
      [],
      transcript.map(({ beginMs, speaker, language: spoken, text: said }) => [
        clock(beginMs),
        bdi(speaker),
        `<bdi lang="${text(spoken)}">${text(said)}</bdi>`,
      ]),
    ) || none(words),

    `<h2>${text(words.check)}</h2>`,
    ...words.checkText.map((paragraph) => `<p>${text(paragraph)}</p>`),
  ];
}

/** In the language of the page, as it was shown; in all that there are where that one is missing. */
function notice(language: Language, words: PageWords, hash: string, version: string, texts: unknown): string {
  const all = isObject(texts) ? texts : {};
  const shown = all[language] ?? all;
  const order = isObject(shown) ? [...new Set([...noticeParts, ...Object.keys(shown)])] : [];
  const parts = order.map((name) => (isObject(shown) ? shown[name] : null)).filter((part) => typeof part === 'string');
  return `<details><summary>${text(words.notice)} (${text(version)}, <code>${text(hash)}</code>)</summary>
${parts.map((part) => `<p>${text(part)}</p>`).join('\n')}
</details>`;
}

/** As the capture writes them: what, from and to in milliseconds since the recording's start. */
function gapLine(words: PageWords, gap: unknown): string {
  if (!isObject(gap) || typeof gap.what !== 'string' || typeof gap.from !== 'number') return `<code>${text(JSON.stringify(gap))}</code>`;
  const until = typeof gap.to === 'number' ? clock(gap.to) : '';
  return `${clock(gap.from)}–${until} ${text(words.gapWhat[gap.what] ?? gap.what)}`;
}

/** Nothing where there are no rows. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const head = heads.length === 0 ? '' : `<tr>${heads.map((one) => `<th>${text(one)}</th>`).join('')}</tr>\n`;
  return `<table>${head}${rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('\n')}</table>`;
}

function list(items: readonly string[]): string {
  return items.length === 0 ? '' : `<ul>${items.map((item) => `<li>${item}</li>`).join('\n')}</ul>`;
}

function none(words: PageWords): string {
  return `<p>${text(words.none)}</p>`;
}

/** Relative, whatever the name: a colon in its first part would make it an address of another kind. */
function link(path: string): string {
  return `<a href="./${text(path.split('/').map(encodeURIComponent).join('/'))}">${text(path)}</a>`;
}

function time(iso: string | null): string {
  return iso === null ? '' : `<time datetime="${text(iso)}">${text(iso.replace('T', ' ').replace(/\.\d+Z$|Z$/, ''))}</time>`;
}

function clock(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${Math.floor(seconds / 3_600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** Whatever direction it is written in, it leaves the rest of the line alone. */
function bdi(words: string): string {
  return `<bdi>${text(words)}</bdi>`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
