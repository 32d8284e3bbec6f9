import type { NewAction } from "../ledger/action.ts";

/** An action of a test, told apart by the name of its target. */
export function testAction(name: string, changes: Partial<NewAction> = {}): NewAction {
  return {
    principal: { kind: "user", name: "ada", uid: 1000, host: "atlas" },
    action: "secret.set",
    target: { kind: "secret", name },
    stack: "shop",
    operation: null,
    outcome: "done",
    before: null,
    after: "sha256:0000000000000000000000000000000000000000000000000000000000000000",
    detail: { store: "age" },
    ...changes,
  };
}
