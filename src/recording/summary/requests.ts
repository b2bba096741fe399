/** What the jobs of summaries carry. */
import { z } from 'zod';

export const againSchema = z.object({ orgId: z.uuid(), recordingId: z.uuid() });
export const tellSchema = z.object({ orgId: z.uuid(), actionId: z.uuid(), revision: z.number().int() });
