/** Whether a path lies in one of some folders. For tests. */
export function isContained(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
}
