/** Packets in the order of their numbers (RFC 3550 section 5.1); what is missing is waited for a moment. */
export interface Numbered {
  /** 16 bits, wraps. */
  readonly sequenceNumber: number;
}

/** A packet that is this late is lost for captions. */
const patienceMs = 80;
/** Or when so many came after it. */
const mostWaiting = 12;
/** A number that far from the last one is the beginning of another count. */
const farAway = 1_000;

export class ReorderBuffer<Packet extends Numbered> {
  readonly #waiting = new Map<number, { readonly packet: Packet; readonly at: number }>();
  /** The number that comes next. */
  #next: number | null = null;

  /** Gives what is in order now. */
  push(packet: Packet, at: number): Packet[] {
    const number = packet.sequenceNumber & 0xffff;
    this.#next ??= number;
    const ahead = distance(this.#next, number);
    if (Math.abs(ahead) > farAway) {
      const before = this.drain();
      this.#next = (number + 1) & 0xffff;
      return [...before, packet];
    }
    // Its place is gone, or it came twice.
    if (ahead < 0 || this.#waiting.has(number)) return [];
    this.#waiting.set(number, { packet, at });
    return this.due(at);
  }

  /** What is in order, or has waited long enough for what is missing. */
  due(now: number): Packet[] {
    const packets: Packet[] = [];
    while (this.#next !== null && this.#waiting.size > 0) {
      const waiting = this.#waiting.get(this.#next);
      if (waiting) {
        this.#waiting.delete(this.#next);
        packets.push(waiting.packet);
      } else {
        const oldest = Math.min(...[...this.#waiting.values()].map(({ at }) => at));
        if (this.#waiting.size < mostWaiting && now - oldest < patienceMs) break;
      }
      this.#next = (this.#next + 1) & 0xffff;
    }
    return packets;
  }

  /** All that is here; the count begins anew. */
  drain(): Packet[] {
    const next = this.#next ?? 0;
    const packets = [...this.#waiting.values()].map(({ packet }) => packet);
    packets.sort((a, b) => distance(next, a.sequenceNumber) - distance(next, b.sequenceNumber));
    this.#waiting.clear();
    this.#next = null;
    return packets;
  }
}

/** From one 16-bit number to another, the short way round. */
function distance(from: number, to: number): number {
  return ((((to - from) & 0xffff) + 0x8000) & 0xffff) - 0x8000;
}
