/** The MediaService of proto/causeway/media.proto over the socket. */
import { parseDtlsParameters, parseRtpParameters } from '../media/index.js';
import type { Handlers } from '../platform/gateway/index.js';
import { capabilitiesReader } from './capabilities.js';
import type { LiveMeetings } from './live-meetings.js';
import { type CallQuality, parseSample } from './quality/index.js';

export function mediaService(meetings: LiveMeetings, quality: CallQuality): Handlers<'MediaService'> {
  const readCapabilities = capabilitiesReader();
  return {
    rebuild: async (session, request) => {
      const capabilities = readCapabilities(request.rtpCapabilities);
      return { media: await meetings.ofSession(session, request.meetingId).rebuild(session, capabilities) };
    },
    connectTransport: async (session, request) => {
      const parameters = parseDtlsParameters(request.dtlsParameters);
      await meetings.ofSession(session, request.meetingId).media.connectTransport(session, request.transportId, parameters);
      return {};
    },
    restartIce: async (session, request) => ({
      iceParameters: JSON.stringify(await meetings.ofSession(session, request.meetingId).media.restartIce(session, request.transportId)),
    }),
    produce: async (session, request) => {
      const rtpParameters = parseRtpParameters(request.rtpParameters);
      const { transportId, source, paused } = request;
      return {
        producerId: await meetings
          .ofSession(session, request.meetingId)
          .media.produce(session, { transportId, source, paused, rtpParameters }),
      };
    },
    setProducerPaused: async (session, request) => {
      await meetings.ofSession(session, request.meetingId).media.setProducerPaused(session, request.producerId, request.paused);
      return {};
    },
    closeProducer: async (session, request) => {
      await meetings.ofSession(session, request.meetingId).media.closeProducer(session, request.producerId);
      return {};
    },
    resumeConsumers: async (session, request) => {
      await meetings.ofSession(session, request.meetingId).media.resumeConsumers(session, request.consumerIds);
      return {};
    },
    setView: async (session, request) => {
      const shown = request.shown.map(({ producerId, width, height }) => ({
        producerId: producerId ?? '',
        width: width ?? 0,
        height: height ?? 0,
      }));
      await meetings.ofSession(session, request.meetingId).media.setView(session, shown);
      return {};
    },
    speaking: async (session, request) => {
      await meetings.ofSession(session, request.meetingId).media.speaking(session);
      return {};
    },
    reportQuality: async (session, request) => {
      const meeting = meetings.ofSession(session, request.meetingId);
      const reporter = { orgId: meeting.record.orgId, meetingId: meeting.id, stayId: meeting.stayOf(session) };
      quality.add(reporter, parseSample(request.sample));
      return {};
    },
    stats: async (session, request) => {
      const { send, receive } = await meetings.ofSession(session, request.meetingId).media.scores(session);
      return { sendScore: send ?? 0, receiveScore: receive ?? 0, known: send !== null || receive !== null };
    },
  };
}
