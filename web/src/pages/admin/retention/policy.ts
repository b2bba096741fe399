import type { RetentionFace } from '@/api';

/** How long messages of one place are kept. */
export type Policy = RetentionFace['policies'][number];
