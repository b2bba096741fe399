/** What the nodes of a room say to each other, over platform/cluster. */
import type { types as mediasoup } from 'mediasoup';
import type { ProducerFace } from './feed.js';
import type { PeerOffer, Shown } from './media.js';
import type { AnyPartEvent, DistantChange, PartFace, ProduceOptions, Voices } from './room-part.js';
import type { TapWish } from './tap.js';

interface OfRoom {
  readonly room: string;
}
interface OfPeer extends OfRoom {
  readonly peerId: string;
}

declare module '../platform/cluster/cluster.js' {
  interface Calls {
    /** From the director: opens this node's part of the room, and tells the caller what happens there. */
    'media.openPart': { readonly request: OfRoom; readonly reply: null };
    /** From a new director: what there is of the room at this node; null: nothing. */
    'media.takePart': { readonly request: OfRoom; readonly reply: PartFace | null };
    'media.addPeer': {
      readonly request: OfPeer & { readonly rtpCapabilities: mediasoup.RtpCapabilities; readonly sends: boolean };
      readonly reply: PeerOffer;
    };
    'media.connectTransport': {
      readonly request: OfPeer & { readonly transportId: string; readonly dtlsParameters: mediasoup.DtlsParameters };
      readonly reply: null;
    };
    'media.restartIce': { readonly request: OfPeer & { readonly transportId: string }; readonly reply: mediasoup.IceParameters };
    'media.produce': { readonly request: OfPeer & { readonly options: ProduceOptions }; readonly reply: ProducerFace };
    'media.setProducerPaused': {
      readonly request: OfPeer & { readonly producerId: string; readonly paused: boolean };
      readonly reply: null;
    };
    'media.resumeConsumers': { readonly request: OfPeer & { readonly consumerIds: readonly string[] }; readonly reply: null };
    'media.setView': { readonly request: OfPeer & { readonly shown: readonly Shown[] }; readonly reply: null };
    'media.scores': { readonly request: OfPeer; readonly reply: { readonly send: number | null; readonly receive: number | null } };
    /** From the node that wants a producer: a pipe between a floor there and the one here that has it. */
    'media.connectPipe': {
      readonly request: OfRoom & { readonly producerId: string } & PipeEnd;
      readonly reply: { readonly pipe: string } & PipeEnd;
    };
    'media.consumePipe': {
      readonly request: { readonly pipe: string; readonly producerId: string };
      readonly reply: { readonly kind: mediasoup.MediaKind; readonly rtpParameters: mediasoup.RtpParameters; readonly paused: boolean };
    };
  }
  interface Words {
    'media.removePeer': OfPeer;
    'media.closeProducer': OfPeer & { readonly producerId: string };
    'media.setDistant': OfRoom & { readonly change: DistantChange };
    'media.setVoices': OfRoom & { readonly voices: Voices };
    'media.setTaps': OfRoom & { readonly taps: readonly TapWish[] };
    'media.closePart': OfRoom;
    /** To the director. */
    'media.partEvent': OfRoom & { readonly event: AnyPartEvent };
    /** Nobody there uses it any more. */
    'media.releasePipe': { readonly pipe: string; readonly producerId: string };
    /** Its end there is closed. */
    'media.closePipe': { readonly pipe: string };
  }
}

/** Where one end of a pipe is reached, and its SRTP keys. */
export interface PipeEnd {
  readonly ip: string;
  readonly port: number;
  readonly srtpParameters: mediasoup.SrtpParameters;
}
