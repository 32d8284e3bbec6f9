import type { Finding } from "../../../src/contracts/verdict.ts";
import type { RunningQuickstart } from "../support/running-quickstart.ts";

/** One finding that is expected: `control kind name`, or a pattern of that. */
export type Expected = string | RegExp;

/** One way in which a guarantee is made false on the running quickstart. */
export interface Fault {
  /** What is done, as a clause. */
  readonly title: string;
  /** Guarantees that no longer hold. */
  readonly breaks: readonly string[];
  put(stack: RunningQuickstart): Promise<void> | void;
  take(stack: RunningQuickstart): Promise<void> | void;
  /** Each of these must be among the findings, as failing. */
  readonly named: readonly Expected[];
  /** What may be found beside, since it follows from the same change. */
  readonly follows?: readonly Expected[];
}

/** How a finding is named in the tables. */
export function findingName({ control, subject }: Pick<Finding, "control" | "subject">): string {
  return `${control} ${subject.kind} ${subject.name}`;
}

export function matches(expected: Expected, name: string): boolean {
  return typeof expected === "string" ? expected === name : expected.test(name);
}

/** A fault that is a change of one service's definition. */
export function changed(
  service: string,
  definition: string,
  fault: Pick<Fault, "title" | "breaks" | "named" | "follows">,
): Fault {
  return {
    ...fault,
    put: (stack) => stack.override(service, definition),
    take: (stack) => stack.restore(),
  };
}

/** A fault that is a change of the edge's configuration. */
export function edge(
  change: (caddyfile: string) => string,
  fault: Pick<Fault, "title" | "breaks" | "named" | "follows">,
): Fault {
  return { ...fault, put: (stack) => stack.edgeWith(change), take: (stack) => stack.restore() };
}
