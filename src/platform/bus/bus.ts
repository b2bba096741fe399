/**
 * The bus between nodes: messages to whoever listens now, and leases. In-process where there is
 * one node, Redis where there are several; `tests/integration/platform/bus.test.ts` holds both to the
 * same contract.
 */
export interface Bus {
  /** True when other nodes may be listening. */
  readonly shared: boolean;
  /**
   * Delivers to all current subscribers of the channel, this node's included, in the order of one
   * publisher. Not durable. Gives how many nodes it went to.
   */
  publish(channel: string, payload: Uint8Array): Promise<number>;
  /** Resolves once messages published from now on will arrive. A listener that throws is logged and stays subscribed. */
  subscribe(channel: string, listener: (payload: Uint8Array) => void): Promise<Unsubscribe>;
  /** Takes the lease of a name for `ttlMs` unless another holder has it. Null: another holder has it. */
  acquireLease(name: string, holder: string, ttlMs: number): Promise<Lease | null>;
  /** Who has the lease of a name now. */
  leaseHolder(name: string): Promise<string | null>;
  /** Hears when messages may have been lost, and come again from now on. Gives how to stop. */
  onRestored(listener: () => void): () => void;
  /** Resolves true when the bus answers. */
  healthy(): Promise<boolean>;
  /** Idempotent. */
  close(): Promise<void>;
}

export type Unsubscribe = () => Promise<void>;

export interface Lease {
  readonly name: string;
  readonly holder: string;
  /** Prolongs by the lease's time. False: it was lost; stop acting on it. */
  renew(): Promise<boolean>;
  /** Gives it back, if still held. */
  release(): Promise<void>;
}
