/** The MeetingService of proto/causeway/meeting.proto over the socket. */
import { parseRtpCapabilities } from '../media/index.js';
import type { Handlers } from '../platform/gateway/index.js';
import type { LiveMeetings } from './live-meetings.js';

export function meetingService(meetings: LiveMeetings): Handlers<'MeetingService'> {
  return {
    join: async (session, request) => {
      const capabilities = parseRtpCapabilities(request.rtpCapabilities);
      const meeting = await meetings.toJoin(session.principal, request.meetingId);
      return meeting.join(session, capabilities);
    },
    leave: async (session, request) => {
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
    endForAll: async (session, request) => {
      await meetings.ofSession(session, request.meetingId).endForAll(session);
      return {};
    },
  };
}
