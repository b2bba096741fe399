/** The live side of the page: socket, meeting, media, devices. */
export type { CaptionEntry, CaptionLog } from './caption-log';
export { ChatClient } from './chat-client';
export { ChatKeep, forgetChat } from './chat-keep';
export type {
  ChatAttachment,
  ChatCard,
  ChatHead,
  ChatMessage,
  ChatPerson,
  ChatPoll,
  ChatReaction,
  ConversationKind,
  NotifyLevel,
  PresenceStatus,
} from './chat-model';
export type { NewMessage } from './chat-outbox';
export { type ChatState, lastActivity, listed, type Typist } from './chat-store';
export { isMuted, unreadInAll } from './chat-unread';
export type { OwnConsent } from './consent';
export { type ConversationLog, find as findMessage, type Pending, type Span, spanAt, tail } from './conversation-log';
export { canChooseSpeaker, canShareScreen, type DeviceInfo, type DeviceProblem } from './devices';
export { gatewayUrlsOf } from './gateway-addresses';
export { randomId } from './ids';
export { LevelMeter } from './level-meter';
export { LocalMedia, type LocalMediaState, type LocalSource } from './local-media';
export { loadDevice, MediaClient, type MediaState } from './media-client';
export { type VideoCodec, videoCodecs } from './media-encodings';
export { MeetingClient, type ViewerPage } from './meeting-client';
export type { Answered, MeetingRecording } from './meeting-recording';
export {
  type ConsentQuestion,
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
export { NetworkWatch } from './network-watch';
export type { Notice } from './notices';
export { onNotificationOpened, Push, type PushOptions, type PushServer, type PushState } from './push';
export type { Grade, Quality } from './quality';
export { isPicture, type RemoteTrack, remoteKey } from './remote-tracks';
export { RpcError, toRpcError } from './rpc-error';
export { Socket } from './socket';
export { Speaking } from './speaking';
export { Store, useStore } from './store';
export { type RunningUpload, startUpload, type UploadOptions } from './uploads';
