export type { BlobInfo, BlobStore } from './blob-store.js';
export { BlobStoreError } from './blob-store-error.js';
export { BlobKeyError } from './keys.js';
export { openBlobs } from './open-blobs.js';
