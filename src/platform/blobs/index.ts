export type { BlobInfo, BlobStore } from './blob-store.js';
