/**
 * A token that cannot be taken back is lost for good once it is lost.
 *
 * Reads:  repository-file.configuration (flags of the API server in files of Talos, kubeadm and k3s, and in static pods)
 * Passes: tokens of accounts are looked up, and no file holds tokens or passwords that never end.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { ComponentArgument } from "../../facts/configuration/cluster.ts";
import { knownValue } from "../../facts/fact.ts";
import { booleanOfFlag } from "../../lib/boolean-of-flag.ts";
import { defineControl } from "../define.ts";
import { about, all, cannotTell, fail, forbidAny } from "../judge.ts";
import { clusterSoftware, ofPart, onSettings } from "../knowledge/cluster-settings.ts";
import { argumentsNamed } from "../knowledge/talos.ts";

export const accountTokensRevocable = defineControl({
  id: "identity.account-tokens-revocable",
  on: "repository-file",
  software: clusterSoftware,
  severity: "medium",
  title: "The API server's tokens can be taken back",
  claim: "A token that the API server takes ends when its account does.",
  threat:
    "Whoever got a token once keeps what it opens: the account's deletion changes nothing, or the token stands in a file and lasts until the server is started again without it.",
  remedy:
    "Take `service-account-lookup=false`, `token-auth-file` and `basic-auth-file` out of the API server's flags; give people an OpenID provider or certificates, and programs service accounts.",
  judged:
    "Fails medium when the API server is told not to look accounts up (`service-account-lookup=false`), low when a file of tokens or passwords is named (`token-auth-file`, `basic-auth-file`). Nothing stated passes: accounts are looked up by default, and no file is read. Unknown when a flag cannot be told.",
  frameworks: {
    cisKubernetes: ["1.2.2", "1.2.21"],
    nsaKubernetes: ["control-plane"],
    owaspKubernetes: ["K06", "K09"],
    zeroTrust: ["6"],
    nistCsf: ["PR.AA-01"],
    coverage: ["W9", "A10"],
  },
  exposureMatters: false,

  check(file) {
    return onSettings(file, (settings) =>
      ofPart(settings, "API server", ({ apiServerArguments }) =>
        all(
          about(
            { cisKubernetes: ["1.2.21"] },
            forbidAny(argumentsNamed(apiServerArguments, "service-account-lookup"), judgeLookup, {
              what: "the list of the API server's arguments",
              none: "the API server looks accounts up",
            }),
          ),
          about(
            { cisKubernetes: ["1.2.2"] },
            forbidAny(argumentsNamed(apiServerArguments, "token-auth-file", "basic-auth-file"), judgeFile, {
              what: "the list of the API server's arguments",
              none: "the API server reads no file of tokens",
            }),
          ),
        ),
      ),
    );
  },
});

function judgeLookup({ name, value, place }: ComponentArgument): Judgement | undefined {
  const extras = { place, detail: name };
  if (value.kind === "unknown") return cannotTell(`\`${name}\` of the API server`, value.why, extras);
  return booleanOfFlag(knownValue(value) ?? "") === false
    ? fail("the API server does not look accounts up: a deleted account's token is taken all the same", extras)
    : undefined;
}

function judgeFile({ name, value, place }: ComponentArgument): Judgement | undefined {
  const extras = { place, detail: name };
  if (value.kind === "unknown") return cannotTell(`\`${name}\` of the API server`, value.why, extras);
  return (knownValue(value) ?? "") === ""
    ? undefined
    : fail(`the API server takes tokens or passwords of a file (\`${name}\`), which never end`, {
        ...extras,
        severity: "low",
      });
}
