/**
 * HTTP to servers that the operator has set. Their addresses need no check (they are usually on this
 * machine or beside it), but they may hang, send without end, or send elsewhere.
 */
export interface BoundedRequest {
  readonly method: string;
  readonly body: FormData | string;
  readonly headers: Readonly<Record<string, string>>;
  /** For everything. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

/** Resolves for every status. @throws Error also when the answer is too long, redirects, or takes too long (TimeoutError). */
export async function boundedFetch(url: string, request: BoundedRequest): Promise<{ readonly status: number; readonly text: string }> {
  const { method, body, headers, timeoutMs, maxBytes } = request;
  const time = AbortSignal.timeout(timeoutMs);
  const signal = request.signal ? AbortSignal.any([time, request.signal]) : time;
  // A redirect would take the key along to who knows whom.
  const answer = await fetch(url, { method, body, headers, signal, redirect: 'error' });
  const parts: Uint8Array[] = [];
  let bytes = 0;
  if (answer.body) {
    for await (const part of answer.body) {
      bytes += part.length;
      if (bytes > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`);
      parts.push(part);
    }
  }
  return { status: answer.status, text: Buffer.concat(parts).toString('utf8') };
}
