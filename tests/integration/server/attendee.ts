/** Somebody with a socket, in meetings: the calls of a page, and the meeting as a page would fold it. */
import { expect } from 'vitest';
import { causeway } from '#proto';
import type { ErrorCode } from '../../../src/platform/errors.js';
import { apply, fromSnapshot, type MeetingState, type ParticipantState } from '../../../src/signaling/meeting-state.js';
import { type Api, produceParameters } from '../../support/api.js';
import type { SocketClient } from '../../support/index.js';

export const { Role, Source } = causeway;
export const LeftReason = causeway.ParticipantLeft.Reason;
export const RemovedReason = causeway.Removed.Reason;

export class Attendee {
  client: SocketClient;
  readonly meetingId: string;
  readonly #rtpCapabilities: string;
  #joined: causeway.Joined.$Properties | undefined;

  private constructor(client: SocketClient, meetingId: string, rtpCapabilities: string) {
    this.client = client;
    this.meetingId = meetingId;
    this.#rtpCapabilities = rtpCapabilities;
  }

  /** Connects, and does not join yet. */
  static async arrive(api: Api, meetingId: string, who: { accessToken: string }, language = 'en'): Promise<Attendee> {
    return new Attendee(await api.connect(who.accessToken, language), meetingId, await api.rtpCapabilities());
  }

  /** Connects and joins a meeting that lets this person in. */
  static async enter(api: Api, meetingId: string, who: { accessToken: string }): Promise<Attendee> {
    const attendee = await Attendee.arrive(api, meetingId, who);
    await attendee.enter();
    return attendee;
  }

  join(rtpCapabilities = this.#rtpCapabilities): Promise<causeway.JoinReply> {
    return this.client.meeting.join({ meetingId: this.meetingId, rtpCapabilities });
  }

  async enter(): Promise<causeway.Joined.$Properties> {
    const { joined } = await this.join();
    if (!joined) throw new Error('Waits in the lobby.');
    this.#joined = joined;
    return joined;
  }

  /** Knocks; gives the id of the wait. */
  async knock(): Promise<string> {
    const { waiting } = await this.join();
    if (!waiting?.id) throw new Error('Is in at once.');
    return waiting.id;
  }

  get joined(): causeway.Joined.$Properties {
    if (!this.#joined) throw new Error('Not in the meeting.');
    return this.#joined;
  }

  get id(): string {
    return this.joined.participantId ?? '';
  }

  get conversationId(): string {
    return this.joined.snapshot?.conversationId ?? '';
  }

  /** The snapshot of joining and all events since. @throws when a number is missing. */
  get state(): MeetingState {
    let state = fromSnapshot(this.joined.snapshot ?? {});
    for (const { number, meeting } of this.client.eventsOf(`meeting/${this.meetingId}`)) {
      if (number > 0 && number <= state.number) continue;
      if (number > state.number + 1) throw new Error(`After event ${state.number} came ${number}.`);
      state = apply(state, meeting ?? {}, number);
    }
    return state;
  }

  /** How this attendee sees another; undefined: not in the meeting. */
  sees(other: Attendee | string): ParticipantState | undefined {
    return this.state.participants.get(typeof other === 'string' ? other : other.id);
  }

  /** Waits until the meeting looks so from here. */
  async until(looks: (state: MeetingState) => unknown, what: string): Promise<MeetingState> {
    if (!looks(this.state)) await this.client.waitForEvent((event) => event === this.client.events.at(-1) && looks(this.state), what);
    return this.state;
  }

  /** Waits for an event of the session's own topic. */
  async told<Name extends keyof causeway.SessionEvent.$Properties>(
    name: Name,
  ): Promise<NonNullable<causeway.SessionEvent.$Properties[Name]>> {
    const { session } = await this.client.waitForEvent((event) => event.session?.[name], String(name));
    const body = session?.[name];
    if (body === undefined || body === null) throw new Error(`No ${String(name)}.`);
    return body;
  }

  /** Everything of one kind that the session was told, oldest first. */
  allTold<Name extends keyof causeway.SessionEvent.$Properties>(name: Name): NonNullable<causeway.SessionEvent.$Properties[Name]>[] {
    return this.client.eventsOf('session').flatMap(({ session }) => {
      const body = session?.[name];
      return body === undefined || body === null ? [] : [body];
    });
  }

  async produce(source: causeway.Source, kind: 'audio' | 'video' = 'audio'): Promise<string> {
    const { producerId } = await this.client.media.produce({
      meetingId: this.meetingId,
      transportId: this.joined.media?.send?.id ?? '',
      source,
      rtpParameters: produceParameters(kind),
    });
    return producerId;
  }

  write(body: string, clientId: string = crypto.randomUUID()): Promise<causeway.SendReply> {
    return this.client.chat.send({ conversationId: this.conversationId, clientId, body });
  }

  async snapshot(): Promise<MeetingState> {
    const { snapshot } = await this.client.meeting.snapshot({ meetingId: this.meetingId });
    return fromSnapshot(snapshot ?? {});
  }

  leave(): Promise<causeway.LeaveReply> {
    return this.client.meeting.leave({ meetingId: this.meetingId });
  }
}

/** The call is refused with this code of the catalogue. */
export async function refused(call: Promise<unknown>, code: ErrorCode): Promise<void> {
  await expect(call).rejects.toMatchObject({ name: 'SocketCallError', code });
}
