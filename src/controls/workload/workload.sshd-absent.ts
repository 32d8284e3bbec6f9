/**
 * SSH into a container is one more password, one more program as root, and no trace in the engine's log.
 *
 * Reads:  container.command, container.entrypoint, image.reference
 * Passes: neither the image nor the command is an SSH server's.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import { type SeenCommand, seenCommand, seenEntrypoint } from "../../facts/command-words.ts";
import { type Fact, stated, unknown } from "../../facts/fact.ts";
import { Sensitive } from "../../facts/sensitive.ts";
import type { Place } from "../../lib/place.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, pass } from "../judge.ts";
import { productOf, words } from "../knowledge/products.ts";

const sshImages = words("openssh-server sshd docker-sshd openssh ssh-server alpine-sshd ubuntu-sshd");
const startsServer = /(?:^|[\s/;&|])(?:sshd|dropbear)(?:\s|$|;|&)|service\s+ssh\s+start/;

export const sshdAbsent = defineControl({
  id: "workload.sshd-absent",
  on: "container",
  severity: "medium",
  title: "No container runs an SSH server",
  claim: "No container is entered by SSH.",
  threat:
    "Its passwords and keys are guessed and forgotten apart from the host's, and what is done there stands in no log of the engine.",
  remedy:
    "Remove the SSH server and use `docker compose exec SERVICE sh`; to take files in, a server for SFTP alone, with keys.",
  remedies: {
    kubernetes:
      "Remove the SSH server and use `kubectl exec`, which the API server allows by role and writes to its audit log; to take files in, a server for SFTP alone, with keys.",
  },
  judged:
    "Fails when the image is an SSH server's, or the command starts `sshd` or `dropbear`. The Git servers' own SSH, which gives no shell, passes.",
  limits: "A server that the image starts by itself under another name is not seen.",
  frameworks: { cisDocker: ["5.7"], owaspDocker: ["D04"], nistCsf: ["PR.AA-05"], coverage: ["W4"] },

  check(container, system) {
    const workload = system.workloadOf(container);
    const product = workload === undefined ? undefined : productOf(workload, system);
    if (product !== undefined && sshImages.has(product.image))
      return fail(`the image ${product.image} is an SSH server`);
    const found = [
      judgeSeen("the command", seenCommand(container), container.command.place),
      judgeSeen("the entrypoint", seenEntrypoint(container), container.entrypoint.place),
    ].filter((each) => each !== undefined);
    const [started] = [...found.filter(({ verdict }) => verdict === "fail"), ...found];
    if (started !== undefined) return started;
    if (product?.doubt !== undefined)
      return cannotTell("whether the image is an SSH server", product.doubt, { severity: "info" });
    return pass("neither image nor command is an SSH server's");
  },
});

function judgeSeen(what: string, { words, hidden }: SeenCommand, place: Place): Judgement | undefined {
  const known = judge(
    what,
    stated(
      words.map((word) => new Sensitive(word)),
      place,
    ),
  );
  return known ?? (hidden === undefined ? undefined : judge(what, unknown(hidden.why, hidden.place)));
}

function judge(what: string, fact: Fact<readonly Sensitive[]>): Judgement | undefined {
  if (fact.kind === "unknown")
    return cannotTell(`whether ${what} starts an SSH server`, fact.why, { place: fact.place });
  if (fact.kind === "unstated") return undefined;
  const text = fact.value.map((word) => word.reveal()).join(" ");
  return startsServer.test(text) ? fail(`${what} starts an SSH server`, { place: fact.place }) : undefined;
}
