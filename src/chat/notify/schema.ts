/** Shapes of the API of notifications and scheduled messages. The page infers its types from here. */
import { z } from 'zod';

export const notificationLanguages = ['en', 'zh-Hant', 'zh-Hans'] as const;
const language = z.enum(notificationLanguages);

/** GET /api/push/key */
export const pushKeySchema = z.object({
  key: z.string().describe('For `applicationServerKey` of PushManager.subscribe: a P-256 point, base64url (RFC 8292).'),
});

const base64url = (bytes: number) =>
  z.string().refine((text) => /^[\w-]{1,200}={0,2}$/.test(text) && decoded(text) === bytes, `must be ${bytes} bytes, base64url`);

/** POST /api/push/subscriptions : what PushSubscription.toJSON() gives, and the language of the page. */
export const pushSubscriptionBody = z.object({
  endpoint: z.url({ protocol: /^https?$/ }).max(2_000),
  keys: z.object({
    p256dh: base64url(65).describe('RFC 8291 section 2.1.'),
    auth: base64url(16),
  }),
  language: language.default('en'),
});
export type PushSubscriptionBody = z.output<typeof pushSubscriptionBody>;

const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM');
const quiet = z.object({
  from: time,
  to: time.describe('At or before `from`: on the next day.'),
  days: z
    .array(z.number().int().min(0).max(6))
    .max(7)
    .overwrite((days) => [...new Set(days)].sort())
    .describe('Days on which the quiet hours begin; 0 is Sunday.'),
  timeZone: z
    .string()
    .max(60)
    .refine((name) => isZone(name), 'must be the IANA name of a time zone')
    .describe('IANA name, such as Asia/Hong_Kong.'),
});

/** GET, PATCH /api/notification-settings : the caller's own. */
export const notificationSettingsSchema = z.object({
  email: z.boolean().describe('Reminders of urgent messages also come by e-mail.'),
  previews: z.boolean().describe('Names and text may be shown, where the organisation allows it.'),
  language: language.nullable().describe('Of e-mails. Null: English and Chinese in one.'),
  quiet: quiet.nullable().describe('Nothing is told in these hours. Null: none.'),
  urgentInQuiet: z.boolean().describe('Urgent messages come in quiet hours too, where the organisation allows it.'),
});
export type NotificationSettings = z.output<typeof notificationSettingsSchema>;
export const notificationSettingsPatch = notificationSettingsSchema.partial();
export type NotificationSettingsPatch = z.output<typeof notificationSettingsPatch>;

export const privacies = ['ids', 'names', 'text'] as const;
/** GET, PATCH /api/notification-policy : the organisation's; for its owner and admins. */
export const notificationPolicySchema = z.object({
  privacy: z
    .enum(privacies)
    .describe('What leaves the server with a notification: ids alone, also who and where, or also the beginning of the text.'),
  urgentOverQuiet: z.boolean().describe('Urgent messages may come in quiet hours, unless the person says no.'),
  webhookUrl: z.string().nullable().describe('Called about urgent messages that are not confirmed.'),
});
export const notificationPolicyPatch = notificationPolicySchema
  .extend({
    webhookUrl: z
      .url({ protocol: /^https?$/ })
      .max(2_000)
      .nullable(),
  })
  .partial();
export type NotificationPolicyPatch = z.output<typeof notificationPolicyPatch>;
export const notificationPolicyChangedSchema = notificationPolicySchema.extend({
  webhookSecret: z.string().optional().describe('Signs the calls; made with a new address, and shown this once.'),
});

/** A body is measured in characters by the setting CHAT_BODY_CHARACTERS; this bound is for what is read at all. */
const body = z.string().max(200_000);
const sendAt = z.iso.datetime({ offset: true }).describe('When. Within a year.');
const mentions = z.array(z.uuid()).max(50).describe('Members of the conversation.');

/** POST /api/conversations/:id/scheduled */
export const scheduledBody = z.object({
  body,
  sendAt,
  thread: z.number().int().min(1).max(0x7fff_ffff).nullable().default(null),
  mentions: mentions.default([]),
  mentionsAll: z.boolean().default(false),
  dlpAcknowledged: z.boolean().default(false).describe('The answer to CHAT_DLP_WARNED.'),
  dlpReason: z.string().max(500).default('').describe('The answer to CHAT_DLP_REASON.'),
});
export type ScheduledBody = z.output<typeof scheduledBody>;
/** PATCH /api/scheduled/:id : one that was refused waits again. */
export const scheduledPatch = z
  .object({ body, sendAt, mentions, mentionsAll: z.boolean(), dlpAcknowledged: z.boolean(), dlpReason: z.string().max(500) })
  .partial();
export type ScheduledPatch = z.output<typeof scheduledPatch>;

export const scheduledSchema = z.object({
  id: z.uuid(),
  conversationId: z.uuid(),
  body: z.string().describe('Empty where it was refused and must not be kept.'),
  sendAt: z.iso.datetime(),
  thread: z.number().int().nullable(),
  mentions: z.array(z.uuid()),
  mentionsAll: z.boolean(),
  state: z.enum(['waiting', 'sending', 'refused']),
  refusal: z.object({ code: z.string(), message: z.string() }).nullable().describe('Why it was not sent when its time had come.'),
});
export type ScheduledFace = z.output<typeof scheduledSchema>;
export const scheduledListSchema = z.object({ scheduled: z.array(scheduledSchema) });

function decoded(text: string): number {
  return Math.floor((text.replace(/=+$/, '').length * 6) / 8);
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
