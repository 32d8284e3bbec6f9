/** Thrown when a text asks for more work than any honest one does. Caught where an evaluation begins. */
export class Exhausted {}

/** Steps that one configuration may cost. A large real one costs some tens of thousands. */
const allSteps = 1_000_000;

/** How deep evaluating may nest: expressions, locals, modules and templates within one another. */
export const maxNesting = 400;

/** Counts the work of evaluating one configuration, so that a hostile one ends. */
export class Budget {
  #left: number;
  #nesting = 0;

  constructor(steps = allSteps) {
    this.#left = steps;
  }

  /** Takes steps; throws `Exhausted` where none are left. */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw new Exhausted();
  }

  /** Goes one level deeper; false where that is too deep, and then `leave` is not to be called. */
  enter(): boolean {
    if (this.#nesting >= maxNesting) return false;
    this.#nesting++;
    return true;
  }

  leave(): void {
    this.#nesting--;
  }

  /** Takes what a text of some length costs. */
  spendOnText(length: number): void {
    this.spend(1 + length / 64);
  }
}
