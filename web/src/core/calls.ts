/**
 * Calls that wait for their answer. What has not been sent waits for the next connection; what was
 * sent is lost with its connection, because nobody knows whether the server has done it.
 */
import { RpcError } from './rpc-error';

interface Call {
  readonly method: string;
  readonly payload: Uint8Array;
  readonly resolve: (payload: Uint8Array) => void;
  readonly reject: (error: RpcError) => void;
  readonly timer: ReturnType<typeof setTimeout>;
  sent: boolean;
}

export type SendCall = (id: number, method: string, payload: Uint8Array) => void;

const callMs = 15_000;

export class Calls {
  readonly #waiting = new Map<number, Call>();
  #nextId = 1;

  /** `send`: the connection that is open now, if any. */
  make(method: string, payload: Uint8Array, send: SendCall | null): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId;
      this.#nextId = (this.#nextId % 0xffff_ffff) + 1;
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(RpcError.local('CALL_TIMEOUT'));
      }, callMs);
      this.#waiting.set(id, { method, payload, resolve, reject, timer, sent: false });
      if (send) this.sendAll(send);
    });
  }

  /** Sends what was not sent yet, in the order in which it was asked for. */
  sendAll(send: SendCall): void {
    for (const [id, call] of this.#waiting) {
      if (call.sent) continue;
      call.sent = true;
      send(id, call.method, call.payload);
    }
  }

  answered(id: number, answer: Uint8Array | RpcError): void {
    const call = this.#take(id);
    if (answer instanceof RpcError) call?.reject(answer);
    else call?.resolve(answer);
  }

  /** The connection is lost, and with it what was under way. */
  lost(): void {
    for (const [id, { sent }] of [...this.#waiting]) if (sent) this.#take(id)?.reject(RpcError.local('SOCKET_LOST'));
  }

  rejectAll(error: RpcError): void {
    for (const id of [...this.#waiting.keys()]) this.#take(id)?.reject(error);
  }

  #take(id: number): Call | undefined {
    const call = this.#waiting.get(id);
    this.#waiting.delete(id);
    clearTimeout(call?.timer);
    return call;
  }
}
