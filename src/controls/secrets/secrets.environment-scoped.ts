/**
 * An `env_file` that all services share gives each of them the secrets of all the others.
 *
 * Reads:  container.environment of all
 * Passes: no secret comes from a file that other services get too, unless it is theirs to share.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { namesSecret } from "../../facts/secret-like.ts";
import type { Container } from "../../facts/subjects.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, pass } from "../judge.ts";

export const environmentScoped = defineControl({
  id: "secrets.environment-scoped",
  on: "container",
  severity: "low",
  title: "Each service gets its own secrets only",
  claim: "No service gets another's secrets by a shared file.",
  threat: "From the weakest service that gets the file an intruder has the passwords of all of them.",
  remedy:
    "Give each service an `env_file` of its own, or name under `environment:` what it needs: `DB_PASSWORD: ${DB_PASSWORD:?}`.",
  judged:
    "Fails when a service gets two or more secrets from an `env_file` that another service gets too. One shared secret, which a client and its database need, passes. Unknown when an `env_file` cannot be read.",
  frameworks: { owaspDocker: ["D06"], nistCsf: ["PR.AA-05"], coverage: ["S9"] },
  exposureMatters: false,

  check(container, system) {
    const { environment } = container;
    const found: Judgement[] = [];
    for (const [file, secrets] of secretsByFile(container)) {
      const others = system.all("container").filter((other) => other !== container && takesFrom(other, file));
      if (secrets.length < 2 || others.length === 0) continue;
      const who = others
        .slice(0, 3)
        .map((other) => other.ref.name)
        .join(", ");
      found.push(
        fail(
          `${file} gives it ${secrets.length} secrets, and gives them to ${who}${others.length > 3 ? " and others" : ""} too`,
          { detail: file },
        ),
      );
    }
    if (found.length > 0) return found;
    if (!environment.complete)
      return cannotTell("what it gets from files", environment.why, { place: environment.place });
    const hidden = system.all("container").find((other) => !other.environment.complete);
    if (hidden !== undefined && secretsByFile(container).size > 0) {
      return cannotTell("who else gets its secrets", `the environment of ${hidden.ref.name} is not whole`, {
        place: environment.place,
      });
    }
    return pass("no file gives it and others the same secrets", environment.place);
  },
});

function secretsByFile(container: Container): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { from, name } of container.environment.items) {
    if (from === undefined || !namesSecret(name)) continue;
    const list = found.get(from);
    if (list === undefined) found.set(from, [name]);
    else list.push(name);
  }
  return found;
}

function takesFrom(container: Container, file: string): boolean {
  return container.environment.items.some((variable) => variable.from === file);
}
