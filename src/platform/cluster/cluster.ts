/**
 * The nodes of one installation: who is there, and calls between them over the bus. A server that
 * runs alone is a cluster of one, and calls nobody.
 */
import type { EventEmitter } from 'node:events';

export interface ClusterEvents {
  joined: [node: NodeFace];
  /** It has said goodbye, or was silent for longer than CLUSTER_LEASE_MS. */
  gone: [nodeId: string];
}

/** What a node tells the others of itself. */
export interface NodeFace {
  readonly id: string;
  /** Share of its media workers' cores that is in use, 0 to 1. */
  readonly mediaLoad: number;
  /** Where pages reach its socket. */
  readonly gatewayUrl: string;
  /** It is being shut down: give it nothing new. */
  readonly draining: boolean;
}

export interface Cluster extends EventEmitter<ClusterEvents> {
  /** Of this process; a restart makes a new one. */
  readonly nodeId: string;
  /** Those that live, this one first. */
  readonly nodes: readonly NodeFace[];
  /**
   * Asks another node, and waits for its answer. Calls and answers between two nodes keep their order.
   *
   * @throws CausewayError as the other node threw it; CLUSTER_NODE_GONE when it is gone, or has not answered in `answerMs` (default 5 s).
   */
  call<Name extends CallName>(
    nodeId: string,
    name: Name,
    request: Calls[Name]['request'],
    options?: { readonly answerMs?: number },
  ): Promise<Calls[Name]['reply']>;
  /** Answers a call of other nodes from now on; once for each name. */
  answer<Name extends CallName>(name: Name, answer: (request: Calls[Name]['request'], from: string) => Promise<Calls[Name]['reply']>): void;
  /** Says something to another node; nobody answers. Keeps its order with calls. */
  tell<Name extends WordName>(nodeId: string, name: Name, word: Words[Name]): void;
  hear<Name extends WordName>(name: Name, listener: (word: Words[Name], from: string) => void): void;
  /** Idempotent. Says goodbye. */
  close(): Promise<void>;
}

/**
 * Calls that parts make between nodes, by name. Each part adds its own by declaration merging, beside
 * the code that answers them. Values must survive a structured clone.
 */
// biome-ignore lint/suspicious/noEmptyInterface: parts merge their calls into it.
export interface Calls {}
// biome-ignore lint/suspicious/noEmptyInterface: parts merge their words into it.
export interface Words {}

type CallFace = { readonly request: unknown; readonly reply: unknown };
export type CallName = { [Name in keyof Calls]: Calls[Name] extends CallFace ? Name : never }[keyof Calls];
export type WordName = keyof Words;
