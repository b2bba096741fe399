/**
 * What could not be said to a node because the bus was away: kept in its order, and said when the
 * bus is back. Otherwise whoever was put out of a meeting meanwhile would see and hear it for ever.
 */

export interface UnsentDeps {
  /** Gives how many have got it. */
  readonly publish: (nodeId: string, frame: Uint8Array) => Promise<number>;
}

interface Kept {
  readonly sequence: number;
  readonly frame: Uint8Array;
}

/** Frames for one node. A meeting of 300 says about so much in ten minutes. */
const mostFrames = 50_000;

export class Unsent {
  readonly #deps: UnsentDeps;
  readonly #kept = new Map<string, Kept[]>();
  readonly #sending = new Set<string>();

  constructor(deps: UnsentDeps) {
    this.#deps = deps;
  }

  /** Whatever else is said to the node now would overtake it. */
  has(nodeId: string): boolean {
    return this.#kept.has(nodeId);
  }

  /** False: there is no room for it any more. */
  keep(nodeId: string, sequence: number, frame: Uint8Array): boolean {
    const kept = this.#kept.get(nodeId) ?? [];
    if (kept.length >= mostFrames) return false;
    this.#kept.set(nodeId, kept);
    // One that was under way may come back after a later one was kept.
    const at = kept.findLastIndex((other) => other.sequence < sequence) + 1;
    kept.splice(at, 0, { sequence, frame });
    return true;
  }

  forget(nodeId: string): void {
    this.#kept.delete(nodeId);
  }

  /** The bus is there, it seems. Never rejects. */
  async sendAll(): Promise<void> {
    await Promise.all([...this.#kept.keys()].map((nodeId) => this.#sendTo(nodeId)));
  }

  async #sendTo(nodeId: string): Promise<void> {
    if (this.#sending.has(nodeId)) return;
    this.#sending.add(nodeId);
    try {
      for (let next = this.#kept.get(nodeId)?.[0]; next; next = this.#kept.get(nodeId)?.[0]) {
        if ((await this.#deps.publish(nodeId, next.frame)) === 0) return;
        const kept = this.#kept.get(nodeId);
        if (kept?.[0] === next) kept.shift();
      }
      this.#kept.delete(nodeId);
    } catch {
      // It is still away, and is asked again.
    } finally {
      this.#sending.delete(nodeId);
    }
  }
}
