import { isAbsolute, join, resolve } from "node:path";
import type { ResolvedStack } from "../contracts/resolved.ts";
import { RingwallError } from "../lib/error.ts";
import { readTextFile } from "../lib/read-text-file.ts";
import { AgeStore } from "../secrets/age-store.ts";
import type { Store } from "../secrets/store.ts";
import type { InfisicalChoice, StoreChoice, VaultChoice } from "../stack/store-schema.ts";
import { StateFolder } from "../state/state-folder.ts";
import { refuseInsideGit } from "./age/identity-place.ts";
import { EnvironmentStore } from "./environment/environment-store.ts";
import { jsonServer } from "./http/json-server.ts";
import type { StoreSurroundings } from "./http/retrying.ts";
import { serverAddress } from "./http/server-address.ts";
import { InfisicalStore } from "./infisical/infisical-store.ts";
import { KubernetesSecretStore } from "./sops/kubernetes-secret-store.ts";
import type { SopsFilesOptions } from "./sops/sops-files.ts";
import { SopsStore } from "./sops/sops-store.ts";
import { VaultClient } from "./vault/vault-client.ts";
import { type VaultPlace, VaultStore } from "./vault/vault-store.ts";
import type { VaultLogin } from "./vault/vault-token.ts";

export interface StoreAround {
  /** The stack's folder, absolute: paths of the declaration start there. */
  readonly folder: string;
  /** Of who runs the command: `~` and the environment store are taken from it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly surroundings: StoreSurroundings;
}

const largestCertificates = 1024 * 1024;

/** The store that a stack names under `store`, or its age files. Nothing is asked over a network before the first use. */
export async function openStore(stack: Pick<ResolvedStack, "name" | "store">, around: StoreAround): Promise<Store> {
  return await openChosenStore(stack.store ?? { age: {} }, stack.name, around);
}

/** The store of a choice that may not be the stack's own, such as the one that secrets are moved to. */
export async function openChosenStore(choice: StoreChoice, stackName: string, around: StoreAround): Promise<Store> {
  if (choice.age !== undefined) return openAgeStore(choice.age, around);
  if (choice.vault !== undefined) return await openVault(choice.vault, stackName, around);
  if (choice.infisical !== undefined) return await openInfisical(choice.infisical, around);
  if (choice.environment !== undefined) return new EnvironmentStore(around.environment, choice.environment.prefix);
  const state = new StateFolder(around.folder);
  if (choice.sops !== undefined) {
    return new SopsStore(pathIn(around, choice.sops.file), sopsOptions(choice.sops.identity, state, around));
  }
  if (choice.kubernetes !== undefined) {
    const { folder, namespace, key, identity } = choice.kubernetes;
    return new KubernetesSecretStore(pathIn(around, folder), {
      ...sopsOptions(identity, state, around),
      ...(namespace === undefined ? {} : { namespace }),
      ...(key === undefined ? {} : { key }),
    });
  }
  throw new Error("the schema of a declaration lets exactly one store through");
}

/** Age files beside the stack, with all that only they can: recipients and their coming and going. */
export function openAgeStore(choice: NonNullable<StoreChoice["age"]>, around: StoreAround): AgeStore {
  const { path } = new StateFolder(around.folder);
  const identity = choice.identity === undefined ? {} : { identity: pathIn(around, choice.identity) };
  return new AgeStore(path, { ...identity, mayLie: refuseInsideGit });
}

/** The identities that encrypted files are opened with: the stack's own, and those that `sops` itself would take. */
export function identityFiles(identity: string | undefined, around: StoreAround): readonly string[] {
  const { environment } = around;
  const configuration =
    environment.XDG_CONFIG_HOME ?? (environment.HOME === undefined ? undefined : join(environment.HOME, ".config"));
  return [
    identity === undefined ? join(new StateFolder(around.folder).path, "identity") : pathIn(around, identity),
    environment.SOPS_AGE_KEY_FILE,
    configuration === undefined ? undefined : join(configuration, "sops", "age", "keys.txt"),
  ].flatMap((path) => (path === undefined || path === "" ? [] : [path]));
}

function sopsOptions(identity: string | undefined, state: StateFolder, around: StoreAround): SopsFilesOptions {
  return {
    identities: identityFiles(identity, around),
    lock: join(state.path, "sops.lock"),
    mayLie: refuseInsideGit,
  };
}

/** The encrypted files of a choice, and what they are opened with; undefined for a store that has none. */
export async function sopsFilesOf(
  choice: StoreChoice,
  around: StoreAround,
): Promise<{ readonly options: SopsFilesOptions; readonly paths: readonly string[] } | undefined> {
  const { sops, kubernetes } = choice;
  if (sops === undefined && kubernetes === undefined) return undefined;
  const options = sopsOptions(sops?.identity ?? kubernetes?.identity, new StateFolder(around.folder), around);
  if (sops !== undefined) return { options, paths: [pathIn(around, sops.file)] };
  const folder = pathIn(around, kubernetes?.folder ?? ".");
  const names = await new KubernetesSecretStore(folder, options).list();
  return { options, paths: names.map((name) => join(folder, `${name}.sops.yaml`)) };
}

async function openVault(choice: VaultChoice, stackName: string, around: StoreAround): Promise<Store> {
  return new VaultStore(await openVaultClient(choice, around), vaultPlace(choice, stackName));
}

/** What asks Vault with the token of a store: for its scopes, and whether Vault is audited. */
export async function openVaultClient(choice: VaultChoice, around: StoreAround): Promise<VaultClient> {
  const address = serverAddress(choice.address, "Vault");
  const server = jsonServer({ address, called: "Vault", ...(await authorities(choice.ca, around)) });
  const { namespace } = choice;
  return new VaultClient(server, vaultLogin(choice, around), { namespace, surroundings: around.surroundings });
}

/** Where in Vault the values of a stack lie. */
export function vaultPlace({ mount, field, prefix }: VaultChoice, stackName: string): VaultPlace {
  return { mount, field, prefix: prefix ?? `ringwall/${stackName}` };
}

function vaultLogin(choice: VaultChoice, around: StoreAround): VaultLogin {
  const { approle, roleIdFile, secretIdFile, tokenFile } = choice;
  if (roleIdFile !== undefined) {
    return {
      kind: "approle",
      mount: approle,
      roleIdFile: pathIn(around, roleIdFile),
      secretIdFile: secretIdFile === undefined ? undefined : pathIn(around, secretIdFile),
    };
  }
  if (tokenFile === undefined) throw new Error("the schema of a declaration lets no Vault through without a login");
  return { kind: "token", tokenFile: pathIn(around, tokenFile) };
}

async function openInfisical(choice: InfisicalChoice, around: StoreAround): Promise<Store> {
  const address = serverAddress(choice.address, "Infisical");
  const server = jsonServer({ address, called: "Infisical", ...(await authorities(choice.ca, around)) });
  const { projectId, environment, path } = choice;
  const login = {
    clientIdFile: pathIn(around, choice.clientIdFile),
    clientSecretFile: pathIn(around, choice.clientSecretFile),
  };
  return new InfisicalStore(server, login, { projectId, environment, path }, around.surroundings);
}

async function authorities(ca: string | undefined, around: StoreAround): Promise<{ ca?: string }> {
  if (ca === undefined) return {};
  const path = pathIn(around, ca);
  const text = await readTextFile(path, path, largestCertificates);
  if (text?.includes("-----BEGIN CERTIFICATE-----") === true) return { ca: text };
  throw new RingwallError(
    text === undefined ? "not-found" : "invalid",
    `${path} holds no certificate of an authority.`,
    {
      hint: "Expected PEM text, as it stands between BEGIN CERTIFICATE and END CERTIFICATE.",
    },
  );
}

/** A path of the declaration: from the stack's folder, or from the home folder after `~/`. */
function pathIn({ folder, environment }: StoreAround, path: string): string {
  if (isAbsolute(path)) return path;
  if (!path.startsWith("~/")) return resolve(folder, path);
  if (environment.HOME !== undefined && environment.HOME !== "") return join(environment.HOME, path.slice(2));
  throw new RingwallError("usage", `There is no home folder that ${path} could start from: HOME is not set.`, {
    hint: "Write the whole path.",
  });
}
