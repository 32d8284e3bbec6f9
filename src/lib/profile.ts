/**
 * How long the phases of one command took, in milliseconds. Time spent in a phase inside another counts for the inner
 * one alone, so that the phases add up to the whole.
 */
export class Profile {
  readonly #clock: (() => number) | undefined;
  readonly #totals = new Map<string, number>();
  readonly #running: { name: string; since: number }[] = [];

  /** `clock` gives milliseconds and only goes forward (`performance.now`); without one nothing is timed. */
  constructor(clock: (() => number) | undefined) {
    this.#clock = clock;
  }

  /** Runs a function and adds its time to the phase, also when it throws. Not for functions that return a promise. */
  time<T>(name: string, run: () => T): T {
    if (this.#clock === undefined) return run();
    this.#switch(name, this.#clock());
    try {
      return run();
    } finally {
      this.#back(this.#clock());
    }
  }

  /** The phases in the order in which they were first entered. */
  get phases(): readonly { readonly name: string; readonly milliseconds: number }[] {
    return [...this.#totals].map(([name, milliseconds]) => ({ name, milliseconds }));
  }

  #switch(name: string, now: number): void {
    const outer = this.#running.at(-1);
    if (outer !== undefined) this.#add(outer.name, now - outer.since);
    if (!this.#totals.has(name)) this.#totals.set(name, 0);
    this.#running.push({ name, since: now });
  }

  #back(now: number): void {
    const inner = this.#running.pop();
    if (inner !== undefined) this.#add(inner.name, now - inner.since);
    const outer = this.#running.at(-1);
    if (outer !== undefined) outer.since = now;
  }

  #add(name: string, milliseconds: number): void {
    this.#totals.set(name, (this.#totals.get(name) ?? 0) + milliseconds);
  }
}
