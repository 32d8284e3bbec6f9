import type { ResolvedService } from "../contracts/resolved.ts";
import { listed } from "../lib/listed.ts";
import { isExampleDomain } from "./domains.ts";
import type { Model } from "./model.ts";

/** What is not settled yet, as sentences for `plan`: nothing of it is wrong, and nothing of it should stay. */
export function todosOf(model: Model, services: readonly ResolvedService[]): string[] {
  const todos = [...model.unscraped];
  if (isExampleDomain(model.declaration.domain) && model.declaration.routes.length > 0) {
    todos.push(`The domain is still ${model.declaration.domain}, which nobody outside can reach: set \`domain\`.`);
  }
  const loose = services.filter(
    (service) => service.image.digest === undefined && service.image.standsInFor === undefined,
  );
  if (loose.length > 0) {
    const names = listed(loose.map((service) => service.name));
    todos.push(
      `${loose.length === 1 ? "The image" : "The images"} of ${names} ${loose.length === 1 ? "has" : "have"} no digest yet: run \`ringwall pin\`.`,
    );
  }
  if (model.declaration.backups !== undefined) {
    todos.push("Backups are declared, but this version of Ringwall does not run them yet.");
  }
  return todos;
}
