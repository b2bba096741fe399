/**
 * Tells the server which pictures this page shows, and how large, so that it sends those and no
 * more. Tiles register their element; what is scrolled away or in a hidden tab isn't shown.
 */

export interface ShownPicture {
  readonly producerId: string;
  /** Device pixels. */
  readonly width: number;
  readonly height: number;
}

interface Watched {
  readonly producerId: string;
  visible: boolean;
}

const settleMs = 150;

export class ViewReporter {
  readonly #report: (shown: readonly ShownPicture[]) => void;
  readonly #watched = new Map<Element, Watched>();
  readonly #sizes = new ResizeObserver(() => this.#later());
  readonly #visibility = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const watched = this.#watched.get(entry.target);
      if (watched) watched.visible = entry.isIntersecting;
    }
    this.#later();
  });
  #timer: ReturnType<typeof setTimeout> | undefined;
  #reported = '';
  #eager = true;

  constructor(report: (shown: readonly ShownPicture[]) => void) {
    this.#report = report;
    document.addEventListener('visibilitychange', this.#later);
    document.addEventListener('leavepictureinpicture', this.#later);
  }

  /** The element shows the producer's picture, until the result is called. */
  watch(element: Element, producerId: string): () => void {
    // Shown until the observer says otherwise: the first report must not wait for it.
    const watched: Watched = { producerId, visible: true };
    this.#watched.set(element, watched);
    this.#sizes.observe(element);
    // It looks no further than its own document.
    if (element.ownerDocument === document) this.#visibility.observe(element);
    // Somebody waits for this picture; what goes or changes its size may settle first.
    this.#eager = true;
    this.#later();
    return () => {
      if (this.#watched.get(element) !== watched) return;
      this.#watched.delete(element);
      this.#sizes.unobserve(element);
      this.#visibility.unobserve(element);
      this.#later();
    };
  }

  /** The server has forgotten (new transports): say it again, at once. */
  repeat(): void {
    this.#reported = '';
    this.#eager = true;
    this.#later();
  }

  close(): void {
    clearTimeout(this.#timer);
    document.removeEventListener('visibilitychange', this.#later);
    document.removeEventListener('leavepictureinpicture', this.#later);
    this.#sizes.disconnect();
    this.#visibility.disconnect();
    this.#watched.clear();
  }

  readonly #later = (): void => {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#now(), this.#eager ? 0 : settleMs);
  };

  #now(): void {
    // The room is not drawn yet. Until it has been told, the server chooses, and begins to send.
    if (this.#reported === '' && this.#watched.size === 0 && document.visibilityState === 'visible') return;
    const largest = new Map<string, ShownPicture>();
    for (const [element, { producerId, visible }] of this.#watched) {
      // A small window in front of others is a document of its own, seen while the page behind it is hidden.
      if (!isInSmallWindow(element) && (!visible || element.ownerDocument.visibilityState !== 'visible')) continue;
      const { width, height } = element.getBoundingClientRect();
      const shown = { producerId, width: Math.round(width * devicePixelRatio), height: Math.round(height * devicePixelRatio) };
      if (shown.width === 0 || shown.height === 0) continue;
      if (shown.width > (largest.get(producerId)?.width ?? 0)) largest.set(producerId, shown);
    }
    // The server counts only so many: the largest matter most.
    const shown = [...largest.values()].sort((a, b) => areaOf(b) - areaOf(a) || (a.producerId < b.producerId ? -1 : 1));
    const text = JSON.stringify(shown);
    this.#eager = false;
    if (text === this.#reported) return;
    this.#reported = text;
    this.#report(shown);
  }
}

/** Its picture is shown by the browser in a window without a page. */
function isInSmallWindow(element: Element): boolean {
  return document.pictureInPictureElement !== null && element.contains(document.pictureInPictureElement);
}

function areaOf({ width, height }: ShownPicture): number {
  return width * height;
}
