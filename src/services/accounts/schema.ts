/** Shapes of the accounts API. The page infers its types from here. */
import { z } from 'zod';
import { lineOfText } from '../../platform/text.js';

const email = z
  .email()
  .max(254)
  .transform((v) => v.toLowerCase());
const personName = lineOfText(80);
const newPassword = z.string().min(8).max(256);

export const personSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  email: z.string().nullable().describe('Null for guests.'),
  role: z.enum(['owner', 'admin', 'member', 'guest', 'app']),
  organisation: z.object({ id: z.uuid(), name: z.string() }),
});
export type Person = z.output<typeof personSchema>;

export const signedInSchema = z.object({
  accessToken: z.string().describe('JWT; send as `Authorization: Bearer`.'),
  expiresInMs: z.number().int(),
  person: personSchema,
  refreshToken: z
    .string()
    .optional()
    .describe('Only for clients that asked for it with `"keep": "body"`; browsers have an HttpOnly cookie.'),
});
export type SignedIn = z.output<typeof signedInSchema>;

const keep = z.enum(['cookie', 'body']).default('cookie').describe('Where the refresh token goes.');

/** POST /api/setup: the first organisation and its owner. */
export const setupBody = z.object({
  token: z.string().min(1).max(200),
  organisation: personName,
  name: personName,
  email,
  password: newPassword,
});
/** POST /api/auth/sign-in */
export const signInBody = z.object({ email, password: z.string().min(1).max(256), keep });
/** POST /api/auth/refresh: from the cookie, or from the body. */
export const refreshBody = z.object({ refreshToken: z.string().max(200).optional() }).nullish();

/** POST /api/invitations */
export const invitationBody = z.object({ email, role: z.enum(['admin', 'member']).default('member') });
export const invitationSchema = z.object({
  id: z.uuid(),
  email: z.string(),
  role: z.enum(['admin', 'member', 'guest']),
  invitedBy: z.string(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export type Invitation = z.output<typeof invitationSchema>;
export const invitationMadeSchema = invitationSchema.extend({
  link: z.url().describe('Give this to the invited person; it is shown once.'),
});
const invitationToken = z.string().min(1).max(200);
/** POST /api/invitations/look-up */
export const invitationLookUpBody = z.object({ token: invitationToken });
export const invitationFaceSchema = z.object({
  organisation: z.string(),
  email: z.string(),
  role: z.enum(['admin', 'member', 'guest']),
  invitedBy: z.string(),
  conversation: z.string().nullable().describe('Of a guest: the title of the conversation that it leads to.'),
  known: z.boolean().describe('The guest has an account: accept with its password.'),
});
/** POST /api/invitations/accept */
export const acceptBody = z.object({ token: invitationToken, name: personName, password: newPassword });

/** GET /api/devices: where the person is signed in. */
export const deviceSchema = z.object({
  id: z.uuid(),
  client: z.string(),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime(),
  current: z.boolean(),
});
export type Device = z.output<typeof deviceSchema>;

/** GET /api/guests: people from outside with accounts. */
export const guestSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  email: z.string(),
  createdAt: z.iso.datetime(),
  conversations: z.array(z.object({ id: z.uuid(), title: z.string() })),
});
export type Guest = z.output<typeof guestSchema>;
