/** The live side of the page: socket, meeting, media, devices. */
export type { ChatLog, ChatMessage, Sending } from './chat-log';
export { canChooseSpeaker, canShareScreen, type DeviceInfo, type DeviceProblem } from './devices';
export { LevelMeter } from './level-meter';
export { LocalMedia, type LocalMediaState, type LocalSource } from './local-media';
export { isPicture, loadDevice, MediaClient, type MediaState, type RemoteTrack, remoteKey } from './media-client';
export { type VideoCodec, videoCodecs } from './media-encodings';
export { MeetingClient, type Notice, type ViewerPage } from './meeting-client';
export {
  type EndReason,
  isHost,
  isModerator,
  isSending,
  isViewer,
  isWebinar,
  type MeetingStore,
  type MeetingStoreState,
  myself,
  type Phase,
  producerOf,
  raisedHands,
  type WaitingPerson,
} from './meeting-store';
export { RpcError, toRpcError } from './rpc-error';
export { Speaking } from './speaking';
export { Store, useStore } from './store';
