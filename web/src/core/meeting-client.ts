/**
 * One meeting, as this page takes part in it: joins, follows the events, comes back after losses,
 * and does what the person asks. The store has the state; `notice` tells what just happened, for
 * messages on the screen and for screen readers.
 */

import { type AgendaItem, apply, fromSnapshot, type ParticipantState, toParticipant } from '@server/signaling/meeting-state';
import type { Device } from 'mediasoup-client';
import { causeway } from '#proto';
import { backOff } from './back-off';
import { CaptionLog } from './caption-log';
import { ChatClient } from './chat-client';
import { Emitter } from './emitter';
import type { LocalMedia } from './local-media';
import { MediaClient } from './media-client';
import { MeetingRecording } from './meeting-recording';
import {
  type ConsentQuestion,
  type EndReason,
  isModerator,
  isViewer,
  MeetingStore,
  myself,
  type Phase,
  type WaitingPerson,
} from './meeting-store';
import { NetworkWatch } from './network-watch';
import { type Notice, noticesOf } from './notices';
import { type RpcError, toRpcError } from './rpc-error';
import { Socket } from './socket';
import { SpeakingHint } from './speaking-hint';
import { delay } from './time-limit';

export interface MeetingClientDeps {
  readonly meetingId: string;
  /** Addresses of the gateways, the one to begin with first: see `gatewayUrlsOf`. */
  readonly gatewayUrls: readonly string[];
  readonly device: Promise<Device>;
  readonly accessToken: () => Promise<string | null>;
  readonly language: string;
  readonly client: string;
  readonly local: LocalMedia;
}

export interface MeetingClientEvents {
  notice: [notice: Notice];
}

export interface ViewerPage {
  readonly viewers: readonly ParticipantState[];
  /** Of all that match, on all pages. */
  readonly total: number;
  /** For the next page; empty: this is the last. */
  readonly cursor: string;
}

export class MeetingClient extends Emitter<MeetingClientEvents> {
  readonly store = new MeetingStore();
  readonly media: MediaClient;
  readonly recording: MeetingRecording;
  readonly captions = new CaptionLog();
  readonly #deps: MeetingClientDeps;
  readonly #socket: Socket;
  readonly #network = new NetworkWatch();
  readonly #hint: SpeakingHint;
  /** Rises with each join and each end; what belongs to an older one is thrown away. */
  #round = 0;
  #over = false;
  /** The session was lost; `join` is at work to get in again. */
  #rejoining = false;
  /** Join was called again because the stage was given or taken. */
  #changesRole = false;
  /** What was said at the door to the recording that is on. */
  #atTheDoor: causeway.ConsentAnswer.$Properties | null = null;

  constructor(deps: MeetingClientDeps) {
    super();
    this.#deps = deps;
    const { meetingId, gatewayUrls, language, client, accessToken, local, device } = deps;
    this.#socket = new Socket({ urls: gatewayUrls, language, client, accessToken });
    this.media = new MediaClient({
      meetingId,
      rpc: this.#socket.media,
      local,
      device,
      heard: () => this.store.get().meeting?.heard ?? [],
      onTrouble: () => this.#socket.check(),
      onRefused: (source, error) => {
        if (source === 'screen') local.stopScreen();
        this.emit('notice', { kind: 'not-sent', source, error });
      },
    });
    this.recording = new MeetingRecording({
      meetingId,
      rpc: this.#socket.recording,
      meeting: this.store,
      refused: (error) => this.emit('notice', { kind: 'refused', error, about: 'recording' }),
      refresh: () => this.#refreshTopic(`meeting/${meetingId}`),
    });
    this.#hint = new SpeakingHint({ meetingId, rpc: this.#socket.media, store: this.store, local });
    this.#network.on('changed', (how) => {
      this.#socket.check();
      this.media.networkChanged(how === 'moved');
    });
    this.#socket.on('event', (event) => this.#happened(event));
    this.#socket.on('state', (state) => this.#socketState(state === 'open'));
    this.#socket.on('reset', () => this.#sessionLost());
    this.#socket.on('stale', (topic) => void this.#refreshTopic(topic));
    this.#socket.on('closed', (reason) => this.#socketClosed(reason));
    globalThis.addEventListener('pagehide', this.#pageGone);
  }

  /** Milliseconds since 1970 by the server's clock. */
  get serverNow(): number {
    return this.#socket.serverNow;
  }

  /** Connects ahead of `join`, so that joining is one round trip. */
  prepare(): void {
    this.#socket.open();
  }

  async join(): Promise<void> {
    if (this.#over) return;
    this.prepare();
    if (this.store.get().phase.kind !== 'reconnecting') this.#setPhase({ kind: 'connecting' });
    await this.#enter();
  }

  /** Calls Join until there is an answer. */
  async #enter(): Promise<void> {
    const round = ++this.#round;
    let isOutdated = false;
    for (let attempt = 0; round === this.#round; attempt += 1) {
      try {
        const reply = await this.#socket.meeting.join({
          meetingId: this.#deps.meetingId,
          rtpCapabilities: await this.media.rtpCapabilities(),
          ...this.#consent(),
        });
        if (round !== this.#round) return;
        if (reply.joined) await this.#joined(reply.joined);
        else if (reply.consent) this.#setPhase({ kind: 'consent', question: toQuestion(reply.consent, isOutdated) });
        else this.#setPhase({ kind: 'lobby' });
        return;
      } catch (thrown) {
        if (round !== this.#round) return;
        const error = toRpcError(thrown);
        if (error.code === 'RECORDING_NOTICE_CHANGED' && this.#atTheDoor) {
          this.#atTheDoor = null;
          isOutdated = true;
          continue;
        }
        // A network that is away comes back some time; a server that keeps refusing is given up.
        const isAway = error.code === 'SOCKET_LOST' || error.code === 'CALL_TIMEOUT';
        if (!error.retryable || (attempt >= 8 && !isAway)) {
          this.#stop({ kind: 'failed', error });
          return;
        }
        await delay(backOff(attempt, { firstMs: 250, maxMs: 5_000 }));
      }
    }
  }

  /** Who was in before is not sent out to answer: the question stands in the room, and until then it is a no. */
  #consent(): causeway.JoinRequest.$Properties {
    if (this.#atTheDoor) return { consent: this.#atTheDoor };
    return this.#rejoining ? { consent: { later: true } } : {};
  }

  /** The answer to `consent` of the phase; either leads in. `language`: in which the notice was read. */
  answerAtTheDoor(yes: boolean, language: string): void {
    const { phase } = this.store.get();
    if (phase.kind !== 'consent' || phase.question.answering) return;
    this.#atTheDoor = { noticeHash: phase.question.notice.hash ?? '', yes, language };
    this.#setPhase({ kind: 'consent', question: { ...phase.question, answering: true } });
    void this.#enter();
  }

  /** Leaves the meeting or the lobby. */
  leave(): void {
    this.#sayLeave();
    this.#stop({ kind: 'ended', reason: 'left' });
  }

  async endForAll(): Promise<void> {
    await this.#act(this.#socket.meeting.endForAll({ meetingId: this.#deps.meetingId }));
  }

  async raiseHand(raised: boolean): Promise<void> {
    const done = await this.#act(this.#socket.meeting.raiseHand({ meetingId: this.#deps.meetingId, raised }));
    const { self } = this.store.get();
    // Of a viewer no event tells.
    if (done && self) this.store.update({ self: { ...self, handRaisedAt: raised ? this.serverNow : 0 } });
  }

  /** An empty id: everyone who waits. */
  answerLobby(waitingId: string, admit: boolean): Promise<boolean> {
    return this.#act(this.#socket.meeting.answerLobby({ meetingId: this.#deps.meetingId, waitingId, admit }));
  }

  setLock(locked: boolean): Promise<boolean> {
    return this.#act(this.#socket.meeting.setLock({ meetingId: this.#deps.meetingId, locked }));
  }

  /** An empty id: everyone except hosts and co-hosts. */
  mute(participantId: string): Promise<boolean> {
    return this.#act(this.#socket.meeting.mute({ meetingId: this.#deps.meetingId, participantId }));
  }

  askToUnmute(participantId: string): Promise<boolean> {
    return this.#act(this.#socket.meeting.askToUnmute({ meetingId: this.#deps.meetingId, participantId }));
  }

  remove(participantId: string): Promise<boolean> {
    return this.#act(this.#socket.meeting.remove({ meetingId: this.#deps.meetingId, participantId }));
  }

  /** An empty id: all hands. */
  lowerHand(participantId: string): Promise<boolean> {
    return this.#act(this.#socket.meeting.lowerHand({ meetingId: this.#deps.meetingId, participantId }));
  }

  setRole(participantId: string, role: causeway.Role): Promise<boolean> {
    return this.#act(this.#socket.meeting.setRole({ meetingId: this.#deps.meetingId, participantId, role }));
  }

  /** Puts a participant in front for all, or takes him back. */
  setSpotlight(participantId: string, on: boolean): Promise<boolean> {
    return this.#act(this.#socket.meeting.setSpotlight({ meetingId: this.#deps.meetingId, participantId, on }));
  }

  /** Replaces the list. `changed`: somebody else was faster, and what he did is shown. */
  async setAgenda(revision: number, items: readonly Omit<AgendaItem, 'spentMs'>[]): Promise<'done' | 'changed' | 'failed'> {
    const { meetingId } = this.#deps;
    try {
      const list = items.map(({ id, title, minutes }) => ({ id, title, minutes: minutes ?? 0 }));
      await this.#socket.meeting.setAgenda({ meetingId, revision, items: list });
      return 'done';
    } catch (thrown) {
      const error = toRpcError(thrown);
      if (error.code !== 'MEETING_AGENDA_CHANGED') {
        if (!this.#over) this.emit('notice', { kind: 'refused', error });
        return 'failed';
      }
      await this.#refreshTopic(`meeting/${meetingId}`);
      return 'changed';
    }
  }

  /** From now on this item is talked about; empty: none. */
  turnAgenda(itemId: string): Promise<boolean> {
    return this.#act(this.#socket.meeting.turnAgenda({ meetingId: this.#deps.meetingId, itemId }));
  }

  /** Viewers of a webinar, those with a raised hand first. @throws RpcError */
  async listViewers({ query = '', cursor = '' }: { readonly query?: string; readonly cursor?: string } = {}): Promise<ViewerPage> {
    const reply = await this.#socket.meeting.listViewers({ meetingId: this.#deps.meetingId, query, cursor });
    return { viewers: reply.viewers.map(toParticipant), total: reply.total, cursor: reply.cursor };
  }

  /** Leaves, and gives everything back but the devices. Idempotent. */
  close(): void {
    this.#sayLeave();
    this.#tearDown();
  }

  // Joining and losing

  async #joined(joined: causeway.Joined.$Properties): Promise<void> {
    const before = this.store.get();
    const snapshot = joined.snapshot ?? {};
    const meeting = fromSnapshot(snapshot);
    const self = joined.self ? toParticipant(joined.self) : null;
    // Another role is the answer to a raised hand.
    const hadRaisedHand = (myself(before)?.handRaisedAt ?? 0) > 0 && !this.#changesRole;
    this.#rejoining = false;
    this.#changesRole = false;
    this.#atTheDoor = null;
    performance.mark('causeway:joined');
    this.store.update({
      phase: { kind: 'joined' },
      meeting,
      myId: joined.participantId ?? '',
      self,
      viewerHands: [],
      waiting: (joined.lobby?.waiting ?? []).map(toWaiting),
    });
    this.recording.joined(meeting, joined.consent ?? '');
    const ready = this.media.setup(joined.media ?? {});
    // Nobody should see the light of a camera that is of no use.
    if (isViewer(myself(this.store.get()))) this.#deps.local.rest();
    this.#socket.startTopic(`meeting/${meeting.meetingId}`, meeting.number);
    this.#openChat(meeting.conversationId);
    // A new session is a new participant, whose hand is down; the person's is still up.
    if (hadRaisedHand && (myself(this.store.get())?.handRaisedAt ?? 0) === 0) void this.raiseHand(true);
    await ready;
  }

  /** The conversation of the meeting, over the meeting's socket. */
  #openChat(conversationId: string): void {
    const before = this.store.get().chat;
    if (before?.only === conversationId) {
      void before.refresh(conversationId);
      return;
    }
    before?.close();
    const me = myself(this.store.get());
    const chat = new ChatClient({ socket: this.#socket, me: { id: me?.personId ?? '', name: me?.name ?? '' }, only: conversationId });
    chat.on('message', (_id, message) => this.emit('notice', { kind: 'chat', message }));
    chat.on('refused', (error) => this.emit('notice', { kind: 'refused', error }));
    this.store.update({ chat });
    void chat.start();
  }

  #socketState(isOpen: boolean): void {
    const { phase } = this.store.get();
    if (!isOpen && phase.kind === 'joined') this.#setPhase({ kind: 'reconnecting' });
    if (!isOpen || this.#rejoining || phase.kind !== 'reconnecting') return;
    this.#setPhase({ kind: 'joined' });
    this.media.resumed();
  }

  #sessionLost(): void {
    const { phase, meeting } = this.store.get();
    if (phase.kind === 'joined' || phase.kind === 'reconnecting') {
      this.#rejoining = true;
      this.#setPhase({ kind: 'reconnecting' });
      if (meeting) this.media.suspend();
      void this.join();
    } else if (phase.kind === 'lobby') {
      void this.join();
    }
  }

  #socketClosed(reason: RpcError): void {
    if (reason.code === 'SOCKET_REPLACED') this.#stop({ kind: 'ended', reason: 'replaced' });
    else if (reason.code.startsWith('AUTH_')) this.#stop({ kind: 'ended', reason: 'signed-out' });
    else this.#stop({ kind: 'failed', error: reason });
  }

  #stop(phase: Extract<Phase, { kind: 'ended' | 'failed' }>): void {
    if (this.#over) return;
    this.#setPhase(phase);
    this.#tearDown();
    // The camera's light goes out with the meeting.
    this.#deps.local.close();
  }

  #tearDown(): void {
    if (this.#over) return;
    this.#over = true;
    this.#round += 1;
    this.store.get().chat?.close();
    globalThis.removeEventListener('pagehide', this.#pageGone);
    this.#network.close();
    this.#hint.close();
    this.media.close();
    this.#socket.close();
  }

  /** On its way before the socket closes, because frames keep their order. */
  #sayLeave(): void {
    const { kind } = this.store.get().phase;
    if (this.#over || kind === 'idle') return;
    this.media.reportQuality();
    this.#socket.meeting.leave({ meetingId: this.#deps.meetingId }).catch(() => undefined);
  }

  /** A closed tab should not leave a frozen face behind for the minute in which it might come back. */
  readonly #pageGone = (): void => this.leave();

  #setPhase(phase: Phase): void {
    this.store.update({ phase });
  }

  async #refreshTopic(topic: string): Promise<void> {
    const { meeting } = this.store.get();
    if (!meeting) return;
    try {
      if (topic === `meeting/${meeting.meetingId}`) {
        const { snapshot } = await this.#socket.meeting.snapshot({ meetingId: meeting.meetingId });
        const fresh = fromSnapshot(snapshot ?? {});
        this.store.update({ meeting: fresh });
        this.recording.changed(meeting, fresh);
        this.#socket.startTopic(topic, fresh.number);
      }
    } catch {
      // The socket is lost again; Resume or Join will bring the state.
    }
  }

  // Events

  #happened(event: causeway.Event): void {
    if (event.session) this.#sessionEvent(event.session);
    else if (event.meeting) this.#meetingEvent(event.meeting, event.number);
  }

  #meetingEvent(event: causeway.MeetingEvent.$Properties, number: number): void {
    const { meeting } = this.store.get();
    if (!meeting) return;
    if (event.caption) {
      this.captions.add(event.caption, Date.now());
      return;
    }
    const next = apply(meeting, event, number);
    const { myId } = this.store.get();
    this.store.update({ meeting: next });
    this.recording.changed(meeting, next);
    for (const notice of noticesOf(meeting, next, event, myId)) {
      this.emit('notice', notice);
      if (notice.kind === 'role' && !isModerator(myself(this.store.get()))) this.store.update({ waiting: [], viewerHands: [] });
    }
    if (next.ended) this.#stop({ kind: 'ended', reason: 'ended' });
  }

  #sessionEvent(event: causeway.SessionEvent.$Properties): void {
    const { meetingId } = this.#deps;
    if (event.lobbyAnswer && event.lobbyAnswer.meetingId === meetingId) {
      if (event.lobbyAnswer.admitted) void this.join();
      else this.#stop({ kind: 'ended', reason: 'denied' });
    }
    if (event.lobbyList) this.#lobbyChanged((event.lobbyList.waiting ?? []).map(toWaiting));
    if (event.consumersChanged) void this.media.consumersChanged(event.consumersChanged);
    if (event.producerStopped) {
      const source = this.media.producerStopped(event.producerStopped);
      const by = event.producerStopped.byName ?? '';
      if (by !== '' && source === 'microphone') this.emit('notice', { kind: 'muted', by });
      if (by !== '' && source === 'screen') this.emit('notice', { kind: 'share-stopped', by });
    }
    if (event.mediaMoved && event.mediaMoved.meetingId === meetingId) this.media.moved();
    if (event.producerDemand) this.media.producerDemand(event.producerDemand);
    if (event.producerUndecodable) this.media.producerUndecodable(event.producerUndecodable);
    if (event.videoStarved && event.videoStarved.meetingId === meetingId) this.media.videoStarved(event.videoStarved);
    if (event.roleChanged && event.roleChanged.meetingId === meetingId) this.#roleChanged(event.roleChanged);
    if (event.viewerHands && event.viewerHands.meetingId === meetingId)
      this.store.update({ viewerHands: (event.viewerHands.viewers ?? []).map(toParticipant) });
    if (event.askedToUnmute) this.emit('notice', { kind: 'asked-to-unmute', by: event.askedToUnmute.byName ?? '' });
    if (event.removed && event.removed.meetingId === meetingId) {
      const reason: EndReason = event.removed.reason === causeway.Removed.Reason.REASON_MEETING_ENDED ? 'ended' : 'removed';
      this.#stop({ kind: 'ended', reason });
    }
  }

  /** The stage was given or taken: the same page goes on with other transports. What it shows stays until the new pictures come. */
  #roleChanged({ role, joinAgain }: causeway.RoleChanged.$Properties): void {
    const { self, phase } = this.store.get();
    if (!joinAgain) {
      if (self && role) this.store.update({ self: { ...self, role } });
      return;
    }
    if (phase.kind !== 'joined') return;
    if (role) this.emit('notice', { kind: 'role', role });
    this.#changesRole = true;
    this.media.awaitSetup();
    void this.#enter();
  }

  #lobbyChanged(waiting: readonly WaitingPerson[]): void {
    const known = new Set(this.store.get().waiting.map((w) => w.id));
    this.store.update({ waiting });
    for (const person of waiting) if (!known.has(person.id)) this.emit('notice', { kind: 'lobby', name: person.name });
  }

  /** True: the server has done it. A refusal is told. */
  async #act(call: Promise<unknown>): Promise<boolean> {
    try {
      await call;
      return true;
    } catch (thrown) {
      // When it is over, the call's answer may be what was cut off by that.
      if (!this.#over) this.emit('notice', { kind: 'refused', error: toRpcError(thrown) });
      return false;
    }
  }
}

function toQuestion({ kind, startedByName, notice }: causeway.ConsentNeeded.$Properties, changed: boolean): ConsentQuestion {
  return {
    kind: kind ?? causeway.RecordingKind.RECORDING_KIND_RECORDING,
    startedByName: startedByName ?? '',
    notice: notice ?? {},
    changed,
    answering: false,
  };
}

function toWaiting(waiting: causeway.Waiting.$Properties): WaitingPerson {
  const { id = '', personId = '', name = '', guest = false, sinceMs = 0 } = new causeway.Waiting(waiting);
  return { id, personId, name, guest, since: sinceMs };
}
