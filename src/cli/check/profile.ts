import { basename, extname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type CheckProfile, parseProfile, shippedProfiles } from "../../controls/profile.ts";
import { allControls } from "../../controls/registry.ts";
import { RingwallError } from "../../lib/error.ts";
import { Source } from "../../lib/place.ts";
import { readTextFile } from "../../lib/read-text-file.ts";
import { didYouMean } from "../../lib/suggest.ts";

const largest = 1024 ** 2;
const names = Object.keys(shippedProfiles);

/** Here src/cli/check/profile.ts, there dist/cli/main.js or dist/chunks/….js: the folder stands beside `src` and `dist`. */
const shippedFolder = new URL(
  import.meta.url.endsWith(".ts") ? "../../../profiles/" : "../../profiles/",
  import.meta.url,
);

/** How a file that the person named is read; undefined where it is not there. */
export type ReadNamed = (path: string, shownAs: string, largest: number) => Promise<string | undefined>;

/**
 * The profile of a name, or of a file: a word is one that comes with Ringwall, anything with a dot or a slash is a path,
 * which is read as it was where there is an earlier revision. Throws a `RingwallError` for what is neither, and with every
 * mistake that is in the file.
 */
export async function readProfile(
  named: string,
  cwd: string,
  earlier?: { readonly revision: string; readonly read: ReadNamed },
): Promise<CheckProfile> {
  const shipped = names.includes(named);
  if (!shipped && !/[./\\]/.test(named)) {
    throw new RingwallError("usage", `There is no profile "${named}".${didYouMean(named, names)}`, {
      hint: `Use ${names.join(" or ")}, or the path of a file of your own.`,
    });
  }
  const text = shipped
    ? await readTextFile(fileURLToPath(new URL(`${named}.yaml`, shippedFolder)), `profiles/${named}.yaml`, largest)
    : await (earlier?.read ?? readTextFile)(resolve(cwd, named), named, largest);
  if (text === undefined) {
    const isNew = earlier !== undefined && (await readTextFile(resolve(cwd, named), named, largest)) !== undefined;
    if (isNew) {
      throw new RingwallError(
        "not-found",
        `${named} is not there in ${earlier.revision}: it comes with the change itself.`,
        {
          hint: `A change brings no profile of its own. Until it is merged, leave \`--profile\` out or name ${names.join(" or ")}.`,
        },
      );
    }
    throw new RingwallError("not-found", `${named} is not there.`, {
      hint: `\`--profile\` names a file of your own, or ${names.join(" or ")}.`,
    });
  }
  const shownAs = shipped ? `profiles/${named}.yaml` : named;
  const own = basename(named, extname(named)).replace(/[^\w.-]/g, "-") || "own";
  return parseProfile(text, new Source(shownAs, text), own, allControls);
}
