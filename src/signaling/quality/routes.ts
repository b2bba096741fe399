/** The report on a call's quality over HTTP. */
import { z } from 'zod';
import { CausewayError } from '../../platform/errors.js';
import { type HttpApp, principalOf } from '../../platform/http/index.js';
import type { Principal } from '../../platform/principal.js';
import type { MeetingRecord, MeetingRecords } from '../meeting-records.js';
import type { CallQuality } from './call-quality.js';
import { qualityQuery, qualityReportSchema } from './schema.js';

export interface QualityRoutesDeps {
  readonly records: MeetingRecords;
  readonly quality: CallQuality;
}

/** A report on a long call with many people is work; nobody reads more of them than this. */
const perMinute = 60;
const idParams = z.object({ id: z.uuid() });

export function qualityRoutes(app: HttpApp, { records, quality }: QualityRoutesDeps): void {
  app.route({
    method: 'GET',
    url: '/api/meetings/:id/quality',
    config: { access: 'person', ratePerMinute: perMinute },
    schema: {
      tags: ['Meetings'],
      summary: 'How good the call was for each person, and what spoiled it; worst first',
      description:
        'Loss, jitter, round trip, freezes, resolution and what limited it, as the pages of the participants counted them every 10 seconds. For hosts and co-hosts of the meeting, and admins and owners of the organisation; with `mine` for everybody with an account who was in it. May be read while the meeting is on: what is younger than a minute can be missing then.',
      params: idParams,
      querystring: qualityQuery,
      response: { 200: qualityReportSchema },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      const { mine, limit } = request.query;
      const record = await records.get(principal.orgId, request.params.id);
      await assertMayRead(records, record, principal, mine);
      return quality.report(record, { personId: mine ? principal.personId : null, limit });
    },
  });
}

/** @throws MEETING_NOT_FOUND for those who do not know of the meeting, AUTH_FORBIDDEN for those who were in it. */
async function assertMayRead(records: MeetingRecords, record: MeetingRecord, principal: Principal, mine: boolean): Promise<void> {
  const member = await records.member(record, principal.personId);
  const wasIn = member?.admission === 'admitted';
  if (wasIn && (mine || member.role === 'host' || member.role === 'co-host')) return;
  if (principal.role === 'owner' || principal.role === 'admin') return;
  throw new CausewayError(wasIn ? 'AUTH_FORBIDDEN' : 'MEETING_NOT_FOUND');
}
