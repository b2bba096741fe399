/**
 * Draws words as people wrote them: any script, any sign. Pango shapes them and finds a font for each
 * character; nothing in a name is a command to it, because its markup is escaped.
 */
import sharp from 'sharp';

export interface TextPicture {
  readonly png: Buffer;
  readonly width: number;
  readonly height: number;
}

export interface TextStyle {
  /** Families, in the order of preference. */
  readonly font: string;
  readonly pixels: number;
  readonly color: string;
  /** Longer words end in an ellipsis; with `lines`, they go on below. */
  readonly maxWidth: number;
  readonly lines?: boolean;
}

const charactersAtMost = 200;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Null: there is nothing to be seen of it, or no font on this machine. */
export async function drawText(text: string, style: TextStyle): Promise<TextPicture | null> {
  const characters = split(oneLine(text)).slice(0, charactersAtMost);
  if (characters.length === 0) return null;
  const whole = await draw(characters.join(''), style);
  if (!whole || style.lines || whole.width <= style.maxWidth) return whole;
  // The first guess is by proportion; each further one takes a little more away.
  let keep = Math.floor((characters.length * style.maxWidth) / whole.width);
  for (; keep > 0; keep -= Math.max(1, Math.floor(keep / 10))) {
    const shorter = await draw(`${characters.slice(0, keep).join('').trimEnd()}…`, style);
    if (shorter && shorter.width <= style.maxWidth) return shorter;
  }
  return null;
}

/** Of a person without a picture: 陳大文 gives 陳, Ada Wong gives AW. */
export function initials(name: string): string {
  const words = oneLine(name)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  const first = split(words[0] ?? '')[0] ?? '';
  const last = words.length > 1 ? (split(words.at(-1) ?? '')[0] ?? '') : '';
  return (/^\p{Script=Latin}/u.test(first) ? first + last : first).toLocaleUpperCase('en');
}

async function draw(text: string, { font, pixels, color, maxWidth, lines }: TextStyle): Promise<TextPicture | null> {
  const markup = `<span foreground="${color}">${escapeMarkup(text)}</span>`;
  try {
    // At 72 dots per inch a point is a pixel.
    const drawn = sharp({
      text: { text: markup, font: `${font} ${pixels}`, rgba: true, dpi: 72, ...(lines ? { width: maxWidth, wrap: 'word-char' } : {}) },
    });
    const { data, info } = await drawn.png({ compressionLevel: 1 }).toBuffer({ resolveWithObject: true });
    return { png: data, width: info.width, height: info.height };
  } catch {
    return null;
  }
}

function split(text: string): string[] {
  return [...graphemes.segment(text)].map(({ segment }) => segment);
}

/** Without what is no character to be seen: line breaks, controls, signs that turn the direction of all that follows. */
function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replace(/[\u202a-\u202e\u2066-\u2069\p{Cs}\p{Cn}]/gu, '')
    .trim();
}

function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
