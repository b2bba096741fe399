import type { FallBack } from '../schema.js';

/** Why a model gave nothing that can be used. */
export class ModelError extends Error {
  override readonly name = 'ModelError';

  constructor(
    readonly reason: FallBack,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
