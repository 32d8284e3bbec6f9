/**
 * `uses:` in its parts: `owner/repo/path@ref`, `./local`, `docker://image`, and Forgejo's `https://host/owner/repo@ref`.
 */
import type { ActionUse } from "../../facts/workflow.ts";
import type { Place } from "../../lib/place.ts";
import type { ScalarNode } from "../tree.ts";

const commit = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/** What is called; undefined for what lies in the repository itself, and for what is no reference. */
export function actionUse(
  node: ScalarNode,
  kind: "action" | "workflow",
  place: Place = node.place,
): ActionUse | undefined {
  const text = String(node.value).trim();
  if (text.startsWith("./") || text.startsWith("../") || text === "") return undefined;
  if (text.startsWith("docker://")) return imageUse(text, place);
  const withoutHost = text.replace(/^https?:\/\/[^/]{1,255}\//, "");
  const at = withoutHost.lastIndexOf("@");
  const path = at === -1 ? withoutHost : withoutHost.slice(0, at);
  const ref = at === -1 ? "" : withoutHost.slice(at + 1);
  const match = /^([\w.-]{1,100})\/([\w.-]{1,100})(?:\/.*)?$/.exec(path);
  if (match === null) return undefined;
  return {
    text,
    kind,
    owner: (match[1] ?? "").toLowerCase(),
    repository: `${match[1]}/${match[2]}`.toLowerCase(),
    pinnedBy: ref === "" ? "nothing" : commit.test(ref) ? "commit" : "name",
    isBranch: /^\D+$/.test(ref),
    place,
  };
}

function imageUse(text: string, place: Place): ActionUse {
  const image = text.slice("docker://".length);
  const named = image.replace(/@.*$/, "");
  const repository = /:[^/]*$/.test(named) ? named.slice(0, named.lastIndexOf(":")) : named;
  return {
    text,
    kind: "image",
    owner: (repository.split("/")[0] ?? "").toLowerCase(),
    repository: repository.toLowerCase(),
    isBranch: false,
    pinnedBy: /@sha256:[0-9a-f]{64}$/.test(image) ? "digest" : repository === named ? "nothing" : "name",
    place,
  };
}
