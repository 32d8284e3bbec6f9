import { knownValue, stated, unknown } from "../../facts/fact.ts";
import type { Mount, SecretReference, Workload } from "../../facts/subjects.ts";
import type { ServiceContext } from "./read-context.ts";
import { secretRef, workloadRef } from "./refs.ts";
import { labelNames, secretsTarget } from "./resource-names.ts";
import { secretsInFolder } from "./secret-folder.ts";

/** The mounts of a service, with the folder of secrets that Ringwall delivers told as the secrets in it. */
export function withoutSecretFolder(
  context: ServiceContext,
  mounts: readonly Mount[],
  workload: Workload,
): { readonly mounts: readonly Mount[]; readonly secrets: readonly SecretReference[] } {
  const label = workload.labels.items.find(({ name }) => name === labelNames.secrets);
  const text = label === undefined ? undefined : knownValue(label.value);
  const found = mounts.flatMap((mount) => {
    const secrets = secretsInFolder({
      source: knownValue(mount.type) === "bind" ? (knownValue(mount.source) ?? "") : "",
      target: knownValue(mount.target) ?? "",
      readOnly: knownValue(mount.readOnly) === true,
      label: text,
    });
    return secrets === undefined ? [] : [{ mount, secrets }];
  });
  const folders = new Set(found.map(({ mount }) => mount));
  return {
    mounts: mounts.filter((mount) => !folders.has(mount)),
    secrets: found.flatMap(({ mount, secrets }) =>
      [...secrets].map(([target, secret]) => referenceOf(context, mount, target, secret)),
    ),
  };
}

function referenceOf(
  { system, service, lens, findFile }: ServiceContext,
  { place, source }: Mount,
  target: string,
  secret: string,
): SecretReference {
  const why = "the file's own owner and mode on the host count, which no Compose file shows";
  const path = `${knownValue(source) ?? ""}${target.slice(secretsTarget.length)}`;
  return {
    kind: "secret-reference",
    ref: secretRef(system, service, secret),
    lens,
    platform: "compose",
    place,
    owner: workloadRef(system, service),
    secret,
    delivery: stated("file", place),
    mode: unknown(why, place),
    uid: unknown(why, place),
    target: stated(target, place),
    plaintextSource:
      findFile === undefined
        ? unknown("whether the file is there was not looked at", place)
        : stated(findFile(path) ?? "none", place),
  };
}
