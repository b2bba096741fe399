/** Shapes of the report on a call's quality. The page infers its types from here. */
import { z } from 'zod';

/**
 * What spoils a call, in the order in which a report names them:
 * loss-in and loss-out (packets that did not come to him, and from him), delay (round trip), jitter,
 * freezes (pictures that stood still), cpu and bandwidth (what kept his own picture small), starved
 * (pictures of others that did not come for lack of bandwidth).
 */
export const impairments = ['loss-in', 'loss-out', 'delay', 'jitter', 'freezes', 'starved', 'bandwidth', 'cpu'] as const;
export type Impairment = (typeof impairments)[number];

const ratio = z.number().min(0).max(1);
const milliseconds = z.object({ p50: z.number(), p95: z.number() }).describe('Milliseconds; p95: it was better for 95 % of the time.');
const picture = z.object({ width: z.int(), height: z.int(), framesPerSecond: z.int() });

/** GET /api/meetings/:id/quality?mine=true&limit=500 */
export const qualityQuery = z.object({
  mine: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .describe("true: the caller's own part alone, which everybody with an account who was in the meeting may read."),
  limit: z.coerce.number().int().min(1).max(2_000).default(500).describe('So many people at most, those who suffered most first.'),
});

export const personQualitySchema = z.object({
  personId: z.uuid(),
  name: z.string(),
  guest: z.boolean(),
  seconds: z.int().describe('How long he was in the meeting, until now if he still is.'),
  measuredSeconds: z.int().describe('For how long his page has reported. Everything below is of this time.'),
  grade: z
    .number()
    .min(0)
    .max(10)
    .nullable()
    .describe(
      'Of the worst quarter of his minutes, on average. 10 is best; below 7 one notices, below 4 one suffers. Null: nothing was reported.',
    ),
  causes: z.array(z.enum(impairments)).describe('What cost him the most of the grade, the worst first.'),
  lossIn: ratio.nullable().describe('Share of the packets sent to him that did not arrive. Null: none were sent.'),
  lossOut: ratio.nullable().describe('Share of the packets that he sent that did not arrive.'),
  roundTripMs: milliseconds.nullable().describe('To the server and back. Null: not known.'),
  jitterMs: milliseconds.nullable().describe('Unevenness of the sound that came. Null: none came.'),
  concealed: ratio.describe('Share of the sound that his browser had to invent.'),
  freezes: z.object({ count: z.int(), seconds: z.number() }).describe('Pictures that stood still, and for how long together.'),
  picture: z
    .object({ best: picture, typical: picture })
    .nullable()
    .describe('The largest picture received: the best of the call, and the size that there was for the longest time. Null: none came.'),
  bitsPerSecondIn: z.int(),
  bitsPerSecondOut: z.int(),
  limited: z
    .object({ none: ratio, cpu: ratio, bandwidth: ratio, other: ratio })
    .describe('Shares of the time by what kept his own picture below its best.'),
  starved: ratio.describe('Share of the time in which a picture that he wanted did not come for lack of bandwidth.'),
  relayed: ratio.describe('Share of the time in which his media went over TCP or a TURN server.'),
  grades: z
    .array(z.number().min(0).max(10).nullable())
    .describe('The grade of each minute, the first of them beginning at `from`. Null: nothing was reported in it.'),
});
export type PersonQuality = z.output<typeof personQualitySchema>;

export const qualityReportSchema = z.object({
  meetingId: z.uuid(),
  title: z.string(),
  from: z.iso
    .datetime()
    .nullable()
    .describe('Where the grades by minute begin: the full minute in which the first came. Null: nobody did.'),
  total: z.int().describe('How many people were in the meeting; more than are listed when it is above the limit.'),
  people: z.array(personQualitySchema).describe('The one with the worst grade first; those of whom nothing is known last.'),
});
export type QualityReport = z.output<typeof qualityReportSchema>;
