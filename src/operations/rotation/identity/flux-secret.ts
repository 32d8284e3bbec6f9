import { RingwallError } from "../../../lib/error.ts";
import { fluxManifests, fluxSecretsOf } from "./flux.ts";
import type { OwnIdentity } from "./identity-files.ts";
import type { IdentityEngine } from "./identity-run.ts";
import { filesOf, unfinishedIdentity } from "./rotate-identity.ts";
import { scanRepository } from "./scan-repository.ts";

/**
 * The Secrets that Flux decrypts with, as manifests for `kubectl apply -f -`: while both identities are in use both of
 * them, otherwise the present one. Refuses to show them on a screen; nothing is written anywhere.
 */
export async function fluxSecretText(
  engine: Pick<IdentityEngine, "state" | "stackFolder" | "identity">,
  options: { readonly isTerminal: boolean },
): Promise<string> {
  if (options.isTerminal) {
    throw new RingwallError("usage", "The manifest holds the identity, and is not shown on a screen.", {
      hint: "Give it to the cluster: `ringwall rotate identity --flux-secret | kubectl apply -f -`.",
    });
  }
  const identities = await identitiesInUse(engine);
  const scan = await scanRepository(
    engine.stackFolder,
    identities.map(({ key }) => key),
  );
  const secrets = fluxSecretsOf(scan.flux);
  if (secrets.length === 0) {
    throw new RingwallError("not-found", "No Kustomization of Flux in this repository decrypts with SOPS.", {
      hint: "Expected one with `spec.decryption.secretRef`; where it lies in another repository, run this there.",
    });
  }
  const wanted = new Set(scan.sops.flatMap(({ keys }) => keys));
  const used = identities.filter(({ key }) => wanted.has(key));
  return fluxManifests(secrets, used.length === 0 ? identities : used);
}

/** Those that open a file of now: the next one first. */
async function identitiesInUse(
  engine: Pick<IdentityEngine, "state" | "stackFolder" | "identity">,
): Promise<readonly OwnIdentity[]> {
  const files = filesOf(engine);
  const present = await files.readPresent();
  const unfinished = await unfinishedIdentity(engine);
  if (unfinished === undefined) return present;
  const { former } = unfinished;
  const next = (await files.readNext()) ?? [];
  const previous = (await files.readPrevious()).filter(({ key }) => key === former);
  return [...new Map([...next, ...present, ...previous].map((one) => [one.key, one])).values()];
}
