import type { ServiceHook } from "../../facts/extensions.ts";
import { defaulted, unstated } from "../../facts/fact.ts";
import { asBoolean, asText, Fields } from "../../formats/fields.ts";
import { parseUser } from "./read-container.ts";
import type { ProjectContext } from "./read-context.ts";
import { readArguments, readEnvironment } from "./read-environment.ts";

/**
 * `post_start` and `pre_stop`: commands that Compose has the engine run in the container beside its program. Without a user of
 * its own a hook runs as the container does.
 *
 * Source: Docker's reference of the Compose file, "post_start"; hooks came with Docker Compose 2.30.
 */
export function readHooks(
  service: Fields,
  { composeFiles }: Pick<ProjectContext, "composeFiles">,
): readonly ServiceHook[] {
  return (["post_start", "pre_stop"] as const).flatMap((kind) => {
    const list = service.node(kind);
    if (list?.kind !== "sequence") return [];
    return list.items.map((item, index): ServiceHook => {
      const fields = Fields.of(item, item.place, kind);
      return {
        name: list.items.length === 1 ? kind : `${kind} ${index + 1}`,
        privileged: fields.fact("privileged", asBoolean, "true or false", (at) => defaulted(false, "platform", at)),
        user: fields.fact("user", (node) => parseUser(asText(node)?.trim() ?? ""), "a user", unstated),
        command: readArguments(fields, "command"),
        environment: readEnvironment(fields, composeFiles),
        place: item.place,
      };
    });
  });
}
