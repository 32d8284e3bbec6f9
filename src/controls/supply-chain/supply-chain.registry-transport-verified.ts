/**
 * An image that comes over plain HTTP, or from whoever answers, is whatever somebody on the way makes of it.
 *
 * Reads:  repository-file.configuration (Talos: registries)
 * Passes: every registry is spoken to over TLS, and its certificate is verified.
 */
import { defineControl } from "../define.ts";
import { cannotTell, fail, forbidAny } from "../judge.ts";
import { onMachine } from "../knowledge/talos.ts";

export const registryTransportVerified = defineControl({
  id: "supply-chain.registry-transport-verified",
  on: "repository-file",
  software: ["talos"],
  severity: "medium",
  title: "Registries are spoken to over verified TLS",
  claim: "No image comes over plain HTTP or from a registry whose certificate nobody verified.",
  threat:
    "Somebody in the network answers for the registry, and their image runs on every machine, with what the real one may.",
  remedy:
    "Give the registry a certificate, and its authority to the machines (`ca` of RegistryTLSConfig, or TrustedRootsConfig), instead of `insecureSkipVerify` or `http://`.",
  judged:
    "Fails for a registry with `insecureSkipVerify`, and for a mirror over `http://` that is not on the machine itself. Unknown when it cannot be told.",
  frameworks: {
    nsaKubernetes: ["trusted-registries", "encryption"],
    owaspKubernetes: ["K07"],
    nistCsf: ["PR.DS-02", "GV.SC-07"],
    coverage: ["V3", "T5", "W9"],
  },
  exposureMatters: false,

  check(file) {
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
