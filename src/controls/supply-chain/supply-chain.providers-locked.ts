/**
 * A provider is a program that runs with every credential there is.
 *
 * Reads:  repository-file.configuration (OpenTofu: locked, providers)
 * Passes: a lock file with the providers' hashes lies beside the configuration.
 */
import { defineControl } from "../define.ts";
import { demand, notApplicable } from "../judge.ts";

export const providersLocked = defineControl({
  id: "supply-chain.providers-locked",
  on: "repository-file",
  software: ["opentofu"],
  severity: "low",
  title: "Providers are locked by their hashes",
  claim: "Every provider that a configuration uses is the one that was looked at.",
  threat:
    "The next `init` on another machine takes whatever version fits, and a hijacked release of a provider runs with the credentials for everything.",
  remedy:
    "Commit `.terraform.lock.hcl`, which `tofu init` writes (and take it out of `.gitignore`); `tofu providers lock -platform=linux_amd64 -platform=darwin_arm64` adds the hashes for other machines.",
  judged:
    "For a configuration that is run by itself and names providers: fails low when no `.terraform.lock.hcl` lies beside it. A module that others call needs none.",
  frameworks: { owaspDocker: ["D08"], nistCsf: ["GV.SC-07"], coverage: ["V3"] },
  exposureMatters: false,

  check({ configuration }) {
    if (configuration?.software !== "opentofu") return notApplicable("no OpenTofu configuration");
    const { providers, locked, runs } = configuration;
    if (!runs) return notApplicable("a module that others call");
    if (providers.complete && providers.items.length === 0) return notApplicable("it names no provider");
    return demand(locked, (is) => is, {
      what: "`.terraform.lock.hcl`",
      show: (is) => (is ? "there" : "not there"),
    });
  },
});
