/** The MeetingService of proto/causeway/meeting.proto over the socket. */
import type { causeway } from '#proto';
import type { Handlers, Session } from '../platform/gateway/index.js';
import { capabilitiesReader } from './capabilities.js';
import type { LiveMeetings } from './live-meetings.js';
import { fromAgenda } from './meeting-state.js';
import { readAgenda } from './wire.js';

export function meetingService(meetings: LiveMeetings): Handlers<'MeetingService'> {
  const readCapabilities = capabilitiesReader();
  /** Joins that are under way. */
  const joins = new WeakMap<Session, Promise<unknown>>();
  const join = async (session: Session, request: causeway.JoinRequest) => {
    const capabilities = readCapabilities(request.rtpCapabilities);
    const meeting = await meetings.toJoin(session.principal, request.meetingId);
    return meeting.join(session, capabilities, request.consent);
  };
  return {
    join: (session, request) => {
      const joining = join(session, request);
      joins.set(session, Promise.allSettled([joins.get(session), joining]));
      return joining;
    },
    leave: async (session, request) => {
      // Whoever leaves while he comes in must not be in afterwards.
      await joins.get(session);
      await meetings.find(request.meetingId)?.leave(session);
      return {};
    },
    snapshot: async (session, request) => ({ snapshot: meetings.ofSession(session, request.meetingId).snapshot(session) }),
    raiseHand: async (session, request) => {
      meetings.ofSession(session, request.meetingId).raiseHand(session, request.raised);
      return {};
    },
    lowerHand: async (session, request) => {
      meetings.ofSession(session, request.meetingId).lowerHand(session, request.participantId);
      return {};
    },
    answerLobby: async (session, request) => {
      await meetings.ofSession(session, request.meetingId).answerLobby(session, request.waitingId, request.admit);
      return {};
    },
    setLock: async (session, request) => {
      await meetings.ofSession(session, request.meetingId).setLock(session, request.locked);
      return {};
    },
    mute: async (session, request) => {
      await meetings.ofSession(session, request.meetingId).mute(session, request.participantId);
      return {};
    },
    askToUnmute: async (session, request) => {
      meetings.ofSession(session, request.meetingId).askToUnmute(session, request.participantId);
      return {};
    },
    remove: async (session, request) => {
      await meetings.ofSession(session, request.meetingId).remove(session, request.participantId);
      return {};
    },
    setRole: async (session, request) => {
      await meetings.ofSession(session, request.meetingId).setRole(session, request.participantId, request.role);
      return {};
    },
    setSpotlight: async (session, request) => {
      meetings.ofSession(session, request.meetingId).setSpotlight(session, request.participantId, request.on);
      return {};
    },
    listViewers: async (session, request) => meetings.ofSession(session, request.meetingId).listViewers(session, request),
    setAgenda: async (session, request) => {
      const meeting = meetings.ofSession(session, request.meetingId);
      return { agenda: fromAgenda(await meeting.agenda.set(session, request.revision, readAgenda(request.items))) };
    },
    turnAgenda: async (session, request) => {
      await meetings.ofSession(session, request.meetingId).agenda.turn(session, request.itemId || null);
      return {};
    },
    endForAll: async (session, request) => {
      await meetings.ofSession(session, request.meetingId).endForAll(session);
      return {};
    },
  };
}
