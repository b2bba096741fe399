/** The RecordingService of proto/causeway/recording.proto over the socket. */
import type { Handlers, Session } from '../platform/gateway/index.js';
import type { LiveMeetings } from './live-meetings.js';

export function recordingService(meetings: LiveMeetings): Handlers<'RecordingService'> {
  const of = (session: Session, { meetingId }: { meetingId: string }) => meetings.ofSession(session, meetingId).recording;
  return {
    start: async (session, request) => of(session, request).start(session, request.kind),
    setPaused: async (session, request) => {
      await of(session, request).setPaused(session, request.paused);
      return {};
    },
    stop: async (session, request) => {
      await of(session, request).stop(session);
      return {};
    },
    answerConsent: async (session, request) => {
      await of(session, request).answer(session, request.answer);
      return {};
    },
    setCaptions: async (session, request) => {
      of(session, request).captions.set(session, request.on, request.language);
      return {};
    },
    setOwnCaptions: async (session, request) => {
      const { optOut, optIn, language } = request;
      await of(session, request).captions.setOwn(session, { optOut, optIn, language });
      return {};
    },
  };
}
