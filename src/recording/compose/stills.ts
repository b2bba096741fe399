/**
 * What of the picture stands still: behind the videos the stage with its cards, before them names, the
 * frame around who speaks, captions, and cards that cover all. Each is a picture in a file, named by
 * what it shows, so that the same one is drawn once.
 */
import { access, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp, { type OverlayOptions } from 'sharp';
import { type Rectangle, type Scene, type Tile, widthOf } from './layout.js';
import { drawText, initials, type TextPicture, type TextStyle } from './text-picture.js';
import { fingerprint } from './track-file.js';

export interface StillsOptions {
  readonly folder: string;
  readonly height: number;
  readonly font: string;
}

/** In both languages of the office: a picture can't be translated afterwards. */
const cards = {
  paused: ['Recording paused', '錄影已暫停'],
  redacted: ['This passage has been removed', '此段內容已移除'],
  empty: [],
  stage: [],
} as const;

const colors = { floor: '#14171c', tile: '#252b34', disc: '#3b5b7a', speaking: '#3fb37f', words: '#ffffff', quiet: '#c4cad3' } as const;

export class Stills {
  readonly #options: StillsOptions;
  readonly #drawn = new Map<string, Promise<string>>();

  constructor(options: StillsOptions) {
    this.#options = options;
  }

  /** Behind the videos. Its name is relative to the folder. */
  behind({ kind, tiles }: Pick<Scene, 'kind' | 'tiles'>): Promise<string> {
    const shown = kind === 'stage' ? tiles.map(({ name, place, trackId }) => ({ name, place, hasVideo: trackId !== null })) : [];
    return this.#still(['behind', shown], async () => {
      const parts = await Promise.all(tiles.filter(({ trackId }) => trackId === null).map((tile) => this.#disc(tile)));
      return this.#compose(colors.floor, [this.#shapes(shown.map(({ place }) => box(place, colors.tile))), ...parts.flat()]);
    });
  }

  /** Before the videos; transparent where they are to be seen. */
  before({ kind, tiles }: Pick<Scene, 'kind' | 'tiles'>, caption: string | null): Promise<string> {
    const shown = kind === 'stage' ? tiles.map(({ name, place, isSpeaking, isScreen }) => ({ name, place, isSpeaking, isScreen })) : [];
    const words = kind === 'stage' || kind === 'empty' ? caption : null;
    return this.#still(['before', kind, shown, words], async () => {
      if (kind === 'paused' || kind === 'redacted') return this.#compose(colors.floor, await this.#card(cards[kind]));
      const frames = tiles.filter(({ isSpeaking }) => isSpeaking).map(({ place }) => frame(place, this.#line));
      const names = await Promise.all(tiles.map((tile) => this.#name(tile)));
      const said = words === null ? [] : await this.#caption(words);
      return this.#compose('transparent', [this.#shapes(frames), ...names.flat(), ...said]);
    });
  }

  get #line(): number {
    return Math.max(2, Math.round(this.#options.height / 240));
  }

  /** Of what they show, the look included: after a change of it the pictures are others. */
  #still(shows: unknown, draw: () => Promise<Buffer>): Promise<string> {
    const { folder, height, font } = this.#options;
    const name = `still-${fingerprint([1, height, font, shows])}.png`;
    const known = this.#drawn.get(name);
    if (known) return known;
    const made = writeOnce(path.join(folder, name), draw).then(() => name);
    this.#drawn.set(name, made);
    return made;
  }

  #compose(background: string, parts: readonly OverlayOptions[]): Promise<Buffer> {
    const { height } = this.#options;
    const isClear = background === 'transparent';
    const empty = { width: widthOf(height), height, channels: isClear ? (4 as const) : (3 as const) };
    return sharp({ create: { ...empty, background: isClear ? { r: 0, g: 0, b: 0, alpha: 0 } : background } })
      .composite([...parts])
      .png({ compressionLevel: 3 })
      .toBuffer();
  }

  #shapes(shapes: readonly string[]): OverlayOptions {
    const { height } = this.#options;
    const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="${widthOf(height)}" height="${height}">${shapes.join('')}</svg>`;
    return { input: Buffer.from(drawing), left: 0, top: 0 };
  }

  /** The first letters of a name in a disc. */
  async #disc({ name, place }: Tile): Promise<OverlayOptions[]> {
    const radius = Math.round(place.height / 5);
    const [x, y] = [place.x + place.width / 2, place.y + place.height / 2];
    const disc = this.#shapes([`<circle cx="${x}" cy="${y}" r="${radius}" fill="${colors.disc}"/>`]);
    const letters = await this.#text(initials(name), { pixels: Math.round(radius * 0.8), maxWidth: radius * 2, color: colors.words });
    return letters ? [disc, centered(letters, x, y)] : [disc];
  }

  async #name({ name, place, isScreen }: Tile): Promise<OverlayOptions[]> {
    const pixels = Math.round(this.#options.height / (place.height < this.#options.height / 3 ? 48 : 36));
    const words = await this.#text(isScreen ? `▣ ${name}` : name, { pixels, maxWidth: place.width - 3 * pixels, color: colors.words });
    if (!words) return [];
    const edge = Math.round(pixels / 2);
    const label = { width: words.width + 2 * edge, height: Math.max(words.height, pixels) + edge };
    const [left, top] = [place.x + edge, place.y + place.height - label.height - edge];
    return [
      this.#shapes([box({ x: left, y: top, ...label }, colors.floor, 0.72)]),
      centered(words, left + label.width / 2, top + label.height / 2),
    ];
  }

  async #card(lines: readonly string[]): Promise<OverlayOptions[]> {
    const { height } = this.#options;
    const pixels = Math.round(height / 22);
    const drawn = await Promise.all(
      lines.map((line) => this.#text(line, { pixels, maxWidth: widthOf(height) - 4 * pixels, color: colors.quiet })),
    );
    const middle = height / 2 - ((lines.length - 1) * pixels * 1.8) / 2;
    return drawn.flatMap((line, index) => (line ? [centered(line, widthOf(height) / 2, middle + index * pixels * 1.8)] : []));
  }

  async #caption(words: string): Promise<OverlayOptions[]> {
    const { height } = this.#options;
    const pixels = Math.round(height / 26);
    const drawn = await this.#text(words, { pixels, maxWidth: Math.round(widthOf(height) * 0.7), color: colors.words, lines: true });
    if (!drawn) return [];
    const area = { width: drawn.width + 2 * pixels, height: drawn.height + pixels };
    const place = { x: Math.round((widthOf(height) - area.width) / 2), y: height - area.height - pixels, ...area };
    return [this.#shapes([box(place, '#000000', 0.7)]), centered(drawn, widthOf(height) / 2, place.y + area.height / 2)];
  }

  async #text(text: string, style: Omit<TextStyle, 'font'>): Promise<TextPicture | null> {
    const drawn = await drawText(text, { ...style, font: this.#options.font });
    const { height } = this.#options;
    // What is larger than the picture could not be put onto it.
    return drawn && drawn.width <= widthOf(height) && drawn.height <= height / 2 ? drawn : null;
  }
}

function centered({ png, width, height }: TextPicture, x: number, y: number): OverlayOptions {
  return { input: png, left: Math.max(0, Math.round(x - width / 2)), top: Math.max(0, Math.round(y - height / 2)) };
}

function box({ x, y, width, height }: Rectangle, color: string, opacity = 1): string {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" fill="${color}" fill-opacity="${opacity}"/>`;
}

function frame({ x, y, width, height }: Rectangle, line: number): string {
  const inside = line / 2;
  return `<rect x="${x + inside}" y="${y + inside}" width="${width - line}" height="${height - line}" fill="none" stroke="${colors.speaking}" stroke-width="${line}"/>`;
}

async function writeOnce(file: string, draw: () => Promise<Buffer>): Promise<void> {
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  await writeFile(`${file}.half`, await draw());
  await rename(`${file}.half`, file);
}
