import type { ClusterContext } from "../context.ts";

/** A path of a repository without what leads to its root: empty for the root itself. */
export function pathWithin(path: string): string {
  const within = path.replace(/^\.?\/+/, "").replace(/\/+$/, "");
  return within === "." ? "" : within;
}

/** Whether files of this folder lie under a path. */
export function isAmongFiles(path: string, context: ClusterContext): boolean {
  const within = pathWithin(path);
  return (
    within !== "" &&
    context.manifests.sources.some(({ path: file }) => file.startsWith(`${within}/`) || file.includes(`/${within}/`))
  );
}

/** The same of a path of two parts or more: one part alone may be there by chance. */
export function appliesThisFolder(path: string | undefined, context: ClusterContext): boolean {
  return path !== undefined && pathWithin(path).includes("/") && isAmongFiles(path, context);
}
