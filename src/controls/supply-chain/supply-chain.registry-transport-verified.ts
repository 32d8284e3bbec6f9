/**
 * An image that comes over plain HTTP, or from whoever answers, is whatever somebody on the way makes of it.
 *
 * Reads:  repository-file.configuration (Talos, Docker's engine: registries)
 * Passes: every registry is spoken to over TLS, and its certificate is verified.
 */
import type { Severity } from "../../contracts/verdict.ts";
import type { DockerDaemonConfiguration } from "../../facts/configuration/docker-daemon.ts";
import { hostOf, isPrivateAddress } from "../../lib/own-address.ts";
import { defineControl } from "../define.ts";
import { cannotTell, fail, forbidAny } from "../judge.ts";
import { engineOf, onEngine } from "../knowledge/docker-daemon.ts";
import { onMachine } from "../knowledge/talos.ts";

export const registryTransportVerified = defineControl({
  id: "supply-chain.registry-transport-verified",
  on: "repository-file",
  software: ["talos", "docker-daemon"],
  severity: "medium",
  title: "Registries are spoken to over verified TLS",
  claim: "No image comes over plain HTTP or from a registry whose certificate nobody verified.",
  threat:
    "Somebody in the network answers for the registry, and their image runs on every machine, with what the real one may.",
  remedy:
    "Give the registry a certificate, and its authority to the machines (`ca` of RegistryTLSConfig, or TrustedRootsConfig), instead of `insecureSkipVerify` or `http://`; for Docker its authority in `/etc/docker/certs.d/HOST:PORT/ca.crt` instead of `insecure-registries`.",
  judged:
    "Fails for a registry with `insecureSkipVerify`, for a mirror over `http://` that is not on the machine itself, and for Docker's `insecure-registries`: high for a range of all addresses, low for a registry in a private network. Unknown when it cannot be told.",
  frameworks: {
    cisDocker: ["2.5"],
    owaspDocker: ["D08"],
    nsaKubernetes: ["trusted-registries", "encryption"],
    owaspKubernetes: ["K07"],
    nistCsf: ["PR.DS-02", "GV.SC-07"],
    coverage: ["V3", "T5", "W9"],
  },
  exposureMatters: false,

  check(file) {
    if (engineOf(file) !== undefined) return onEngine(file, judgeEngine);
    return onMachine(file, (machine) => {
      return forbidAny(
        machine.registries,
        ({ host, weakness, place }) => {
          if (weakness.kind === "unknown")
            return cannotTell(`how ${host} is spoken to`, weakness.why, { place, detail: host });
          if (weakness.kind !== "stated" || weakness.value === "none") return undefined;
          const how =
            weakness.value === "plaintext"
              ? "comes over plain HTTP"
              : "comes from whoever answers: its certificate is not verified";
          return fail(`what is pulled from ${host} ${how}`, { place, detail: host });
        },
        { what: "the list of registries", none: "no registry is spoken to without verified TLS" },
      );
    });
  },
});

function judgeEngine({ weakRegistries }: DockerDaemonConfiguration) {
  return forbidAny(
    weakRegistries,
    ({ host, weakness, place }) => {
      const how =
        weakness === "plaintext"
          ? "comes over plain HTTP"
          : "may come over plain HTTP or from whoever answers (`insecure-registries`)";
      return fail(`what is pulled from ${host} ${how}`, { place, detail: host, severity: severityOf(host) });
    },
    { what: "the list of registries", none: "no registry is spoken to without verified TLS" },
  );
}

/** A range of everything is every registry; in one's own network few are on the way. */
function severityOf(host: string): Severity {
  if (/\/0$/.test(host)) return "high";
  return isPrivateAddress(hostOf(host)) ||
    /^[^.:]+(?::\d+)?$|\.(?:local|lan|home|internal|home\.arpa)(?::\d+)?$/i.test(host)
    ? "low"
    : "medium";
}
