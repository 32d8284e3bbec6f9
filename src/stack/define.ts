import type { StackInput } from "./schema.ts";

/**
 * Gives a stack written in TypeScript its types; returns it as it is.
 *
 *     export const stack = defineStack({ name: "shop", services: { … } });
 *
 * The file is executed only when the user names it; `check` never does.
 */
export function defineStack(stack: StackInput): StackInput {
  return stack;
}
