/** Puts together the meetings of this node, and what joins them with those of the other nodes. */
import type { Bus } from '../platform/bus/index.js';
import type { Handlers, Route } from '../platform/gateway/index.js';
import { Attachments } from './attachments.js';
import { Homes } from './homes.js';
import { LiveMeetings, type LiveMeetingsDeps } from './live-meetings.js';
import { mediaService } from './media-service.js';
import { MeetingCalls } from './meeting-calls.js';
import { meetingService } from './meeting-service.js';
import type { CallQuality } from './quality/index.js';
import { recordingService } from './recording-service.js';
import { RemoteSessions } from './remote-session.js';

export interface MeetingsDeps extends Omit<LiveMeetingsDeps, 'homes' | 'attachments' | 'remotes' | 'leaseMs'> {
  readonly bus: Bus;
  /** A node that is silent this long is no longer home to its meetings, milliseconds. */
  readonly leaseMs: number;
  readonly quality: CallQuality;
}

export interface Meetings {
  readonly live: LiveMeetings;
  readonly handlers: {
    readonly meeting: Handlers<'MeetingService'>;
    readonly media: Handlers<'MediaService'>;
    readonly recording: Handlers<'RecordingService'>;
  };
  /** Where a request of a session is handled: here, or at the home of its meeting. */
  readonly route: Route;
  /** The server goes down; meetings with people of other nodes go on there. Idempotent. */
  close(): Promise<void>;
}

export function createMeetings({ bus, leaseMs, quality, ...deps }: MeetingsDeps): Meetings {
  const { cluster, log, topics, records } = deps;
  const alone = { leaseMs: bus.shared ? leaseMs : null };
  const homes = new Homes({ bus, nodeId: cluster.nodeId, leaseMs, log });
  const attachments = new Attachments({ cluster, topics, log });
  const remotes = new RemoteSessions(cluster);
  const live = new LiveMeetings({ ...deps, ...alone, homes, attachments, remotes });
  const handlers = { meeting: meetingService(live), media: mediaService(live, quality), recording: recordingService(live) };
  const calls = new MeetingCalls({ cluster, log, records, meetings: live, homes, attachments, remotes, ...alone, handlers });
  return {
    live,
    handlers,
    route: calls.route,
    close: async () => {
      calls.close();
      await live.close();
    },
  };
}
