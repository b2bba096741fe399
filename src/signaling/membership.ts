/**
 * Who belongs to a meeting and to its conversation, and who was put out of both. What it writes down
 * races with people who are on the way in; therefore it remembers those put out, besides the records.
 */
import type { Conversations } from '../chat/index.js';
import { CausewayError } from '../platform/errors.js';
import type { MeetingRecord, MeetingRecords } from './meeting-records.js';

export interface MembershipDeps {
  readonly record: () => MeetingRecord;
  readonly records: MeetingRecords;
  readonly conversations: Conversations;
}

/** Which messages somebody who comes in may read. */
export interface ChatMembership {
  readonly visibleAfter: number;
  readonly latest: number;
}

export class Membership {
  readonly #deps: MembershipDeps;
  /** People who were put out. Whoever of them is on the way in stops at the door, whatever was read of him before. */
  readonly #removed = new Set<string>();

  constructor(deps: MembershipDeps) {
    this.#deps = deps;
  }

  /** @throws MEETING_REMOVED */
  assertNotRemoved(personId: string): void {
    if (this.#removed.has(personId)) throw new CausewayError('MEETING_REMOVED');
  }

  /** Out of the meeting, for good, and of its chat. */
  async remove(personId: string): Promise<void> {
    this.#removed.add(personId);
    try {
      await this.#deps.records.remove(this.#deps.record(), personId);
      await this.removeFromChat(personId);
    } catch (error) {
      this.#removed.delete(personId);
      throw error;
    }
  }

  /** @throws MEETING_REMOVED, with nothing left, when the person was put out meanwhile. */
  async addToChat(personId: string): Promise<ChatMembership> {
    const { orgId, conversationId, chatHistory } = this.#deps.record();
    const { conversations } = this.#deps;
    const membership = await conversations.addMember(orgId, conversationId, personId, chatHistory ? 'everything' : 'from now on');
    if (!this.#removed.has(personId)) return membership;
    await conversations.removeMember(orgId, conversationId, personId);
    throw new CausewayError('MEETING_REMOVED');
  }

  async removeFromChat(personId: string): Promise<void> {
    const { orgId, conversationId } = this.#deps.record();
    await this.#deps.conversations.removeMember(orgId, conversationId, personId);
  }
}
