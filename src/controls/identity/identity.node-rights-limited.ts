/**
 * A machine that is broken into should be able to change what is its own and nothing else.
 *
 * Reads:  repository-file.configuration (flags of the API server in files of kubeadm and k3s, and in static pods)
 * Passes: the admission plugin NodeRestriction is on.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { ComponentArgument } from "../../facts/configuration/cluster.ts";
import { type FactList, knownValue } from "../../facts/fact.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { inWordsOf, ofPart, onClusterFile } from "../knowledge/cluster-settings.ts";

const inTools = {
  kubeadm:
    "Name it with the others: `enable-admission-plugins: NodeRestriction,…`; what stands there replaces what kubeadm gives.",
  k3s: "Name it with the others, `enable-admission-plugins=NodeRestriction,…`, or add to what k3s gives: `enable-admission-plugins+=…`.",
  component: "Start the API server with `--enable-admission-plugins=NodeRestriction`.",
};

export const nodeRightsLimited = defineControl({
  id: "identity.node-rights-limited",
  on: "repository-file",
  software: ["cluster"],
  severity: "medium",
  title: "A kubelet changes its own node and pods alone",
  claim: "The credentials of one machine change no other machine's objects.",
  threat:
    "Whoever takes one machine over labels it as they like and draws pods with their Secrets to it, or changes the pods of other machines.",
  remedy: inTools.component,
  judged:
    "Fails when `enable-admission-plugins` of the API server leaves NodeRestriction out, or `disable-admission-plugins` has it; a static pod must state it. kubeadm, k3s and RKE2 give it by themselves unless the flag is stated. Unknown when the list cannot be told.",
  frameworks: {
    cisKubernetes: ["1.2.14"],
    nsaKubernetes: ["rbac", "control-plane"],
    owaspKubernetes: ["K02", "K09"],
    zeroTrust: ["3"],
    nistCsf: ["PR.AA-05"],
    coverage: ["W9", "A10"],
  },
  exposureMatters: false,

  check(file) {
    return onClusterFile(file, ({ settings }) =>
      inWordsOf(
        file,
        inTools,
        ofPart(settings, "API server", ({ apiServerArguments }) => judge(apiServerArguments)),
      ),
    );
  },
});

const plugin = /(?:^|,)\s*NodeRestriction\s*(?:,|$)/;

function judge(flags: FactList<ComponentArgument>): Judgement {
  const named = (name: string) => flags.items.filter((flag) => flag.name.replace(/[-+]$/, "") === name);
  const has = ({ value }: ComponentArgument) => plugin.test(knownValue(value) ?? "");
  const off = named("disable-admission-plugins").find(has);
  if (off !== undefined) return fail("the admission plugin NodeRestriction is switched off", { place: off.place });
  const on = named("enable-admission-plugins");
  const open = [...on, ...named("disable-admission-plugins")].find(({ value }) => value.kind === "unknown");
  if (open?.value.kind === "unknown")
    return cannotTell("whether the admission plugin NodeRestriction is on", open.value.why, { place: open.place });
  if (!flags.complete)
    return cannotTell("whether the admission plugin NodeRestriction is on", flags.why, { place: flags.place });
  const found = on.find((flag) => has(flag) || /[-+]$/.test(flag.name));
  if (found !== undefined) return pass("the admission plugin NodeRestriction is on", found.place);
  const [first] = on;
  if (first === undefined) return notApplicable("what it lays its flags over may state it");
  const stated = first.value.kind === "stated";
  return fail(
    stated
      ? "`enable-admission-plugins` leaves NodeRestriction out"
      : "`enable-admission-plugins` is not stated, and NodeRestriction is on for nobody by itself",
    { place: first.place },
  );
}
