/** What the benchmark asks of the processes that hold the generated people. */
import type { AttendeeSettings, Joined } from './attendee.js';
import type { BareEntranceOptions } from './bare-entrance.js';
import type { ProductEntranceOptions } from './product-entrance.js';
import type { Reading } from './tally.js';

export type Way = ({ readonly to: 'product' } & ProductEntranceOptions) | ({ readonly to: 'bare' } & BareEntranceOptions);

export interface CrowdCalls {
  readonly open: { readonly request: { readonly settings: AttendeeSettings; readonly way: Way }; readonly reply: Joined };
  /** Pictures for cameras that come from now on: by number, one clip for each layer. */
  readonly giveClips: { readonly request: { readonly clips: readonly (readonly Uint8Array[])[][] }; readonly reply: null };
  /** Those with these numbers. */
  readonly close: { readonly request: { readonly numbers: readonly number[] }; readonly reply: null };
  readonly show: {
    readonly request: {
      readonly number: number;
      readonly producerIds: readonly string[];
      readonly size: { readonly width: number; readonly height: number };
    };
    readonly reply: null;
  };
  readonly speak: { readonly request: { readonly number: number; readonly on: boolean }; readonly reply: { readonly at: number } };
  /** Whether cameras heed what the server says of the demand. */
  readonly obey: { readonly request: { readonly on: boolean }; readonly reply: null };
  /** From now on, the first packet with this voice at each who listens. */
  readonly awaitVoice: { readonly request: { readonly speaker: number }; readonly reply: null };
  readonly voices: { readonly request: null; readonly reply: readonly VoiceHeard[] };
  /** Opens a port for packets that come without a server between; gives it. */
  readonly listen: { readonly request: null; readonly reply: number };
  readonly sendTo: { readonly request: { readonly ports: readonly number[] }; readonly reply: null };
  readonly mark: { readonly request: null; readonly reply: null };
  readonly read: { readonly request: null; readonly reply: CrowdReading };
}

export interface VoiceHeard {
  readonly listener: number;
  /** Of the first packet that came, microseconds of the machine's clock. */
  readonly sentAt: number;
  readonly at: number;
}

export interface CrowdReading extends Reading {
  /** Packets that attendees have sent since the mark. */
  readonly sent: { readonly audio: number; readonly video: number };
  /** What should not have happened since the mark. */
  readonly troubles: readonly string[];
  /** Datagrams that were lost on the generator's own sockets since the mark. */
  readonly dropped: number;
  /** Of packets that came without a server between; classes of Histogram. */
  readonly ownDelays: Uint32Array;
}

export interface CrowdRequest {
  readonly id: number;
  readonly name: keyof CrowdCalls;
  readonly request: unknown;
}

export interface CrowdReply {
  readonly id: number;
  readonly error?: string;
  readonly reply?: unknown;
}
