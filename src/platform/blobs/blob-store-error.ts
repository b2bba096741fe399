/** Why the server can't start with this store, in a sentence for who runs it. */
export class BlobStoreError extends Error {
  override readonly name = 'BlobStoreError';
}
