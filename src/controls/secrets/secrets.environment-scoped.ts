/**
 * An `env_file` that all services share gives each of them the secrets of all the others.
 *
 * Reads:  container.environment of all
 * Passes: no secret comes from a file that other services get too, unless it is theirs to share.
 */

import type { Judgement } from "../../contracts/verdict.ts";
import { oncePerSystem } from "../../facts/once.ts";
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
  remedies: {
    kubernetes:
      "Give each workload a Secret of its own, or name the keys that it needs: `valueFrom: { secretKeyRef: { name: db, key: password } }` in place of `envFrom`.",
  },
  judged:
    "Fails when a service gets two or more secrets from an `env_file` that another service gets too. One shared secret, which a client and its database need, passes. On Kubernetes the same for a Secret or ConfigMap among the files that several workloads take whole with `envFrom`. Unknown when an `env_file` cannot be read.",
  frameworks: {
    owaspDocker: ["D06"],
    owaspKubernetes: ["K03"],
    nistCsf: ["PR.AA-05"],
    coverage: ["S9"],
  },
  exposureMatters: false,

  check(container, system) {
    const { environment } = container;
    const { takers, hidden } = filesOf(system);
    const secrets = secretsByFile(container);
    const found: Judgement[] = [];
    for (const [file, names] of secrets) {
      if (names.length < 2) continue;
      const others = [...new Set((takers.get(file) ?? []).map((other) => other.workload.name))].filter(
        (other) => other !== container.workload.name,
      );
      if (others.length === 0) continue;
      const who = others.length > 3 ? `${others.slice(0, 3).join(", ")} and others` : others.join(", ");
      found.push(
        fail(`the file ${file} gives it ${names.length} secrets, and gives them to ${who} too`, { detail: file }),
      );
    }
    if (found.length > 0) return found;
    if (!environment.complete) {
      return cannotTell("what it gets from files", environment.why, { place: environment.place });
    }
    if (hidden !== undefined && secrets.size > 0) {
      const why = `the environment of ${hidden.ref.name} is not whole`;
      return cannotTell("who else gets its secrets", why, { place: environment.place });
    }
    return pass("no file gives it and others the same secrets", environment.place);
  },
});

interface FilesOfSystem {
  /** The containers that get variables from a file. */
  readonly takers: ReadonlyMap<string, readonly Container[]>;
  /** One whose environment is not whole, so that it may take more. */
  readonly hidden: Container | undefined;
}

const filesOf = oncePerSystem((system): FilesOfSystem => {
  const takers = new Map<string, Container[]>();
  for (const container of system.all("container")) {
    for (const file of new Set(container.environment.items.flatMap((variable) => variable.from ?? []))) {
      const list = takers.get(file);
      if (list === undefined) takers.set(file, [container]);
      else list.push(container);
    }
  }
  return { takers, hidden: system.all("container").find((container) => !container.environment.complete) };
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
