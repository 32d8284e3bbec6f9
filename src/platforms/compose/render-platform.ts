import type { Platform } from "../../contracts/platform.ts";
import { composeFacts } from "./facts.ts";
import { gaps, guarantees } from "./guarantees.ts";
import { renderCompose } from "./render.ts";
import { type ComposeResources, composeResources } from "./resources.ts";

/** Docker Compose as a platform for stacks: desired state, files, facts, and what it guarantees. */
export const composePlatform: Platform<ComposeResources> = {
  name: "compose",
  guarantees,
  gaps,
  resources: (stack) => composeResources(stack),
  render: renderCompose,
  facts: composeFacts,
};
