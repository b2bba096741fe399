/**
 * The way into a meeting: who enters, who waits, who gets the media anew. Whatever fails on the way
 * leaves nothing behind: no transport, no participant, no stay.
 */
import type { types as mediasoup } from 'mediasoup';
import type { causeway } from '#proto';
import type { PeerOffer } from '../media/index.js';
import type { Clock } from '../platform/clock.js';
import { CausewayError } from '../platform/errors.js';
import type { Session } from '../platform/gateway/index.js';
import { newId } from '../platform/ids.js';
import { decideAdmission } from './admission.js';
import type { LiveRecording } from './live-recording.js';
import { type Meeting, moderates } from './meeting.js';
import { type MeetingMedia, placeOf } from './meeting-media.js';
import type { MeetingRecord, MeetingRecords, Standing } from './meeting-records.js';
import { fromParticipant, toSnapshot } from './meeting-state.js';
import type { ChatMembership, Membership } from './membership.js';
import type { Moderation } from './moderation.js';
import type { Presence, Presences } from './presences.js';
import type { Stays } from './stays.js';
import type { Tidings } from './tidings.js';
import type { IceServersOf } from './turn-credentials.js';
import { Turnstile } from './turnstile.js';
import type { WaitingRoom } from './waiting-room.js';
import { toMediaSetup, toWaiting } from './wire.js';

export interface EntranceDeps {
  readonly clock: Clock;
  readonly iceServers: IceServersOf;
  readonly record: () => MeetingRecord;
  readonly records: MeetingRecords;
  readonly machine: Meeting;
  readonly media: MeetingMedia;
  readonly membership: Membership;
  readonly moderation: Moderation;
  readonly presences: Presences;
  readonly stays: Stays;
  readonly tidings: Tidings;
  readonly waitingRoom: WaitingRoom;
  /** It is on from when the first comes in. @throws MEETING_ENDED */
  readonly begin: () => Promise<void>;
  /** Nobody comes in any more. */
  readonly closed: () => boolean;
  readonly recording: LiveRecording;
}

/** More at once don't come in any sooner. */
const joinsAtOnce = 16;

export class Entrance {
  readonly #deps: EntranceDeps;
  readonly #door = new Turnstile(joinsAtOnce);
  /** The newest join, or building anew, of each session. */
  readonly #joining = new Map<string, Promise<void>>();

  constructor(deps: EntranceDeps) {
    this.#deps = deps;
  }

  /** Somebody is on the way in. */
  get busy(): boolean {
    return this.#joining.size > 0;
  }

  /** Joins of one session run one after the other, so that the second finds the first's participant. */
  join(
    session: Session,
    rtpCapabilities: mediasoup.RtpCapabilities,
    consent?: causeway.ConsentAnswer.$Properties | null,
  ): Promise<causeway.JoinReply.$Properties> {
    return this.#inTurn(session, () => this.#join(session, rtpCapabilities, consent));
  }

  /** In turn, too: a page that asks for it in a storm keeps one place in the line of the worker, like every other. */
  rebuild(session: Session, rtpCapabilities: mediasoup.RtpCapabilities): Promise<causeway.MediaSetup.$Properties> {
    const { iceServers, machine, media, presences } = this.#deps;
    return this.#inTurn(session, async () => {
      const presence = presences.get(session);
      const sends = machine.state.participants.has(presence.participantId);
      return toMediaSetup(await media.renew(presence, rtpCapabilities, { sends }), iceServers(presence.participantId));
    });
  }

  /** Counts viewers as they are now; what was told of them is up to a second old. */
  snapshot(): causeway.MeetingSnapshot.$Properties {
    const { machine } = this.#deps;
    return toSnapshot({ ...machine.state, viewers: machine.audience.size });
  }

  /** What a session asks for in order to come in, or to have its media anew: one after the other. */
  #inTurn<Answer>(session: Session, act: () => Promise<Answer>): Promise<Answer> {
    const before = this.#joining.get(session.id) ?? Promise.resolve();
    const joining = before.then(() => this.#door.pass(act));
    const settled = joining.then(
      () => undefined,
      () => undefined,
    );
    this.#joining.set(session.id, settled);
    void settled.then(() => this.#joining.get(session.id) === settled && this.#joining.delete(session.id));
    return joining;
  }

  async #join(
    session: Session,
    rtpCapabilities: mediasoup.RtpCapabilities,
    consent: causeway.ConsentAnswer.$Properties | null | undefined,
  ): Promise<causeway.JoinReply.$Properties> {
    const { machine, presences, record, records, waitingRoom } = this.#deps;
    const { personId, name, role } = session.principal;
    const guest = role === 'guest';
    const present = presences.find(session);
    if (present) return { joined: await this.#rejoin(present, rtpCapabilities) };

    const standing = await records.standing(record(), personId);
    // Who has gone meanwhile would wait for ever: nobody tells the lobby of it any more.
    this.#assertOpen(session);
    const door = { meeting: record(), locked: machine.state.locked, someoneWasRemoved: standing.someoneWasRemoved };
    const answer = decideAdmission({ personId, guest, member: standing.member }, door);
    if (answer === 'wait') {
      return { waiting: toWaiting(waitingRoom.wait(session, { id: session.id, personId, name, guest })) };
    }
    const memberRole = standing.member?.role ?? 'attendee';
    machine.assertRoom(memberRole);
    // Whoever views sends nothing that could be recorded.
    const question = machine.views(memberRole) ? null : await this.#deps.recording.question(session, consent);
    if (question) return { consent: question };
    return { joined: await this.#enter(session, standing, rtpCapabilities) };
  }

  async #enter(session: Session, { member }: Standing, rtpCapabilities: mediasoup.RtpCapabilities): Promise<causeway.Joined.$Properties> {
    const { clock, machine, media, membership, moderation, presences, record, records, stays, waitingRoom } = this.#deps;
    const { personId, name, role: accountRole } = session.principal;
    const participantId = newId(clock.now());
    const stayId = newId(clock.now());
    const role = member?.role ?? 'attendee';
    await this.#deps.begin();
    const arrived = stays.expect(session);
    try {
      const [chat] = await together(membership.addToChat(personId), records.enter(record(), stayId, personId));
      const offer = await media.addPeer(participantId, rtpCapabilities, { sends: !machine.views(role), ...placeOf(session) });
      // No await from here on: what the room tells of this peer must find it present, and events
      // that the snapshot does not include must find it subscribed.
      this.#assertOpen(session);
      membership.assertNotRemoved(personId);
      if (machine.state.locked && !member && presences.ofPerson(personId).length === 0) throw new CausewayError('MEETING_LOCKED');
      machine.enter({ id: participantId, personId, name, guest: accountRole === 'guest', role });
      waitingRoom.leave(session.id);
      const presence = stays.begin(session, { participantId, stayId });
      // The socket may have been lost before anybody listened.
      if (!session.connected) machine.setConnected(participantId, false);
      moderation.catchUp(personId, role);
      return this.#joined(presence, offer, chat);
    } catch (error) {
      await media.removePeer(participantId);
      const lockedOut = error instanceof CausewayError && error.code === 'MEETING_LOCKED';
      await records.forgetStay(record(), stayId, lockedOut ? personId : null);
      if (lockedOut) await membership.removeFromChat(personId);
      // The room closes with the meeting; that is not the media's fault.
      throw machine.state.ended ? new CausewayError('MEETING_ENDED', { cause: error }) : error;
    } finally {
      arrived();
    }
  }

  /** @throws AUTH_SIGNED_OUT, MEETING_ENDED, SERVER_DRAINING when there is nobody or nothing left to come in, or to. */
  #assertOpen(session: Session): void {
    if (session.ended) throw new CausewayError('AUTH_SIGNED_OUT');
    if (this.#deps.closed()) throw new CausewayError(this.#deps.machine.state.ended ? 'MEETING_ENDED' : 'SERVER_DRAINING');
  }

  /**
   * The page lost its state but not its session, or it has another role: same participant, all media
   * anew. Whose role changes once more meanwhile is told to join again, and has what fits then.
   */
  async #rejoin(presence: Presence, rtpCapabilities: mediasoup.RtpCapabilities): Promise<causeway.Joined.$Properties> {
    const { machine, media, membership } = this.#deps;
    const { participantId } = presence;
    const called = machine.isCalled(participantId);
    const chat = await membership.addToChat(presence.personId);
    const offer = await media.renew(presence, rtpCapabilities, { sends: called || machine.state.participants.has(participantId) });
    if (called) machine.stepUp(participantId);
    return this.#joined(presence, offer, chat);
  }

  #joined({ participantId, session }: Presence, offer: PeerOffer, chat: ChatMembership): causeway.Joined.$Properties {
    const { iceServers, machine, tidings } = this.#deps;
    const self = machine.state.participants.get(participantId) ?? machine.audience.get(participantId);
    if (self && moderates(self)) tidings.showHands(session);
    return {
      participantId,
      snapshot: this.snapshot(),
      media: toMediaSetup(offer, iceServers(participantId)),
      ...(self && { self: fromParticipant(self) }),
      ...(self && moderates(self) ? { lobby: { waiting: machine.waiting.map(toWaiting) } } : {}),
      chatLast: chat.latest,
      chatVisibleAfter: chat.visibleAfter,
      consent: this.#deps.recording.consentOf(session.principal.personId),
    };
  }
}

/** Like Promise.all, and waits for both even when one fails: nothing goes on behind the caller's back. */
async function together<One, Other>(one: Promise<One>, other: Promise<Other>): Promise<[One, Other]> {
  await Promise.allSettled([one, other]);
  return Promise.all([one, other]);
}
