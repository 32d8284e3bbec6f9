import { join } from "node:path";
import type { RenderedFile } from "../../contracts/platform.ts";
import type { ResolvedStack } from "../../contracts/resolved.ts";
import { DeclarationErrors, RingwallError } from "../../lib/error.ts";
import { renderCompose } from "../../platforms/compose/render.ts";
import { composeObstacles } from "../../platforms/compose/resource-obstacles.ts";
import { composeResources } from "../../platforms/compose/resources.ts";

/**
 * The files of a stack for its platform. Pure: the same stack gives the same bytes. Throws where the platform cannot
 * do what is declared, or is not one that Ringwall renders.
 */
export function renderStack(stack: ResolvedStack): readonly RenderedFile[] {
  if (stack.platform !== "compose") {
    throw new RingwallError(
      "unsupported",
      `The platform "${stack.platform}" of ${stack.name} cannot be rendered yet.`,
      {
        place: stack.place,
        hint: "Write `platform: compose`.",
      },
    );
  }
  const obstacles = composeObstacles(stack);
  if (obstacles.length > 0) {
    throw new DeclarationErrors(
      obstacles.map((text) => new RingwallError("unsupported", text, { place: stack.place })),
    );
  }
  return renderCompose(composeResources(stack));
}

/** Where a stack is rendered when nothing else is said: beside its declaration, to be seen and committed. */
export function renderedFolder(stackFolder: string, stack: Pick<ResolvedStack, "platform">): string {
  return join(stackFolder, "rendered", stack.platform);
}
