/** Those who watch a session. An EventEmitter takes 250 bytes for three listeners, this a fifth. */
import type { Session, SessionWatcher } from './session.js';

const nobody: readonly SessionWatcher[] = [];

export abstract class WatchedSession {
  #watchers = nobody;

  watch(watcher: SessionWatcher): void {
    if (!this.#watchers.includes(watcher)) this.#watchers = this.#watchers.concat(watcher);
  }

  unwatch(watcher: SessionWatcher): void {
    const others = this.#watchers.filter((other) => other !== watcher);
    this.#watchers = others.length > 0 ? others : nobody;
  }

  protected get watched(): boolean {
    return this.#watchers.length > 0;
  }

  /**
   * Watchers belong to several parts: one that throws keeps no other from hearing.
   *
   * @throws AggregateError of what they threw.
   */
  protected tell(this: this & Session, change: keyof SessionWatcher): void {
    const thrown: unknown[] = [];
    for (const watcher of this.#watchers) {
      try {
        watcher[change]?.(this);
      } catch (error) {
        thrown.push(error);
      }
    }
    if (change === 'ended') this.#watchers = nobody;
    if (thrown.length > 0) throw new AggregateError(thrown, `a watcher of "${change}" threw`);
  }
}
