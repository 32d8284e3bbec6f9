/**
 * Atlantis runs what a webhook tells it to, with the credentials of all that it manages.
 *
 * Reads:  container.environment, container.command, image.reference
 * Passes: webhooks are verified, repositories are named, and forks are left out.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { Container } from "../../facts/subjects.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { type AtlantisHost, atlantisHosts, fileOfFlags, isAtlantis } from "../knowledge/atlantis.ts";
import { isOn, settingOf } from "../knowledge/container-settings.ts";

export const atlantisOrdersVerified = defineControl({
  id: "identity.atlantis-orders-verified",
  on: "container",
  severity: "high",
  title: "Atlantis takes orders from its own repositories alone",
  claim: "Atlantis verifies who sends a webhook, and works for named repositories and no forks.",
  threat:
    "Whoever reaches the port sends a webhook for a repository of their own, and its plan runs their program with the credentials of the infrastructure.",
  remedy:
    "Set `ATLANTIS_GH_WEBHOOK_SECRET` (or that of your Git host) to a random text that the webhook has too, `ATLANTIS_REPO_ALLOWLIST: github.com/OWNER/REPO`, and leave `ATLANTIS_ALLOW_FORK_PRS` out.",
  judged:
    "Fails without a webhook secret for the Git host that is set up, for an allow-list of `*` or of a whole public host, and for `--allow-fork-prs`. Unknown where a value cannot be resolved, or a file of flags is named.",
  frameworks: { owaspDocker: ["D04"], nistCsf: ["PR.AA-03", "PR.AA-05"], zeroTrust: ["6"], coverage: ["A7"] },

  check(container, system) {
    if (!isAtlantis(container, system)) return notApplicable("not Atlantis");
    const judgements = [...webhooks(container), ...allowlist(container), ...forks(container)];
    return judgements.length === 0
      ? pass("webhooks are verified, and repositories named", container.place)
      : judgements;
  },
});

function webhooks(container: Container): readonly Judgement[] {
  const hosts = atlantisHosts.filter(({ shownBy }) =>
    shownBy.some(([variable, option]) => settingOf(container, variable, option).kind !== "unstated"),
  );
  return (hosts.length === 0 ? atlantisHosts.slice(0, 1) : hosts).flatMap((host) => webhookOf(container, host));
}

function webhookOf(container: Container, { name, secret }: AtlantisHost): readonly Judgement[] {
  const [variable, option] = secret;
  const fact = settingOf(container, variable, option);
  const extras = { place: fact.place, detail: variable };
  if (fact.kind === "unknown") return [cannotTell(`${variable}`, fact.why, { ...extras, severity: "low" })];
  if (fact.kind !== "unstated" && fact.value.trim() !== "") return [];
  const elsewhere = fileOfFlags(container);
  if (elsewhere !== undefined) return [cannotTell(variable, elsewhere, { ...extras, severity: "low" })];
  return [fail(`${variable} is not set: whoever reaches the port is believed to be ${name}`, extras)];
}

function allowlist(container: Container): readonly Judgement[] {
  const fact = settingOf(container, "ATLANTIS_REPO_ALLOWLIST", "--repo-allowlist");
  const extras = { place: fact.place, detail: "repo-allowlist" };
  if (fact.kind === "unknown")
    return [cannotTell("the list of repositories", fact.why, { ...extras, severity: "low" })];
  // Without the list Atlantis does not start.
  if (fact.kind === "unstated") return [];
  const open = fact.value
    .split(",")
    .map((entry) => entry.trim())
    .find((entry) => /^\*$|^(?:\*|github\.com|gitlab\.com|bitbucket\.org|dev\.azure\.com)\/\*$/.test(entry));
  return open === undefined ? [] : [fail(`the list of repositories allows ${open}, which anybody has`, extras)];
}

function forks(container: Container): readonly Judgement[] {
  const fact = settingOf(container, "ATLANTIS_ALLOW_FORK_PRS", "--allow-fork-prs");
  const extras = { place: fact.place, detail: "allow-fork-prs" };
  const on = isOn(fact);
  if (on === undefined && fact.kind === "unknown")
    return [cannotTell("whether pull requests of forks are planned", fact.why, { ...extras, severity: "low" })];
  return on === true ? [fail("pull requests of forks are planned, which anybody may open", extras)] : [];
}
