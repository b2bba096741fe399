/** Who lives, by when each was heard last. Times are of a clock that never jumps. */
import type { NodeFace } from './cluster.js';

export class LivingNodes {
  readonly #leaseMs: number;
  readonly #nodes = new Map<string, { face: NodeFace; heardAt: number }>();

  constructor(leaseMs: number) {
    this.#leaseMs = leaseMs;
  }

  get faces(): NodeFace[] {
    return [...this.#nodes.values()].map(({ face }) => face);
  }

  has(id: string): boolean {
    return this.#nodes.has(id);
  }

  /** True: it was not there before. */
  heard(face: NodeFace, now: number): boolean {
    const known = this.#nodes.get(face.id);
    this.#nodes.set(face.id, { face, heardAt: Math.max(now, known?.heardAt ?? now) });
    return known === undefined;
  }

  /** True: it was there. */
  remove(id: string): boolean {
    return this.#nodes.delete(id);
  }

  /** Takes out those that were silent for too long, and gives their ids. */
  takeSilent(now: number): string[] {
    const silent = [...this.#nodes].filter(([, { heardAt }]) => now - heardAt > this.#leaseMs).map(([id]) => id);
    for (const id of silent) this.#nodes.delete(id);
    return silent;
  }

  /** Nobody could be heard until now: silence counts from a time to come. */
  forgive(until: number): void {
    for (const node of this.#nodes.values()) node.heardAt = Math.max(node.heardAt, until);
  }
}
