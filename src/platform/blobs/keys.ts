/** What a key may look like, for every store alike: nothing that a folder, a URL or a shell reads in another way. */
const segment = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/;
/** S3 takes 1,024 bytes. */
const keyCharacters = 1_000;

/** A key that no store may be asked for. A mistake of the program, not of the caller: keys are made by us. */
export class BlobKeyError extends Error {
  override readonly name = 'BlobKeyError';
}

export function checkKey(key: string): void {
  if (key.length > keyCharacters || !key.split('/').every((part) => segment.test(part)))
    throw new BlobKeyError(`"${key.slice(0, 100)}" is not a key for a blob.`);
}

/** A prefix is the beginning of a key, cut anywhere. */
export function checkPrefix(prefix: string): void {
  const parts = prefix.split('/');
  if (parts.at(-1) === '') parts.pop();
  if (parts.length > 0) checkKey(parts.join('/'));
}
