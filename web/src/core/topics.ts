/** The topics that a session hears of, each in order; says what is missing and what is lost for good. */
import type { causeway } from '#proto';
import { toRpcError } from './rpc-error';
import { type Delivery, TopicLog } from './topic-log';

export interface TopicsDeps {
  /** Events in order, without gaps and doubles. */
  readonly deliver: (event: causeway.Event) => void;
  /** Asks for what comes after a number; it comes as events, before the answer. */
  readonly replay: (topic: string, after: number) => Promise<unknown>;
  /** Events are lost for good. */
  readonly lost: (topic: string) => void;
}

export const sessionTopic = 'session';

export class Topics {
  readonly #deps: TopicsDeps;
  readonly #logs = new Map<string, TopicLog<causeway.Event>>();
  readonly #replaying = new Set<string>();

  constructor(deps: TopicsDeps) {
    this.#deps = deps;
    this.forget();
  }

  /** For Resume: the last number seen of each. */
  seen(): causeway.Seen.$Properties[] {
    return [...this.#logs].flatMap(([topic, { last }]) => (last === null ? [] : [{ topic, number: last }]));
  }

  /** Another session, or another connection of this one, which begins to repeat by itself. */
  reconnected(): void {
    this.#replaying.clear();
  }

  /** Another session: nothing of the old one is left. */
  forget(): void {
    this.#logs.clear();
    this.#logs.set(sessionTopic, new TopicLog<causeway.Event>(0));
  }

  start(topic: string, number: number): void {
    this.#deliver(topic, this.#log(topic).start(number));
  }

  push(event: causeway.Event): void {
    const reset = event.session?.topicReset;
    // It still counts in the order of its own topic; what it says is for this class.
    if (reset) this.#deps.lost(reset.topic ?? '');
    this.#deliver(event.topic, this.#log(event.topic).push(event));
  }

  #log(topic: string): TopicLog<causeway.Event> {
    const log = this.#logs.get(topic) ?? new TopicLog<causeway.Event>(null);
    this.#logs.set(topic, log);
    return log;
  }

  #deliver(topic: string, { events, missingAfter }: Delivery<causeway.Event>): void {
    for (const event of events) this.#deps.deliver(event);
    if (missingAfter !== null) void this.#replay(topic, missingAfter);
  }

  async #replay(topic: string, after: number): Promise<void> {
    if (this.#replaying.has(topic)) return;
    this.#replaying.add(topic);
    try {
      await this.#deps.replay(topic, after);
    } catch (thrown) {
      // Of any other error a new connection is the cure, and Resume brings what is missing.
      if (toRpcError(thrown).code === 'TOPIC_RESET') this.#deps.lost(topic);
    } finally {
      this.#replaying.delete(topic);
    }
  }
}
