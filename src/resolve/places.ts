import type { TreeNode } from "../formats/tree.ts";
import type { Place } from "../lib/place.ts";

/** A way into a declaration: keys and indexes from its root. */
export type Path = readonly (string | number)[];

/** Where the parts of a declaration stand. */
export interface Places {
  /** The value at a path, or of its nearest parent that is there. */
  value(path: Path): Place;
  /** The key that a path ends with, or the value where it ends with an index or the key is not written. */
  key(path: Path): Place;
}

/** Places in a text. */
export function placesOfTree(root: TreeNode): Places {
  return {
    value: (path) => walk(root, path).node.place,
    key: (path) => {
      const { keyPlace, node, whole } = walk(root, path);
      return whole && keyPlace !== undefined ? keyPlace : node.place;
    },
  };
}

/** Places in a stack that a program made: the path in words. */
export function placesOfProgram(file: string): Places {
  const place = (path: Path): Place => ({
    kind: "object",
    locator: path.length === 0 ? file : `${file}: ${describePath(path)}`,
  });
  return { value: place, key: place };
}

/** `services.api.ports.http`, `routes[0].host`. */
export function describePath(path: Path): string {
  return path.map((part, index) => (typeof part === "number" ? `[${part}]` : index === 0 ? part : `.${part}`)).join("");
}

function walk(root: TreeNode, path: Path): { node: TreeNode; keyPlace: Place | undefined; whole: boolean } {
  let node = root;
  let keyPlace: Place | undefined;
  for (const part of path) {
    if (node.kind === "mapping") {
      const entry = node.entries.get(String(part));
      if (entry === undefined) return { node, keyPlace, whole: false };
      node = entry.value;
      keyPlace = entry.keyPlace;
    } else if (node.kind === "sequence" && typeof part === "number" && node.items[part] !== undefined) {
      node = node.items[part];
      keyPlace = undefined;
    } else {
      return { node, keyPlace, whole: false };
    }
  }
  return { node, keyPlace, whole: true };
}
