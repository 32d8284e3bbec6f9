/** Changes a YAML text by its structure, so that most of what comes out still parses and reaches the controls. */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  parseDocument,
  Scalar,
  visit,
  YAMLMap,
  YAMLSeq,
} from "yaml";
import type { Random } from "./random.ts";

type Path = readonly (string | number)[];

const oddScalars: readonly unknown[] = [
  null,
  "",
  "yes",
  "no",
  "on",
  "0777",
  "0o17",
  "1e3",
  ".inf",
  "~",
  "0",
  -1,
  65536,
  99999,
  1e308,
  true,
  false,
  "${UNSET_BY_FUZZ}",
  "${UNSET_BY_FUZZ:-}",
  "${UNSET_BY_FUZZ:?must be there}",
  "$$",
  "${",
  "a: b",
  "host",
  "none",
  "../../etc/passwd",
  "/",
  "\u001b[31mred\u001b[0m",
  "<script>alert(1)</script>",
  "x".repeat(5_000),
  "0.0.0.0:80:80",
  "[::]:80:80/udp",
  "1-65535:1-65535",
  "service:x",
  "container:x",
  "ALL",
  "constructor",
  "__proto__",
];

/** One to three changes. Returns undefined when the text is no YAML mapping to begin with. */
export function mutateYaml(text: string, random: Random): string | undefined {
  const document = parseDocument(text, { strict: false, uniqueKeys: false, merge: true });
  if (!isMap(document.contents)) return undefined;
  const changes = 1 + random.below(3);
  for (let change = 0; change < changes; change++) mutateOnce(document, random);
  const rendered = safely(() => document.toString({ lineWidth: 0 }));
  // Time is judged, so that a text must stay of the size that people write.
  if (rendered === undefined || rendered.length > 100_000) return undefined;
  return random.below(20) === 0 ? damage(rendered, random) : rendered;
}

/** Replaces one scalar value by a variable that is set nowhere; undefined when there is none to replace. */
export function makeUnresolvable(
  text: string,
  random: Random,
): { readonly text: string; readonly path: Path } | undefined {
  const document = parseDocument(text, { uniqueKeys: false, merge: true });
  // Nothing but that one field may differ: a text that writing alone would change (a tag on the wrong kind) says nothing.
  if (safely(() => document.toString({ lineWidth: 0 })) !== text) return undefined;
  const paths = scalarPaths(document).filter((path) => path.length > 1);
  if (paths.length === 0) return undefined;
  const path = random.pick(paths);
  const done = safely(() => document.setIn(path, "${UNSET_BY_FUZZ}"));
  if (done === undefined && document.getIn(path) !== "${UNSET_BY_FUZZ}") return undefined;
  const rendered = safely(() => document.toString({ lineWidth: 0 }));
  return rendered === undefined ? undefined : { text: rendered, path };
}

function mutateOnce(document: Document, random: Random): void {
  const paths = everyPath(document);
  if (paths.length === 0) return;
  const path = random.pick(paths);
  const other = random.pick(paths);
  const kinds: readonly (() => unknown)[] = [
    () => document.deleteIn(path),
    () => document.setIn(path, random.pick(oddScalars)),
    () => document.setIn(path, document.createNode([copyOf(document, path)])),
    () => document.setIn(path, document.createNode({ [String(random.pick(oddScalars))]: random.pick(oddScalars) })),
    () => document.setIn(path, copyOf(document, other)),
    () => document.setIn([...path.slice(0, -1), String(random.pick(oddScalars)).slice(0, 40)], random.pick(oddScalars)),
    () => document.setIn(path, document.createNode(nested(random.below(60)))),
    () => document.setIn(path, new YAMLSeq()),
    () => document.setIn(path, new YAMLMap()),
    () => tag(document, path, random.pick(["!reset", "!override", "!unknown", "!!binary", "!!str", "!!int"])),
  ];
  safely(random.pick(kinds));
}

/** A node of its own: the same node in two places would make a circle. */
function copyOf(document: Document, path: Path): unknown {
  const node = document.getIn(path, true);
  return isNode(node) ? node.clone() : node;
}

function nested(depth: number): unknown {
  let value: unknown = "deep";
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

function tag(document: Document, path: Path, name: string): void {
  const node = document.getIn(path, true);
  if (isScalar(node) || isMap(node) || isSeq(node)) node.tag = name;
}

/** A cut, a doubled piece, or one changed character: mostly no YAML any more. */
function damage(text: string, random: Random): string {
  const at = random.below(text.length);
  const until = Math.min(text.length, at + random.below(200));
  return random.pick([
    () => text.slice(0, at),
    () => text.slice(0, until) + text.slice(at),
    () =>
      `${text.slice(0, at)}${random.pick(["\t", "\u0000", "\u2028", "{", "]", ": ", "&a ", "*a", "|\n", "\r"])}${text.slice(at + 1)}`,
  ])();
}

function everyPath(document: Document): Path[] {
  return pathsWhere(document, () => true);
}

function scalarPaths(document: Document): Path[] {
  return pathsWhere(
    document,
    (node) =>
      isScalar(node) && node.value !== null && !isAlias(node) && !(node instanceof Scalar && node.anchor !== undefined),
  );
}

function pathsWhere(document: Document, wanted: (node: unknown) => boolean): Path[] {
  const paths: Path[] = [];
  visit(document, {
    Pair(_, pair, ancestors) {
      const path = pathOf([...ancestors, pair]);
      if (path !== undefined && wanted(pair.value)) paths.push(path);
    },
    Seq(_, seq, ancestors) {
      const path = pathOf([...ancestors, seq]);
      if (path === undefined) return;
      seq.items.forEach((item, index) => {
        if (wanted(item)) paths.push([...path, index]);
      });
    },
  });
  return paths;
}

function pathOf(nodes: readonly unknown[]): Path | undefined {
  const path: (string | number)[] = [];
  for (const [index, node] of nodes.entries()) {
    if (isPair(node)) {
      if (!isScalar(node.key)) return undefined;
      path.push(String(node.key.value));
    } else if (isSeq(node)) {
      const next = nodes[index + 1];
      if (next !== undefined) path.push(node.items.indexOf(next));
    }
  }
  return path;
}

function safely<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
