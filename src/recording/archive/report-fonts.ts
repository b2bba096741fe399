/**
 * Fonts of reports. A PDF carries what it shows, so Chinese needs a font with Chinese on this machine: a
 * package of one would be larger than the whole server. Without one the report is written in a font that every
 * reader has, what it can't show is named, and the log says which package to install.
 */
import { access } from 'node:fs/promises';
import path from 'node:path';
import type { Log } from '../../platform/log.js';

/** As pdfkit takes it. `name` is the one of a collection; null: the file is one font. */
export interface ReportFont {
  readonly file: string;
  readonly name: string | null;
}

const debian = '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc';
/** Hong Kong's shapes of characters first; each has the others' characters too. */
const places: readonly { readonly file: string; readonly name: string | null }[] = [
  { file: debian, name: 'NotoSansCJKhk-Regular' },
  { file: debian, name: 'NotoSansCJKtc-Regular' },
  { file: '/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc', name: 'NotoSansCJKhk-Regular' },
  { file: '/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc', name: 'NotoSansCJKhk-Regular' },
  { file: '/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc', name: 'NotoSansCJKhk-Regular' },
  { file: '/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc', name: 'WenQuanYiZenHei' },
  { file: '/System/Library/Fonts/PingFang.ttc', name: 'PingFangHK-Regular' },
  { file: 'C:\\Windows\\Fonts\\msjh.ttc', name: 'MicrosoftJhengHeiRegular' },
];

export class ReportFonts {
  readonly #wished: string;
  readonly #log: Log;
  readonly #places: typeof places;
  #found: Promise<ReportFont | null> | undefined;

  /** `wished` is a file, or names of families, which are no matter of PDF. */
  constructor({ wished, log, systemFonts = places }: { wished: string; log: Log; systemFonts?: typeof places }) {
    this.#wished = wished;
    this.#log = log;
    this.#places = systemFonts;
  }

  /** Null: none that has Chinese. */
  find(): Promise<ReportFont | null> {
    this.#found ??= this.#look();
    return this.#found;
  }

  async #look(): Promise<ReportFont | null> {
    const own = path.isAbsolute(this.#wished) && /\.(?:ttf|otf)$/i.test(this.#wished) ? [{ file: this.#wished, name: null }] : [];
    for (const { file, name } of [...own, ...this.#places]) {
      const there = await access(file).then(
        () => true,
        () => false,
      );
      if (there && (await canDraw(file, name))) return { file, name };
    }
    this.#log.warn('archive: no font with Chinese for reports of reviews; install fonts-noto-cjk, or set COMPOSE_FONT to a file');
    return null;
  }
}

/** A file that is broken, or has no such font in it, is passed over. */
async function canDraw(file: string, name: string | null): Promise<boolean> {
  const { default: PDFDocument } = await import('pdfkit');
  try {
    setFont(new PDFDocument({ autoFirstPage: false }), { file, name }).widthOfString('覆核');
    return true;
  } catch {
    return false;
  }
}

export function setFont(pdf: PDFKit.PDFDocument, { file, name }: ReportFont): PDFKit.PDFDocument {
  return name === null ? pdf.font(file) : pdf.font(file, name);
}
