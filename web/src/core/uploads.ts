/**
 * A file on its way to the server, in pieces, by the tus protocol: what a lost network cuts off goes
 * on where the server says that it stands. Pieces grow and shrink with the network, so that progress
 * is seen and no proxy loses patience.
 */
import type { Upload } from '@server/chat/attachments/schema';
import { backOff } from './back-off';
import { RpcError } from './rpc-error';

export interface UploadOptions {
  readonly conversationId: string;
  readonly file: Blob;
  readonly name: string;
  /** BCP 47, for refusals. */
  readonly language: string;
  /** A token that is good for a minute at least. */
  readonly token: () => Promise<string>;
  /** 0 to 1. */
  readonly onProgress?: (part: number) => void;
  /** What the person answered to CHAT_DLP_WARNED or CHAT_DLP_REASON. */
  readonly acknowledged?: boolean;
  readonly reason?: string;
}

export interface RunningUpload {
  /** The file as the server has it. Rejects with an RpcError, or with the signal's reason when cancelled. */
  readonly done: Promise<Upload>;
  /** Stops, and takes back what is there already. Harmless afterwards. */
  cancel(): void;
}

/** What this needs of the page; tests bring their own. */
export interface UploadSigns {
  /** Begins every address. */
  readonly base: string;
  readonly page: EventTarget;
  readonly online: () => boolean;
  readonly now: () => number;
}

const firstPiece = 512 * 1_024;
const smallestPiece = 64 * 1_024;
/** The server stores such parts. */
const largestPiece = 16 * 1_048_576;
/** A piece that takes less is followed by a larger one, one that takes more by a smaller one, milliseconds. */
const quickMs = 1_000;
const slowMs = 6_000;
/** No answer by then: the connection is dead. The server gives up earlier. */
const patienceMs = 120_000;
/** Failures in a row, with the network there. */
const mostFailures = 12;
const waits = { firstMs: 500, maxMs: 20_000 };

export function startUpload(options: UploadOptions, signs: UploadSigns = signsOfPage()): RunningUpload {
  const upload = new FileUpload(options, signs);
  return { done: upload.run(), cancel: () => upload.cancel() };
}

class FileUpload {
  readonly #options: UploadOptions;
  readonly #signs: UploadSigns;
  readonly #stop = new AbortController();
  #path: string | null = null;
  #offset = 0;
  #piece = firstPiece;
  #largest = largestPiece;
  #failures = 0;
  #finished = false;

  constructor(options: UploadOptions, signs: UploadSigns) {
    this.#options = options;
    this.#signs = signs;
  }

  async run(): Promise<Upload> {
    for (;;) {
      try {
        const upload = await this.#go();
        this.#finished = true;
        return upload;
      } catch (error) {
        this.#stop.signal.throwIfAborted();
        this.#failures += 1;
        // A proxy on the way takes less than the server.
        if (error instanceof RpcError && error.code === tooLargeForProxy)
          this.#largest = this.#piece = Math.max(smallestPiece, this.#piece / 2);
        if (!mayPass(error) || (this.#signs.online() && this.#failures >= mostFailures)) throw error;
        await this.#pause();
      }
    }
  }

  cancel(): void {
    if (this.#finished || this.#stop.signal.aborted) return;
    this.#stop.abort();
    const path = this.#path;
    // Nobody waits for it; what stays is removed by the server after a day.
    if (path !== null)
      void this.#headers()
        .then((headers) => fetch(path, { method: 'DELETE', headers }))
        .catch(() => undefined);
  }

  /** From where the server stands to the end. */
  async #go(): Promise<Upload> {
    const { file } = this.#options;
    if (this.#path === null) await this.#create();
    else if (this.#failures > 0) await this.#find();
    while (this.#offset < file.size) await this.#send(this.#path ?? '');
    const answer = await this.#call(this.#path ?? '', { method: 'GET' });
    const upload: Upload = await answer.json();
    return upload;
  }

  /** A small file comes with the call. */
  async #create(): Promise<void> {
    const { conversationId, file, name, acknowledged = false, reason = '' } = this.#options;
    const whole = file.size > 0 && file.size <= Math.min(firstPiece, this.#largest);
    const answer = await this.#call(`${this.#signs.base}/api/uploads`, {
      method: 'POST',
      headers: {
        'upload-length': String(file.size),
        'upload-metadata': metadata({
          conversationId,
          filename: name.slice(0, 500),
          filetype: mediaType.exec(file.type)?.[0] ?? '',
          ...(acknowledged ? { acknowledged: 'true' } : {}),
          ...(reason ? { reason } : {}),
        }),
        ...(whole ? { 'content-type': pieceType } : {}),
      },
      ...(whole ? { body: file } : {}),
    });
    this.#path = `${this.#signs.base}${answer.headers.get('location') ?? ''}`;
    this.#moved(answer);
  }

  async #find(): Promise<void> {
    this.#moved(await this.#call(this.#path ?? '', { method: 'HEAD' }));
  }

  async #send(path: string): Promise<void> {
    const begun = this.#signs.now();
    const piece = this.#options.file.slice(this.#offset, this.#offset + this.#piece);
    try {
      this.#moved(
        await this.#call(path, {
          method: 'PATCH',
          headers: { 'upload-offset': String(this.#offset), 'content-type': pieceType },
          body: piece,
        }),
      );
    } catch (error) {
      this.#piece = Math.max(smallestPiece, this.#piece / 2);
      throw error;
    }
    const took = this.#signs.now() - begun;
    if (took < quickMs) this.#piece = Math.min(this.#largest, this.#piece * 2);
    else if (took > slowMs) this.#piece = Math.max(smallestPiece, this.#piece / 2);
  }

  #moved(answer: Response): void {
    const offset = Number(answer.headers.get('upload-offset'));
    if (!Number.isSafeInteger(offset)) throw new RpcError('SOCKET_LOST', 'The answer says no offset.', true);
    if (offset > this.#offset) this.#failures = 0;
    this.#offset = offset;
    this.#options.onProgress?.(this.#options.file.size === 0 ? 1 : offset / this.#options.file.size);
  }

  /** @throws RpcError; the signal's reason when cancelled. */
  async #call(url: string, init: { method: string; headers?: Readonly<Record<string, string>>; body?: Blob }): Promise<Response> {
    // A network that goes takes its calls along; some browsers notice only after minutes.
    const gone = new AbortController();
    const leave = (): void => gone.abort();
    this.#signs.page.addEventListener('offline', leave);
    try {
      const answer = await fetch(url, {
        ...init,
        headers: { ...(await this.#headers()), ...init.headers },
        credentials: 'same-origin',
        signal: AbortSignal.any([this.#stop.signal, gone.signal, AbortSignal.timeout(patienceMs)]),
      });
      if (!answer.ok) throw await refusal(answer);
      return answer;
    } catch (error) {
      this.#stop.signal.throwIfAborted();
      if (error instanceof TypeError || error instanceof DOMException) throw RpcError.local('SOCKET_LOST');
      throw error;
    } finally {
      this.#signs.page.removeEventListener('offline', leave);
    }
  }

  async #headers(): Promise<Record<string, string>> {
    const { token, language } = this.#options;
    return { authorization: `Bearer ${await token()}`, 'accept-language': language, 'tus-resumable': '1.0.0' };
  }

  /** For a while, or until the network is back. */
  #pause(): Promise<void> {
    const { page, online } = this.#signs;
    const { signal } = this.#stop;
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        page.removeEventListener('online', go);
        signal.removeEventListener('abort', cancelled);
      };
      const go = (): void => {
        end();
        resolve();
      };
      const cancelled = (): void => {
        end();
        reject(signal.reason);
      };
      // Without a network only its return is worth a try; should the browser be wrong about it, so is a long wait.
      const timer = setTimeout(go, online() ? backOff(this.#failures, waits) : 3 * waits.maxMs);
      page.addEventListener('online', go);
      signal.addEventListener('abort', cancelled);
    });
  }
}

/** Without parameters; some systems know strange ones. */
const mediaType = /^[\w.+-]{1,60}\/[\w.+-]{1,100}(?=;|$)/;
const tooLargeForProxy = 'PROXY_TOO_LARGE';
const pieceType = 'application/offset+octet-stream';

/** The same may succeed later, from where the server stands. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return error.code === 'UPLOAD_OFFSET' || error.code === 'AUTH_EXPIRED' || ('retryable' in error && error.retryable === true);
}

/** Keys and values in Base64 of UTF-8, as the protocol wants. */
function metadata(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key} ${btoa(String.fromCharCode(...new TextEncoder().encode(value)))}`)
    .join(',');
}

async function refusal(answer: Response): Promise<RpcError> {
  const body: unknown = await answer.json().catch(() => null);
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : null;
  if (typeof error === 'object' && error !== null && 'code' in error && 'message' in error)
    return new RpcError(String(error.code), String(error.message), 'retryable' in error && error.retryable === true);
  // The answer to HEAD has no body; and a proxy that can't reach the server has its own.
  if (answer.status === 404) return new RpcError('UPLOAD_NOT_FOUND', 'UPLOAD_NOT_FOUND', false);
  if (answer.status === 401) return new RpcError('AUTH_EXPIRED', 'AUTH_EXPIRED', false);
  if (answer.status === 413) return new RpcError(tooLargeForProxy, tooLargeForProxy, true);
  return new RpcError('SOCKET_LOST', `${answer.status}`, answer.status >= 500 || answer.status === 408 || answer.status === 429);
}

function signsOfPage(): UploadSigns {
  return { base: '', page: globalThis, online: () => navigator.onLine, now: Date.now };
}
