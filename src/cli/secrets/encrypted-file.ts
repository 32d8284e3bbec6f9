import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sopsFormatOf } from "../../formats/sops/document/formats.ts";
import type { SopsFile } from "../../formats/sops/document/operations.ts";
import { RingwallError } from "../../lib/error.ts";
import { refuseInsideGit } from "../../stores/age/identity-place.ts";
import { identityFiles } from "../../stores/open-store.ts";
import { SopsFiles } from "../../stores/sops/sops-files.ts";
import type { Context } from "../command.ts";
import { storeAround } from "../stack-store.ts";

/**
 * Encrypted files that a person names, opened with `--identity`, or with the identity of the stack in this folder and
 * those that `sops` itself would take.
 */
export function sopsFiles(context: Context, identity?: string): SopsFiles {
  return new SopsFiles({
    identities: identityFiles(identity, storeAround(context.cwd, context)),
    lock: join(lockFolder(context), "sops.lock"),
    mayLie: refuseInsideGit,
  });
}

/** Beside the stack where there is one, so that its store and this command take turns. */
function lockFolder({ cwd, env }: Context): string {
  const beside = join(cwd, ".ringwall");
  if (existsSync(beside)) return beside;
  return join(env.XDG_RUNTIME_DIR ?? tmpdir(), `ringwall-${process.getuid?.() ?? "user"}`);
}

/** The file at a path as SOPS reads it. Throws `not-found` where nothing is there. */
export function sopsFileAt(path: string, shownAs: string, text: string | undefined): SopsFile {
  if (text !== undefined) return { path: shownAs, format: sopsFormatOf(path), text };
  throw new RingwallError("not-found", `${shownAs} is not there.`, { hint: "Look at the path." });
}
