import type { ServedSecret } from "../../facts/configuration/proxy.ts";
import type { ConfigInput } from "../config-format.ts";

/** Files that lie beside a site's own and are not meant for visitors. */
const secretFiles = [".env", ".git/config", ".htpasswd", ".env.local", ".env.production", ".aws/credentials", ".npmrc"];

/**
 * Which of them lie in a folder that a site serves, as far as the folder is one of the repository. `root` is the folder
 * as the proxy sees it; `site` is what of the site is kept with each.
 */
export function servedSecrets(
  root: string,
  site: Pick<ServedSecret, "ports" | "place">,
  input: ConfigInput,
): readonly ServedSecret[] {
  if (!root.startsWith("/") || input.owner === undefined) return [];
  const folder = root.replace(/\/+$/, "");
  return secretFiles.flatMap((name) => {
    const path = input.locate(`${folder}/${name}`);
    return path !== undefined && input.files.exists(path) ? [{ name: path, ...site }] : [];
  });
}
