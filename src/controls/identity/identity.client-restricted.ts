/**
 * A trusted certificate without a restriction is root on the host.
 *
 * Reads:  principal.incus (type, restricted, projects), grant.incus.restricted
 * Passes: the client may use named projects only, and those are restricted themselves.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { IncusClientExtension } from "../../facts/extensions-incus.ts";
import { knownValue } from "../../facts/fact.ts";
import type { Principal } from "../../facts/subjects.ts";
import type { System } from "../../facts/system.ts";
import { defineControl } from "../define.ts";
import { all, cannotTell, fail, notApplicable, pass } from "../judge.ts";

export const clientRestricted = defineControl({
  id: "identity.client-restricted",
  on: "principal",
  platforms: ["incus"],
  severity: "low",
  title: "Clients may use the projects that they need",
  claim: "Every trusted client is restricted to named projects that are restricted themselves.",
  threat:
    "A client without a restriction starts a privileged container with the host's disk: whoever gets the certificate of a build machine or a laptop is root on the host.",
  remedy:
    'Add `restricted = true` and `projects = ["…"]` to the certificate, and `"restricted" = "true"` to each project\'s `config`: only then may its instances not be privileged. An administrator\'s own certificate is an exception to record.',
  judged:
    "For certificates of clients: fails low when they are not restricted, and medium when they are restricted to a described project that is not. Certificates for metrics and of cluster members are not judged. Unknown for projects that are made elsewhere.",
  frameworks: { nistCsf: ["PR.AA-05"], zeroTrust: ["3"], coverage: ["T7", "A13"] },
  exposureMatters: false,

  check(principal, system) {
    const { incus } = principal;
    if (incus === undefined) return notApplicable("no client of Incus");
    const { type, restricted } = incus;
    if (type.kind === "unknown") return cannotTell("what the certificate is for", type.why, { place: type.place });
    if (knownValue(type) !== "client") return notApplicable(`a certificate of the type ${knownValue(type)}`);
    if (restricted.kind === "unknown") {
      return cannotTell("whether the client is restricted", restricted.why, { place: restricted.place });
    }
    if (knownValue(restricted) !== true) {
      return fail(`the client ${principal.ref.name} may do everything on the server`, { place: restricted.place });
    }
    return judgeProjects(principal, incus, system);
  },
});

function judgeProjects(
  { ref }: Principal,
  { projects, restricted }: IncusClientExtension,
  system: System,
): Judgement | readonly Judgement[] {
  const found = projects.items.map((name) => judgeProject(ref.name, name, system));
  if (!projects.complete) {
    return all(found, cannotTell("which projects it may use", projects.why, { place: projects.place }));
  }
  return found.length === 0 ? pass("it may use no project", restricted.place) : all(found);
}

function judgeProject(client: string, name: string, system: System): Judgement {
  const project = system.all("grant").find((grant) => grant.incus !== undefined && grant.ref.name === name);
  const detail = { detail: name };
  if (project?.incus === undefined) {
    return cannotTell(`whether the project ${name} is restricted`, "it is not described in these files", {
      ...detail,
      severity: "info",
    });
  }
  const { restricted } = project.incus;
  if (restricted.kind === "unknown") {
    return cannotTell(`whether the project ${name} is restricted`, restricted.why, {
      place: restricted.place,
      ...detail,
    });
  }
  return knownValue(restricted) === true
    ? pass(`it may use the project ${name}, which is restricted`, restricted.place)
    : fail(`the client ${client} may use the project ${name}, whose instances may be privileged`, {
        place: restricted.place,
        severity: "medium",
        ...detail,
      });
}
