/** One HTTP call to the server, without who calls: that is the session's. */
import i18next from 'i18next';
import { ApiError } from './api-error';

export interface CallOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly token?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** For what takes its time, such as a large file. */
  readonly timeOutMs?: number | undefined;
}

const usualTimeOutMs = 20_000;

/** @throws ApiError; what `signal` was aborted with, when it was. */
export async function call<Answer>(path: string, options: CallOptions = {}): Promise<Answer> {
  const response = await send(path, options);
  if (!response.ok) throw await refusal(response);
  try {
    // The server checks its answers against the schemas from which the types of `Answer` are made.
    const answer: Answer = await response.json();
    return answer;
  } catch (error) {
    throw unreadable(error);
  }
}

/** A file. @throws ApiError; what `signal` was aborted with, when it was. */
export async function callForBytes(path: string, options: CallOptions = {}): Promise<Blob> {
  const response = await send(path, options);
  if (!response.ok) throw await refusal(response);
  try {
    return await response.blob();
  } catch (error) {
    throw unreadable(error);
  }
}

async function send(
  path: string,
  { method = 'GET', body, query, token, signal, timeOutMs = usualTimeOutMs }: CallOptions,
): Promise<Response> {
  const headers = new Headers({ accept: 'application/json', 'accept-language': i18next.language });
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  if (body !== undefined) headers.set('content-type', 'application/json');
  try {
    return await fetch(`${path}${search(query)}`, {
      method,
      headers,
      credentials: 'same-origin',
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.any([AbortSignal.timeout(timeOutMs), ...(signal ? [signal] : [])]),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError({ code: 'NETWORK', message: i18next.t('error.network'), retryable: true, cause: error });
  }
}

function search(query: CallOptions['query'] = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  return parameters.size > 0 ? `?${parameters}` : '';
}

async function refusal(response: Response): Promise<ApiError> {
  const answer: unknown = await response.json().catch(() => null);
  const error = isRecord(answer) ? answer.error : null;
  if (isRecord(error) && typeof error.code === 'string' && typeof error.message === 'string') {
    const field = typeof error.field === 'string' ? error.field : undefined;
    return new ApiError({ code: error.code, message: error.message, field, retryable: error.retryable === true });
  }
  // Not our server: a proxy that can't reach it, most likely.
  if (response.status >= 500) return new ApiError({ code: 'NETWORK', message: i18next.t('error.network'), retryable: true });
  return unreadable(undefined);
}

function unreadable(cause: unknown): ApiError {
  return new ApiError({ code: 'ANSWER_UNREADABLE', message: i18next.t('error.answer'), cause });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
