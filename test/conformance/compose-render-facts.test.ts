/**
 * A rendered folder, read as anybody's Compose project, says what the resources say. The two sides share no code but
 * the names of subjects, so that a difference is a mistake of one of them.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ResolvedStack } from "../../src/contracts/resolved.ts";
import { Sensitive } from "../../src/facts/sensitive.ts";
import type { AnySubject, SubjectKind } from "../../src/facts/subjects.ts";
import { refKey } from "../../src/facts/subjects.ts";
import type { System } from "../../src/facts/system.ts";
import { RingwallError } from "../../src/lib/error.ts";
import { composeFacts } from "../../src/platforms/compose/facts.ts";
import { loadComposeProject } from "../../src/platforms/compose/load/load.ts";
import { readComposeProject } from "../../src/platforms/compose/read.ts";
import { renderCompose } from "../../src/platforms/compose/render.ts";
import { type ComposeResources, composeResources } from "../../src/platforms/compose/resources.ts";
import { ConfinedFiles } from "../../src/repository/files.ts";
import { sampleStack, stackArbitrary } from "./compose-render-stacks.ts";

/** What a Compose file can say. The rest of the declared facts (zones, routes, policy) stands in stack.yaml alone. */
const comparedKinds: readonly SubjectKind[] = [
  "workload",
  "container",
  "image",
  "network",
  "listener",
  "mount",
  "secret-reference",
];

describe("reading a rendered folder gives the facts of the resources", () => {
  test("of the sample stack", () => expectSameFacts(sampleStack()));

  test("of every generated stack", () => {
    fc.assert(fc.property(stackArbitrary, expectSameFacts), { numRuns: 80 });
  });

  test("and the secrets of the sample stack are among them", () => {
    const resources = composeResources(sampleStack());
    expect(Object.keys(comparable(readBack(resources), resources)).filter((key) => key.includes("takes"))).toEqual([
      "api takes db-password at /run/secrets/db-password",
      "db takes db-password at /run/secrets/password",
    ]);
  });

  test.each<[string, (resources: ComposeResources) => ComposeResources]>([
    ["a root file system", (all) => withServices(all, (service) => ({ ...service, readOnlyRoot: false }))],
    ["a user", (all) => withServices(all, (service) => ({ ...service, uid: 0 }))],
    ["a limit", (all) => withServices(all, (service) => ({ ...service, memoryBytes: service.memoryBytes + 1 }))],
    ["a capability", (all) => withServices(all, (service) => ({ ...service, addedCapabilities: ["SYS_ADMIN"] }))],
    ["a network", (all) => ({ ...all, networks: all.networks.map((network) => ({ ...network, internal: false })) })],
    ["a secret", (all) => withServices(all, (service) => ({ ...service, labels: withoutSecrets(service.labels) }))],
    ["the folder of secrets", (all) => withServices(all, (service) => ({ ...service, secretFolder: undefined }))],
    ["a port", (all) => withServices(all, (service) => ({ ...service, ports: service.ports.slice(1) }))],
    ["a mount", (all) => withServices(all, (service) => ({ ...service, mounts: service.mounts.slice(1) }))],
  ])("and a difference in %s is seen", (_, change) => {
    const stack = sampleStack();
    const resources = composeResources(stack);
    const changed = change(resources);
    expect(comparable(readBack(changed), changed)).not.toEqual(comparable(composeFacts(resources, stack), resources));
  });
});

function withoutSecrets(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return { ...labels, "dev.ringwall.secrets": "{}" };
}

function withServices(
  resources: ComposeResources,
  change: (service: ComposeResources["services"][number]) => ComposeResources["services"][number],
): ComposeResources {
  return { ...resources, services: resources.services.map(change) };
}

function expectSameFacts(stack: ResolvedStack): void {
  const resources = composeResources(stack);
  const declared = comparable(composeFacts(resources, stack), resources);
  const written = comparable(readBack(resources), resources);
  expect(Object.keys(written).sort()).toEqual(Object.keys(declared).sort());
  for (const [key, facts] of Object.entries(declared)) expect({ [key]: written[key] }).toEqual({ [key]: facts });
}

function readBack(resources: ComposeResources): System {
  const folder = mkdtempSync(join(tmpdir(), "ringwall-facts-"));
  try {
    for (const file of renderCompose(resources)) {
      mkdirSync(dirname(join(folder, file.path)), { recursive: true });
      writeFileSync(join(folder, file.path), file.content);
    }
    const project = loadComposeProject(new ConfinedFiles(folder), ["compose.yaml"]);
    if (project instanceof RingwallError) throw project;
    return readComposeProject(project, { systemName: resources.project, findFile: () => undefined });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Subjects by ref, with the kinds and values of their facts; places, lenses and explanations left out. */
function comparable(system: System, resources: ComposeResources): Record<string, unknown> {
  // A secret that is mounted by itself has a key of its own in the file; those in the folder stand in its label.
  const secretOf = new Map(
    resources.secretFiles.map((file) => [file.mountedBy === "folder" ? file.secret : file.key, file.secret]),
  );
  const subjects = system.subjects
    .filter((subject) => comparedKinds.includes(subject.kind))
    .flatMap((subject) => withoutOneSided(subject, secretOf, resources));
  return Object.fromEntries(subjects);
}

/** Leaves out what only one side can know, and says why for each. */
function withoutOneSided(
  subject: AnySubject,
  secretOf: ReadonlyMap<string, string>,
  resources: ComposeResources,
): [string, unknown][] {
  const plain = plainOf(subject) as Record<string, unknown>;
  switch (subject.kind) {
    case "workload": {
      // Who scrapes it and which alerts it evaluates stand in configuration files, not in the Compose file.
      const { scraped: _, alertRules: __, ...rest } = plain;
      return [[refKey(subject.ref), rest]];
    }
    case "image": {
      // What a local image stands in for is said in the declaration only.
      const { likelyRepository: _, ...rest } = plain;
      return [[refKey(subject.ref), rest]];
    }
    case "container": {
      // Variables of an `env_file` outside the folder cannot be read there; the declaration knows their names.
      const delivered = new Set(
        resources.environmentFiles
          .filter((file) => file.service === subject.ref.name)
          .flatMap((file) => file.variables.map((variable) => variable.name)),
      );
      const items = subject.environment.items.filter((variable) => !delivered.has(variable.name)).map(plainOf);
      return [[refKey(subject.ref), { ...plain, environment: byName(items) }]];
    }
    case "mount": {
      // Nothing in a Compose file says who owns a volume.
      const { sourceOwner: _, sourceMode: __, ...rest } = plain;
      return [[refKey(subject.ref), rest]];
    }
    case "listener": {
      // Ports that nobody wrote, and what a port is used for, are the reader's guess from the image's name.
      if (subject.port.kind === "defaulted" && subject.port.by === "image") return [];
      const { service: _, ...rest } = plain;
      return [[refKey(subject.ref), rest]];
    }
    case "secret-reference": {
      // Variables that a reader takes for secrets by their names, and those that the declaration delivers so.
      if (knownText(subject.delivery) !== "file") return [];
      // Settings that name a secret's file look like secrets to a reader.
      const secret = subject.lens === "written" ? secretOf.get(subject.secret) : subject.secret;
      if (secret === undefined) return [];
      // Compose has no word for owner and mode of a file.
      const { mode: _, uid: __, ref: ___, ...rest } = plain;
      return [[`${subject.owner.name} takes ${secret} at ${knownText(subject.target)}`, { ...rest, secret }]];
    }
    default:
      return [[refKey(subject.ref), plain]];
  }
}

function knownText(fact: { readonly kind: string; readonly value?: unknown }): string | undefined {
  return typeof fact.value === "string" ? fact.value : undefined;
}

/** Facts without places and reasons, secrets-to-be revealed for comparing. */
function plainOf(value: unknown): unknown {
  if (value instanceof Sensitive) return `revealed ${value.reveal()}`;
  if (Array.isArray(value)) return value.map(plainOf);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, item]) => !["place", "lens", "why"].includes(key) && item !== undefined)
      .map(([key, item]) => [key, plainOf(item)]),
  );
}

function byName(items: readonly unknown[]): unknown[] {
  return [...items].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
