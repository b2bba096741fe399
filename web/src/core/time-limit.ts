import { RpcError } from './rpc-error';

/** @throws RpcError CALL_TIMEOUT when it takes longer. */
export function within<Result>(timeoutMs: number, promise: Promise<Result>): Promise<Result> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(RpcError.local('CALL_TIMEOUT')), timeoutMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
