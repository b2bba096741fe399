/** Between the parts' own types and the messages of proto/causeway. */
import { causeway } from '#proto';
import type { ConsumerOffer, PeerOffer, Source, TransportOffer } from '../media/index.js';
import { CausewayError } from '../platform/errors.js';
import type { Wait } from './meeting.js';
import type { MeetingKind } from './meeting-records.js';
import { type AgendaInput, agendaItems } from './schema.js';

const wireSources: Readonly<Record<Source, causeway.Source>> = {
  microphone: causeway.Source.SOURCE_MICROPHONE,
  camera: causeway.Source.SOURCE_CAMERA,
  screen: causeway.Source.SOURCE_SCREEN,
  'screen-audio': causeway.Source.SOURCE_SCREEN_AUDIO,
};

/** @throws MEDIA_BAD_PARAMETERS for a source that does not exist. */
export function toMediaSource(source: causeway.Source): Source {
  const found = (Object.keys(wireSources) as Source[]).find((key) => wireSources[key] === source);
  if (!found) throw new CausewayError('MEDIA_BAD_PARAMETERS', { field: 'source', fill: { detail: 'source' } });
  return found;
}

export function toMediaSetup(offer: PeerOffer, iceServers: string): causeway.MediaSetup.$Properties {
  return {
    ...(offer.send && { send: toTransportOptions(offer.send) }),
    receive: toTransportOptions(offer.receive),
    consumers: offer.consumers.map(toConsumerOptions),
    iceServers,
  };
}

export function toConsumerOptions(consumer: ConsumerOffer): causeway.ConsumerOptions.$Properties {
  return {
    id: consumer.id,
    producerId: consumer.producerId,
    participantId: consumer.producerPeerId,
    source: wireSources[consumer.source],
    rtpParameters: JSON.stringify(consumer.rtpParameters),
    producerPaused: consumer.producerPaused,
    slot: consumer.slot,
  };
}

/** @throws REQUEST_INVALID */
export function readAgenda(items: readonly causeway.AgendaItem.$Properties[]): AgendaInput {
  const read = agendaItems.safeParse(items.map(({ id, title, minutes }) => ({ id, title, minutes: minutes || null })));
  if (read.success) return read.data;
  const field = ['items', ...(read.error.issues[0]?.path ?? [])].join('.');
  throw new CausewayError('REQUEST_INVALID', { field, fill: { detail: field } });
}

export function toMeetingKind(kind: MeetingKind): causeway.MeetingKind {
  return kind === 'webinar' ? causeway.MeetingKind.MEETING_KIND_WEBINAR : causeway.MeetingKind.MEETING_KIND_MEETING;
}

export function toWaiting(wait: Wait): causeway.Waiting.$Properties {
  return { id: wait.id, personId: wait.personId, name: wait.name, guest: wait.guest, sinceMs: wait.since };
}

function toTransportOptions(transport: TransportOffer): causeway.TransportOptions.$Properties {
  return {
    id: transport.id,
    iceParameters: JSON.stringify(transport.iceParameters),
    iceCandidates: JSON.stringify(transport.iceCandidates),
    dtlsParameters: JSON.stringify(transport.dtlsParameters),
  };
}
