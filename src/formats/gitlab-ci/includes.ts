/**
 * What a pipeline takes from elsewhere. Templates come with GitLab itself, and local files with the repository.
 *
 * Source: docs.gitlab.com/ci/yaml, `include:component`, `include:project`, `include:remote`, `include:integrity`.
 */
import type { ActionUse } from "../../facts/workflow.ts";
import { child, type TreeNode } from "../tree.ts";
import { members, text } from "./model.ts";

const commit = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

export interface Includes {
  readonly uses: readonly ActionUse[];
  /** Why more may be taken from elsewhere, or another version of it: a variable stands where that is named. */
  readonly doubt: string | undefined;
}

export function includesIn(root: TreeNode): Includes {
  const all = members(child(root, "include")).flatMap((entry): readonly (ActionUse | { readonly doubt: string })[] => {
    const variable = variableOf(entry);
    if (variable !== undefined) return [{ doubt: `the variable \`${variable}\` decides` }];
    const use = entry.kind === "scalar" ? remoteUse(entry, undefined) : includeUse(entry);
    return use === undefined ? [] : [use];
  });
  const uses = all.flatMap((each) => ("doubt" in each ? [] : [each]));
  return { uses, doubt: all.flatMap((each) => ("doubt" in each ? [each.doubt] : []))[0] };
}

/** The variable that decides about a version or an address; where a component's server is named, it decides about neither. */
function variableOf(entry: TreeNode): string | undefined {
  const component = text(child(entry, "component"));
  const version = component === undefined ? undefined : component.slice(component.lastIndexOf("@") + 1);
  const deciding = [text(entry), text(child(entry, "remote")), text(child(entry, "ref")), version];
  const own = text(child(entry, "project")) === undefined ? [] : [text(child(entry, "ref"))];
  return (own.length > 0 ? own : deciding)
    .map((each) => /\$(?:\w+|\{\w+\}|\[\[[^\]]{0,200}\]\])/.exec(each ?? "")?.[0])
    .find((each) => each !== undefined);
}

function includeUse(entry: TreeNode): ActionUse | undefined {
  const project = text(child(entry, "project"));
  if (project !== undefined) return projectUse(entry, project);
  const component = child(entry, "component");
  if (component !== undefined) return componentUse(component);
  return remoteUse(child(entry, "remote"), text(child(entry, "integrity")));
}

function projectUse(entry: TreeNode, project: string): ActionUse {
  const ref = child(entry, "ref");
  const name = text(ref) ?? "";
  return {
    text: name === "" ? project : `${project}@${name}`,
    kind: "project include",
    owner: (project.split("/")[0] ?? "").toLowerCase(),
    repository: project.toLowerCase(),
    pinnedBy: pinnedBy(name),
    isBranch: /^\D+$/.test(name),
    place: (ref ?? child(entry, "project") ?? entry).place,
  };
}

function componentUse(component: TreeNode): ActionUse | undefined {
  const written = text(component);
  if (written === undefined) return undefined;
  const at = written.lastIndexOf("@");
  const address = at === -1 ? written : written.slice(0, at);
  const version = at === -1 ? "" : written.slice(at + 1);
  return {
    text: written,
    kind: "component",
    owner: (address.split("/")[1] ?? "").toLowerCase(),
    repository: address.toLowerCase(),
    pinnedBy: pinnedBy(version),
    isBranch: /^\D+$/.test(version),
    place: component.place,
  };
}

function pinnedBy(version: string): ActionUse["pinnedBy"] {
  if (version === "") return "nothing";
  return commit.test(version) ? "commit" : "name";
}

/** Without a checksum what is there that day counts, but for an address that names a commit. */
function remoteUse(node: TreeNode | undefined, integrity: string | undefined): ActionUse | undefined {
  const address = text(node);
  if (node === undefined || address === undefined || !/^https?:\/\//i.test(address)) return undefined;
  const shown = address.replace(/^(https?:\/\/)[^/@]{1,300}@/i, "$1").replace(/[?#].*$/s, "");
  const named = address.split("/").some((part) => commit.test(part));
  return {
    text: shown,
    kind: "remote include",
    owner: (shown.split("/")[2] ?? "").toLowerCase(),
    repository: shown,
    pinnedBy: /^sha256-.{20,}$/.test(integrity ?? "") ? "digest" : named ? "commit" : "nothing",
    isBranch: false,
    place: node.place,
  };
}

/** The paths of `include: local`, patterns among them. */
export function localIncludes(root: TreeNode): readonly string[] {
  return members(child(root, "include")).flatMap((entry) => {
    const path = entry.kind === "scalar" ? text(entry) : text(child(entry, "local"));
    return path === undefined || /^https?:\/\//i.test(path) || path.includes("$") ? [] : [path.replace(/^\/+/, "")];
  });
}
