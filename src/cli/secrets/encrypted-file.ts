import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { refuseInsideGit } from "../../stores/age/identity-place.ts";
import { identityFiles } from "../../stores/open-store.ts";
import { SopsEditor } from "../../stores/sops/sops-editor.ts";
import type { Context } from "../command.ts";
import { storeAround } from "../stack-store.ts";

/**
 * Encrypted files that a person names, opened with `--identity`, or with the identity of the stack in this folder and
 * those that `sops` itself would take.
 */
export function sopsEditor(context: Context, identity?: string): SopsEditor {
  return new SopsEditor({
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
