/** State outside React: one value that is replaced, never changed, and those who want to hear of it. */
import { useSyncExternalStore } from 'react';

export class Store<State> {
  #state: State;
  readonly #listeners = new Set<() => void>();

  constructor(initial: State) {
    this.#state = initial;
  }

  readonly get = (): State => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  /** Replaces the given parts. Nothing happens when all of them are the same already. */
  update(parts: Partial<State>): void {
    const next = { ...this.#state, ...parts };
    const names: (keyof State)[] = [];
    for (const name in parts) names.push(name);
    if (names.every((name) => Object.is(next[name], this.#state[name]))) return;
    this.#state = next;
    for (const listener of [...this.#listeners]) listener();
  }
}

/** The part of a store's state that a component shows. The selector must return parts of the state, not new objects. */
export function useStore<State, Part>(store: Store<State>, select: (state: State) => Part): Part {
  return useSyncExternalStore(store.subscribe, () => select(store.get()));
}
