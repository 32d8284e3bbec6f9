/**
 * HCL and JSON of HashiCorp's servers as blocks with settings: `listener "tcp" { … }` and `{"listener": {"tcp": {…}}}` are
 * one.
 */
import type { InputProblem } from "../../facts/system.ts";
import { type Place, type Source, wholeFile } from "../../lib/place.ts";
import type { HclBlock, HclBody, HclExpression } from "../hcl/ast.ts";
import { parseHcl } from "../hcl/parse.ts";
import { parseJson } from "../json/parse.ts";
import type { MappingNode, TreeNode } from "../tree.ts";

export type SettingValue = string | number | boolean | readonly string[];

export interface Setting {
  /** Undefined for what is put together when the file is used, or is of another kind. */
  readonly value: SettingValue | undefined;
  readonly place: Place;
}

export interface Block {
  /** `listener`; empty for the file itself. */
  readonly type: string;
  /** `tcp`; empty where none is written. */
  readonly label: string;
  readonly settings: ReadonlyMap<string, Setting>;
  readonly blocks: readonly Block[];
  readonly place: Place;
}

export interface BlockFile {
  readonly root: Block;
  /** Why something may be missing. */
  readonly doubt: string | undefined;
  readonly problems: readonly InputProblem[];
}

export function readBlocks(source: Source, text: string): BlockFile {
  return text.trimStart().startsWith("{") ? fromJson(source, text) : fromHcl(source, text);
}

function fromHcl(source: Source, text: string): BlockFile {
  const { body, problems } = parseHcl(source, text);
  const doubt = body.incomplete ?? (problems.length === 0 ? undefined : "a part of the file could not be read");
  return { root: hclBlock("", "", body, body.place), doubt, problems };
}

function hclBlock(type: string, label: string, body: HclBody, place: Place): Block {
  const settings = [...body.attributes.values()].map(
    ({ name, value }) => [name, { value: hclValue(value), place: value.place }] as const,
  );
  const blocks = body.blocks.map((block: HclBlock) =>
    hclBlock(block.type, block.labels.map((each) => each.text).join(" "), block.body, block.place),
  );
  return { type, label, settings: new Map(settings), blocks, place };
}

function hclValue(expression: HclExpression): SettingValue | undefined {
  if (expression.kind === "literal") return expression.value ?? undefined;
  if (expression.kind !== "tuple") return undefined;
  const items = expression.items.map((item) => (item.kind === "literal" ? item.value : undefined));
  return items.every((item): item is string => typeof item === "string") ? items : undefined;
}

function fromJson(source: Source, text: string): BlockFile {
  const { root, problems } = parseJson(source, text);
  const place = wholeFile(source);
  const doubt = root === undefined ? "the file is no JSON" : undefined;
  const empty: Block = { type: "", label: "", settings: new Map(), blocks: [], place };
  return { root: root?.kind === "mapping" ? jsonBlock("", "", root) : empty, doubt, problems };
}

const labelled = new Set([
  "listener",
  "storage",
  "backend",
  "ha_storage",
  "ha_backend",
  "seal",
  "path",
  "service_registration",
]);
/** Objects without a name of their own between type and settings. */
const unlabelled = new Set([
  "telemetry",
  "profiling",
  "retry_join",
  "inflight_requests_logging",
  "auto_auth",
  "vault",
  "cache",
]);

function jsonBlock(type: string, label: string, node: MappingNode): Block {
  const settings = new Map<string, Setting>();
  const blocks: Block[] = [];
  for (const { key, value } of node.entries.values()) {
    const objects = objectsOf(value);
    if (labelled.has(key) && objects.length > 0) {
      for (const object of objects) {
        for (const entry of object.entries.values()) {
          for (const inner of objectsOf(entry.value)) blocks.push(jsonBlock(key, entry.key, inner));
        }
      }
    } else if (unlabelled.has(key)) blocks.push(...objects.map((object) => jsonBlock(key, "", object)));
    else settings.set(key, { value: jsonValue(value), place: value.place });
  }
  return { type, label, settings, blocks, place: node.place };
}

function objectsOf(node: TreeNode): readonly MappingNode[] {
  if (node.kind === "mapping") return [node];
  return node.kind === "sequence" ? node.items.filter((item): item is MappingNode => item.kind === "mapping") : [];
}

function jsonValue(node: TreeNode): SettingValue | undefined {
  if (node.kind === "scalar") return node.value ?? undefined;
  if (node.kind !== "sequence") return undefined;
  const items = node.items.map((item) => (item.kind === "scalar" ? item.value : undefined));
  return items.every((item): item is string => typeof item === "string") ? items : undefined;
}
