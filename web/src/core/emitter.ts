/** Typed events for the parts of the page that outlive a component. */

type Arguments = readonly unknown[];
type Listener<Values extends Arguments> = (...values: Values) => void;
type Listeners<Events extends { [Name in keyof Events]: Arguments }> = { [Name in keyof Events]?: Set<Listener<Events[Name]>> };

export class Emitter<Events extends { [Name in keyof Events]: Arguments }> {
  readonly #listeners: Listeners<Events> = {};

  /** Listens; the result stops it. */
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void {
    const listeners: Set<Listener<Events[Name]>> = this.#listeners[name] ?? new Set();
    this.#listeners[name] = listeners;
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }

  /** A listener that throws must not keep the others from hearing it. */
  protected emit<Name extends keyof Events>(name: Name, ...values: Events[Name]): void {
    for (const listener of [...(this.#listeners[name] ?? [])]) {
      try {
        listener(...values);
      } catch (error) {
        reportError(error);
      }
    }
  }
}
