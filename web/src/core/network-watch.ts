/**
 * Notices what the browser tells late or not at all: another network, and a computer that slept.
 * `moved`: the path to the server is another one for sure. `seen`: it may be.
 */
import { Emitter } from './emitter';

export interface NetworkWatchEvents {
  changed: [how: 'moved' | 'seen'];
}

/** What this class needs of the page; tests bring their own. */
export interface NetworkSigns {
  readonly page: EventTarget;
  readonly document: EventTarget & { readonly visibilityState: DocumentVisibilityState };
  /** Network Information API, where the browser has it; `type` is known on phones and tablets alone. */
  readonly connection: (EventTarget & { readonly type?: string }) | null;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
}

const tickMs = 1_000;
/** A timer that is later than this did not run because nothing ran. */
const sleptMs = 5_000;

export class NetworkWatch extends Emitter<NetworkWatchEvents> {
  readonly #signs: NetworkSigns;
  readonly #timer: ReturnType<typeof setInterval>;
  #type: string | undefined;
  #tickedAt: number;

  constructor(signs: NetworkSigns = signsOfPage()) {
    super();
    this.#signs = signs;
    this.#type = signs.connection?.type;
    this.#tickedAt = signs.now();
    this.#timer = setInterval(this.#tick, tickMs);
    signs.page.addEventListener('online', this.#moved);
    signs.document.addEventListener('resume', this.#moved);
    signs.document.addEventListener('visibilitychange', this.#seen);
    signs.connection?.addEventListener('change', this.#connectionChanged);
  }

  /** Idempotent. */
  close(): void {
    const { page, document, connection } = this.#signs;
    clearInterval(this.#timer);
    page.removeEventListener('online', this.#moved);
    document.removeEventListener('resume', this.#moved);
    document.removeEventListener('visibilitychange', this.#seen);
    connection?.removeEventListener('change', this.#connectionChanged);
  }

  readonly #moved = (): void => this.emit('changed', 'moved');

  readonly #seen = (): void => {
    if (this.#signs.document.visibilityState !== 'visible') return;
    // Awake again: the timer may come only after this.
    if (!this.#tick()) this.emit('changed', 'seen');
  };

  /** Most of these events say that the same network is faster or slower. */
  readonly #connectionChanged = (): void => {
    const type = this.#signs.connection?.type;
    if (type === this.#type) return;
    this.#type = type;
    if (type !== 'none') this.#moved();
  };

  /** True: the computer slept, and this was told. */
  readonly #tick = (): boolean => {
    const now = this.#signs.now();
    const slept = now - this.#tickedAt > tickMs + sleptMs;
    this.#tickedAt = now;
    if (slept) this.#moved();
    return slept;
  };
}

function signsOfPage(): NetworkSigns {
  const connection: unknown = Reflect.get(navigator, 'connection');
  return { page: globalThis, document, connection: connection instanceof EventTarget ? connection : null, now: Date.now };
}
