import { setTimeout as sleep } from "node:timers/promises";
import type { ResolvedStack } from "../contracts/resolved.ts";
import type { Store } from "../secrets/store.ts";
import { openStore, type StoreAround } from "../stores/open-store.ts";
import type { Context } from "./command.ts";

/** What a store of this command's stack is opened with. `folder` is the stack's, absolute. */
export function storeAround(folder: string, context: Context): StoreAround {
  return {
    folder,
    environment: context.env,
    surroundings: { clock: () => performance.now(), sleep: (milliseconds) => sleep(milliseconds) },
  };
}

/** The store that a stack keeps its values in. */
export function storeOf(stack: ResolvedStack, folder: string, context: Context): Promise<Store> {
  return openStore(stack, storeAround(folder, context));
}
