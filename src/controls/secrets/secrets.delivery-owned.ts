/**
 * A secret's file that belongs to another user is read by that user, and by its own service not at all.
 *
 * Reads:  secret-reference.uid, container.user
 * Passes: the delivered file belongs to the uid that its service runs as.
 */
import { knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { cannotTell, demand, notApplicable } from "../judge.ts";

export const deliveryOwned = defineControl({
  id: "secrets.delivery-owned",
  on: "secret-reference",
  severity: "low",
  title: "Delivered secrets belong to their service's user",
  claim: "Every delivered secret belongs to the user that its service runs as.",
  threat:
    "Whoever has the uid that the file belongs to reads it, on the host or in another container that is given it.",
  remedy: "Run `ringwall up`: it delivers the file anew, with its owner. Find out who changed it.",
  judged:
    "Where Ringwall delivers: in a declaration, and on the running stack as `ringwall probe` finds the file through the container. A Compose file does not show who owns a file of the host, and in other people's stacks a group may be meant to read it.",
  frameworks: {
    owaspDocker: ["D06"],
    nistCsf: ["PR.AA-05"],
    coverage: ["S2"],
  },
  platforms: ["compose"],
  exposureMatters: false,

  check(reference, system) {
    const { uid, delivery, lens, owner } = reference;
    if (lens !== "declared" && lens !== "measured")
      return notApplicable("only a declaration and a probe tell the owner");
    if (knownValue(delivery) !== undefined && knownValue(delivery) !== "file")
      return notApplicable("not delivered as a file");
    if (uid.kind === "unstated") return notApplicable("a setting that names a file, not the file itself");
    const workload = system.workload(owner);
    const users = workload === undefined ? [] : system.containersOf(workload).map(({ user }) => knownValue(user)?.uid);
    const own = users.flatMap((user) => user ?? []);
    if (own.length === 0 || own.length < users.length)
      return cannotTell(`whether ${reference.secret} belongs to its service`, `the user of ${owner.name} is not known`);
    return demand(uid, (value) => own.includes(value), {
      what: `the owner of ${reference.secret}`,
      show: (value) => `uid ${value}, and ${owner.name} runs as ${own.join(" and ")}`,
    });
  },
});
