/** The name of a workload as people know it within its namespace: `web` for `shop/Deployment/web`. */
export function shortName(name: string): string {
  return name.split("/").at(-1) ?? name;
}

/** Up to four names, and how many more: `web, db and 3 more`. */
export function shortList(names: readonly string[]): string {
  const short = [...new Set(names.map(shortName))];
  const shown = short.slice(0, 4);
  if (short.length > 4) return `${shown.join(", ")} and ${short.length - 4} more`;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}
