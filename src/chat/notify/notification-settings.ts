/** How a person wants to be told, and what the organisation allows. */
import type { Audit } from '../../platform/audit.js';
import type { Database, Query } from '../../platform/database/index.js';
import { CausewayError, type Language } from '../../platform/errors.js';
import { newSecret } from '../../platform/ids.js';
import { OutboundError, type OutboundHttp } from '../../platform/outbound/index.js';
import type { Principal } from '../../platform/principal.js';
import { type QuietHours, quietUntil } from './quiet-hours.js';
import type { NotificationPolicyPatch, NotificationSettings, NotificationSettingsPatch, privacies } from './schema.js';

export type Privacy = (typeof privacies)[number];

export interface Policy {
  readonly privacy: Privacy;
  readonly urgentOverQuiet: boolean;
  readonly webhookUrl: string | null;
  readonly webhookSecret: string | null;
}

interface PolicyRow {
  privacy: Privacy;
  urgent_over_quiet: boolean;
  webhook_url: string | null;
  webhook_secret: string | null;
}

interface SettingsRow {
  email: boolean;
  previews: boolean;
  language: Language | null;
  quiet: QuietHours | null;
  urgent_in_quiet: boolean;
}

const defaultPolicy: Policy = { privacy: 'ids', urgentOverQuiet: true, webhookUrl: null, webhookSecret: null };
const defaultSettings: NotificationSettings = { email: true, previews: true, language: null, quiet: null, urgentInQuiet: true };
const settingsColumns = 'email, previews, language, quiet, urgent_in_quiet';
const policyColumns = 'privacy, urgent_over_quiet, webhook_url, webhook_secret';

export class NotificationSettingsStore {
  readonly #deps: { database: Database; outbound: OutboundHttp; audit: Audit };

  constructor(deps: { database: Database; outbound: OutboundHttp; audit: Audit }) {
    this.#deps = deps;
  }

  async of({ orgId, personId }: Pick<Principal, 'orgId' | 'personId'>): Promise<NotificationSettings> {
    return (await this.ofPeople(orgId, [personId])).get(personId) ?? defaultSettings;
  }

  /** Of these people; who has none is told by the defaults. */
  async ofPeople(orgId: string, personIds: readonly string[]): Promise<Map<string, NotificationSettings>> {
    const rows = await this.#deps.database.query<SettingsRow & { person_id: string }>(
      `select person_id, ${settingsColumns} from notification_settings where org_id = $1 and person_id = any($2)`,
      [orgId, personIds],
    );
    const known = new Map(rows.map((row) => [row.person_id, toSettings(row)]));
    return new Map(personIds.map((id) => [id, known.get(id) ?? defaultSettings]));
  }

  async change(principal: Principal, patch: NotificationSettingsPatch): Promise<NotificationSettings> {
    const { orgId, personId } = principal;
    return this.#deps.database.transaction(async (tx) => {
      await tx.query('insert into notification_settings (org_id, person_id) values ($1, $2) on conflict do nothing', [orgId, personId]);
      const [row] = await tx.query<SettingsRow>(
        `select ${settingsColumns} from notification_settings where org_id = $1 and person_id = $2 for update`,
        [orgId, personId],
      );
      const before = row ? toSettings(row) : defaultSettings;
      const settings: NotificationSettings = {
        email: patch.email ?? before.email,
        previews: patch.previews ?? before.previews,
        language: patch.language === undefined ? before.language : patch.language,
        quiet: patch.quiet === undefined ? before.quiet : patch.quiet,
        urgentInQuiet: patch.urgentInQuiet ?? before.urgentInQuiet,
      };
      await tx.query(
        `update notification_settings set email = $3, previews = $4, language = $5, quiet = $6, urgent_in_quiet = $7
         where org_id = $1 and person_id = $2`,
        [
          orgId,
          personId,
          settings.email,
          settings.previews,
          settings.language,
          settings.quiet && JSON.stringify(settings.quiet),
          settings.urgentInQuiet,
        ],
      );
      return settings;
    });
  }

  async policy(orgId: string, tx: Query = this.#deps.database): Promise<Policy> {
    const [row] = await tx.query<PolicyRow>(`select ${policyColumns} from notification_policies where org_id = $1`, [orgId]);
    if (!row) return defaultPolicy;
    return {
      privacy: row.privacy,
      urgentOverQuiet: row.urgent_over_quiet,
      webhookUrl: row.webhook_url,
      webhookSecret: row.webhook_secret,
    };
  }

  /** Another address for the webhook gets a secret of its own, which is given back this once. @throws AUTH_FORBIDDEN, NOTIFY_ADDRESS */
  async changePolicy(principal: Principal, patch: NotificationPolicyPatch): Promise<{ policy: Policy; newSecret: string | null }> {
    requireAdmin(principal);
    const { database, outbound, audit } = this.#deps;
    if (patch.webhookUrl) await assertCallable(outbound, patch.webhookUrl);
    return database.transaction(async (tx) => {
      await tx.query('insert into notification_policies (org_id) values ($1) on conflict do nothing', [principal.orgId]);
      await tx.query('select 1 from notification_policies where org_id = $1 for update', [principal.orgId]);
      const before = await this.policy(principal.orgId, tx);
      const webhookUrl = patch.webhookUrl === undefined ? before.webhookUrl : patch.webhookUrl;
      const moved = webhookUrl !== before.webhookUrl;
      const secret = moved ? webhookUrl && newSecret() : before.webhookSecret;
      const policy: Policy = {
        privacy: patch.privacy ?? before.privacy,
        urgentOverQuiet: patch.urgentOverQuiet ?? before.urgentOverQuiet,
        webhookUrl,
        webhookSecret: secret,
      };
      await tx.query(
        'update notification_policies set privacy = $2, urgent_over_quiet = $3, webhook_url = $4, webhook_secret = $5 where org_id = $1',
        [principal.orgId, policy.privacy, policy.urgentOverQuiet, policy.webhookUrl, policy.webhookSecret],
      );
      await audit.record(tx, {
        orgId: principal.orgId,
        actor: { id: principal.personId, name: principal.name },
        action: 'notify.policy-changed',
        subject: {},
        // The path of such an address is often a secret.
        detail: { privacy: policy.privacy, urgentOverQuiet: policy.urgentOverQuiet, webhookHost: webhookUrl && new URL(webhookUrl).host },
      });
      return { policy, newSecret: moved ? secret : null };
    });
  }
}

/** @throws AUTH_FORBIDDEN */
export function requireAdmin(principal: Principal): void {
  if (principal.role !== 'owner' && principal.role !== 'admin') throw new CausewayError('AUTH_FORBIDDEN');
}

/** @throws NOTIFY_ADDRESS when the server must not call it; one that does not answer now is taken. */
export async function assertCallable(outbound: OutboundHttp, url: string): Promise<void> {
  try {
    await outbound.assertPublic(url);
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    if (error.code === 'BAD_URL' || error.code === 'PRIVATE_ADDRESS')
      throw new CausewayError('NOTIFY_ADDRESS', { field: 'url', fill: { detail: new URL(url).host }, cause: error });
  }
}

/** What may be shown of a message: the least that the organisation and the person allow. */
export function privacyFor(policy: Policy, settings: NotificationSettings): Privacy {
  return settings.previews ? policy.privacy : 'ids';
}

/** Until when the person must be left alone; null: he may be told now. */
export function silentUntil(policy: Policy, settings: NotificationSettings, urgent: boolean, now: number): number | null {
  if (urgent && policy.urgentOverQuiet && settings.urgentInQuiet) return null;
  return quietUntil(settings.quiet, now);
}

function toSettings(row: SettingsRow): NotificationSettings {
  const { email, previews, language, quiet, urgent_in_quiet: urgentInQuiet } = row;
  return { email, previews, language, quiet: quiet && { ...quiet, days: [...quiet.days] }, urgentInQuiet };
}
