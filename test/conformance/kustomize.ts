/** Runs the real `kubectl kustomize` and compares what it prints with what Ringwall makes of the same kustomization. */
import { execFile } from "node:child_process";
import { parseAllDocuments } from "yaml";
import { toPlain } from "../../src/formats/tree.ts";
import { buildKustomization } from "../../src/platforms/kubernetes/load/kustomize/build.ts";
import { LoadSession } from "../../src/platforms/kubernetes/load/session.ts";
import { ConfinedFiles } from "../../src/repository/files.ts";

export type Printed =
  | { readonly ok: true; readonly objects: readonly unknown[] }
  | { readonly ok: false; readonly refusal: string };

/** What `kubectl kustomize` prints for a folder; it opens nothing but files, for the cases need no more. */
export function kustomize(program: string, folder: string): Promise<Printed> {
  return new Promise((resolve) => {
    const environment = { PATH: "/usr/bin:/bin", HOME: "/nonexistent" };
    execFile(
      program,
      ["kustomize", folder],
      { env: environment, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error !== null) resolve({ ok: false, refusal: stderr.trim() });
        else resolve({ ok: true, objects: objectsIn(stdout) });
      },
    );
  });
}

function objectsIn(text: string): readonly unknown[] {
  const documents = parseAllDocuments(text, { version: "1.2", intAsBigInt: false });
  return "empty" in documents ? [] : documents.map((document) => document.toJS({ maxAliasCount: -1 }));
}

export interface Made {
  readonly objects: readonly unknown[];
  readonly errors: readonly string[];
  readonly unseen: readonly string[];
}

/** What Ringwall makes of a folder within a root. */
export function made(root: string, folder: string): Made {
  const session = new LoadSession(new ConfinedFiles(root));
  const resources = buildKustomization(session, folder);
  return {
    objects: resources.map(({ node }) => toPlain(node)),
    errors: session.problems.filter(({ severity }) => severity === "error").map(({ message }) => message),
    unseen: session.unseen.map(({ what }) => what),
  };
}

/** What differs between two sets of objects, in words; order counts within lists alone. */
export function differences(ours: readonly unknown[], theirs: readonly unknown[]): readonly string[] {
  const mine = byName(ours);
  const other = byName(theirs);
  return [
    ...[...mine.keys()].filter((key) => !other.has(key)).map((key) => `only Ringwall has ${key}`),
    ...[...other].flatMap(([key, object]) =>
      mine.has(key) ? compared(mine.get(key), object, key) : [`only kustomize has ${key}`],
    ),
  ];
}

type Data = Readonly<Record<string, unknown>>;

function isData(value: unknown): value is Data {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function byName(objects: readonly unknown[]): ReadonlyMap<string, unknown> {
  return new Map(
    objects.map((object, index) => {
      const { apiVersion, kind, metadata } = isData(object) ? object : {};
      const { name, namespace } = isData(metadata) ? metadata : {};
      return [name === undefined ? `#${index}` : `${apiVersion} ${kind} ${namespace ?? ""}/${name}`, object];
    }),
  );
}

function compared(ours: unknown, theirs: unknown, at: string): readonly string[] {
  if (isData(ours) && isData(theirs)) {
    const keys = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
    return [...keys].flatMap((key) => compared(ours[key], theirs[key], `${at}.${key}`));
  }
  if (Array.isArray(ours) && Array.isArray(theirs) && ours.length === theirs.length) {
    return ours.flatMap((each, index) => compared(each, theirs[index], `${at}[${index}]`));
  }
  const [mine, other] = [JSON.stringify(ours), JSON.stringify(theirs)];
  return mine === other ? [] : [`${at}: ${mine} is ${other} to kustomize`];
}
