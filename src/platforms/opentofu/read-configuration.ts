import { posix } from "node:path";
import type { OpenTofuConfiguration, OpenTofuModule, OpenTofuValue } from "../../facts/configuration/opentofu.ts";
import {
  complete,
  defaulted,
  type Fact,
  type FactList,
  incomplete,
  stated,
  unknown,
  unstated,
} from "../../facts/fact.ts";
import { namesSecret } from "../../facts/secret-like.ts";
import { Sensitive } from "../../facts/sensitive.ts";
import type { Lens, PlatformName, RepositoryFile } from "../../facts/subjects.ts";
import type { TofuConfiguration } from "../../formats/hcl/module/configuration.ts";
import { child, type TreeNode } from "../../formats/tree.ts";
import type { Place } from "../../lib/place.ts";
import type { Repository } from "../../repository/repository.ts";

export interface OpenTofuFile {
  readonly configuration: TofuConfiguration;
  readonly repository: Repository;
  readonly system: string;
  readonly lens: Lens;
  readonly platform: PlatformName;
  /** Names under which a value is used elsewhere, by its place: those of environment variables. */
  usedAs(place: Place): readonly string[];
  /** Whether the value at a place is judged by a control that knows the field. */
  judgedElsewhere(place: Place): boolean;
}

/** The root module as a subject: what it says of providers, of its state, and of secrets. */
export function readOpenTofuFile(input: OpenTofuFile): RepositoryFile | undefined {
  const { configuration, system, lens, platform, repository } = input;
  const source = firstSource(configuration, repository);
  if (source === undefined) return undefined;
  const place: Place = { kind: "file", source, offset: 0 };
  return {
    kind: "repository-file",
    ref: { kind: "repository-file", system, name: repository.pathOf(source.path) },
    lens,
    platform,
    place,
    path: source.path,
    role: "configuration",
    configuration: describe(input, place),
    mode: unstated(place),
    ignored: unstated(place),
    tracked: unstated(place),
    secretNames: complete([], place),
  };
}

/** The root module's file that says what the whole is: the one with its settings, else the first. */
function firstSource({ folder, backend, requiredProviders, sources }: TofuConfiguration, repository: Repository) {
  const named = backend?.place ?? requiredProviders[0]?.place;
  if (named?.kind === "file" && posix.dirname(repository.pathOf(named.source.path)) === (folder || "."))
    return named.source;
  return sources.find((source) => posix.dirname(repository.pathOf(source.path)) === (folder || "."));
}

function describe(input: OpenTofuFile, place: Place): OpenTofuConfiguration {
  const { configuration, repository } = input;
  const { folder, backend, unseen, unread: why } = configuration;
  const whole = <T>(items: readonly T[]): FactList<T> =>
    why === undefined ? complete(items, place) : incomplete(items, why, place);
  return {
    software: "opentofu",
    folder,
    runs: configuration.providers.length > 0 || backend !== undefined || configuration.variableFiles.length > 0,
    backend: backend === undefined ? defaulted("local", "platform", place) : stated(backend.type, backend.place),
    stateEncrypted: readEncryption(configuration, place),
    secretsInState: whole(secretsInState(configuration)),
    values: whole(valuesOf(input)),
    providers: complete(configuration.requiredProviders, place),
    locked: readLock(repository, folder, place),
    modules: whole(unseen.filter(comesFromElsewhere).map(moduleOf)),
    unverified: unverifiedIn(configuration, why, place),
  };
}

/** Backends that keep nothing in clear text, whatever is stated. */
const encrypting = new Set(["azurerm", "cloud", "cos", "gcs", "oss", "remote"]);

function readEncryption({ encryption, backend }: TofuConfiguration, place: Place): Fact<boolean> {
  if (child(encryption, "state") !== undefined) return stated(true, encryption?.place ?? place);
  if (backend === undefined) return defaulted(false, "platform", place);
  if (encrypting.has(backend.type)) return defaulted(true, "platform", backend.place);
  const encrypt = child(backend.attributes, "encrypt");
  if (backend.type !== "s3") return defaulted(false, "platform", backend.place);
  if (encrypt === undefined) return unknown("whether the bucket encrypts is said elsewhere", backend.place);
  if (encrypt.kind !== "scalar" || encrypt.unresolved !== undefined) {
    return unknown(
      (encrypt.kind === "scalar" ? encrypt.unresolved : undefined) ?? "`encrypt` is no boolean",
      encrypt.place,
    );
  }
  return stated(encrypt.value === true || encrypt.value === "true", encrypt.place);
}

const generating = new Set([
  "random_password",
  "tls_private_key",
  "incus_storage_bucket_key",
  "lxd_storage_bucket_key",
]);

function secretsInState({ resources, variables }: TofuConfiguration) {
  return [
    ...resources
      .filter(({ mode, type }) => mode === "managed" && generating.has(type))
      .map(({ address, place }) => ({ name: address, place })),
    ...variables
      .filter(({ sensitive, name, address }) => address === `var.${name}` && (sensitive || namesSecret(name)))
      .map(({ address, place }) => ({ name: address, place })),
  ];
}

/** Texts under names that say secret, and every default of a variable that is declared sensitive. */
function valuesOf(input: OpenTofuFile): readonly OpenTofuValue[] {
  const { configuration } = input;
  const found = new Map<string, OpenTofuValue>();
  const add = (where: string, names: readonly string[], node: TreeNode | undefined) => {
    const value = heldHere(node, input);
    if (value === undefined) return;
    const key = placeKey(value.place);
    if (!found.has(key)) found.set(key, { where, names: [...names, ...input.usedAs(value.place)], ...value });
  };
  for (const variable of configuration.variables) {
    add(`the default of ${variable.address}`, [variable.name], variable.otherwise);
  }
  for (const provider of configuration.providers) {
    eachScalar(provider.attributes, "", (key, node) => add(`${key} of the provider ${provider.name}`, [key], node));
  }
  if (configuration.backend !== undefined) {
    const { type, attributes } = configuration.backend;
    eachScalar(attributes, "", (key, node) => add(`${key} of the backend ${type}`, [key], node));
  }
  const given = [
    ...[...configuration.resources, ...configuration.unseen].map(
      ({ address, attributes }) => [address, attributes] as const,
    ),
    ...configuration.resources.flatMap(({ address, steps }) =>
      steps.map(({ kind, attributes }) => [`the ${kind} of ${address}`, attributes] as const),
    ),
  ];
  for (const [what, attributes] of given) {
    eachScalar(attributes, "", (key, node) => {
      if (namesSecret(key)) add(`${key} of ${what}`, [key], node);
    });
  }
  return [...found.values()];
}

/** A text that stands in the configuration itself; undefined for one that comes from elsewhere, or is judged elsewhere. */
function heldHere(node: TreeNode | undefined, { judgedElsewhere }: OpenTofuFile) {
  if (node?.kind !== "scalar" || typeof node.value !== "string" || node.unresolved !== undefined) return undefined;
  if (node.place.kind !== "file" || /\.tfvars(?:\.json)?$/.test(node.place.source.path)) return undefined;
  if (node.value === "" || namesAnother.test(node.value) || judgedElsewhere(node.place)) return undefined;
  return { value: stated(new Sensitive(node.value), node.place), place: node.place };
}

/** An ARN, or the path of a resource of a cloud: where a secret is kept, not the secret. */
const namesAnother = /^(?:arn:|projects\/|\/subscriptions\/)/;

function placeKey(place: Place): string {
  return place.kind === "file" ? `${place.source.path}\0${place.offset}` : "";
}

/** Every scalar below a node, with the key that it stands under. */
function eachScalar(node: TreeNode, key: string, visit: (key: string, node: TreeNode) => void): void {
  if (node.kind === "scalar") visit(key, node);
  else if (node.kind === "sequence") for (const item of node.items) eachScalar(item, key, visit);
  else for (const entry of node.entries.values()) eachScalar(entry.value, entry.key, visit);
}

function readLock(repository: Repository, folder: string, place: Place): Fact<boolean> {
  const path = posix.join(folder, ".terraform.lock.hcl");
  return stated(repository.files.exists(path), place);
}

/** A path names a module of this repository, also one that is not there. */
function comesFromElsewhere({ source }: TofuConfiguration["unseen"][number]): boolean {
  return source?.kind !== "scalar" || source.unresolved !== undefined || !/^\.\.?(?:\/|$)/.test(String(source.value));
}

function moduleOf({ address, source, version, place }: TofuConfiguration["unseen"][number]): OpenTofuModule {
  return { address, source: textFact(source, place), version: textFact(version, place), place };
}

function textFact(node: TreeNode | undefined, place: Place): Fact<string> {
  if (node === undefined) return unstated(place);
  if (node.kind !== "scalar") return unknown("it is no text", node.place);
  return node.unresolved === undefined ? stated(String(node.value), node.place) : unknown(node.unresolved, node.place);
}

const unverifying =
  /^(?:insecure|insecure_skip_verify|skip_tls_verify|tls_insecure|tls_skip_verify|skip_cert_verification|allow_unverified_ssl|accept_remote_certificate|accept_server_certificate|insecure_https|skip_ssl_verify|insecure_skip_tls_verify)$/;

/** Switches of providers and of the backend by which another's certificate is taken unseen. */
function unverifiedIn(
  { providers, backend }: TofuConfiguration,
  unread: string | undefined,
  place: Place,
): OpenTofuConfiguration["unverified"] {
  const found: { name: string; place: Place }[] = [];
  let why = unread;
  const look = (what: string, node: TreeNode) =>
    eachScalar(node, "", (key, value) => {
      if (value.kind !== "scalar" || !unverifying.test(key)) return;
      if (value.unresolved !== undefined) why ??= `${key} of ${what}: ${value.unresolved}`;
      if (value.value === true || value.value === "true") found.push({ name: `${key} of ${what}`, place: value.place });
    });
  for (const provider of providers) look(`the provider ${provider.name}`, provider.attributes);
  if (backend !== undefined) look(`the backend ${backend.type}`, backend.attributes);
  return why === undefined ? complete(found, place) : incomplete(found, why, place);
}
