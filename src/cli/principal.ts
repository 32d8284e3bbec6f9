import { hostname, userInfo } from "node:os";
import type { Principal } from "../state/ledger/action.ts";
import type { Context } from "./command.ts";

/** Who runs this command: the person behind `sudo` where there is one, or a pipeline that says so (`CI=true`). */
export function principalOf(context: Pick<Context, "env">): Principal {
  const { env } = context;
  const behind = Number(env.SUDO_UID);
  const sudo = process.getuid?.() === 0 && env.SUDO_USER !== undefined && Number.isInteger(behind);
  return {
    kind: env.CI === "true" ? "ci" : "user",
    name: sudo ? (env.SUDO_USER ?? "") : ownName(),
    uid: sudo ? behind : (process.getuid?.() ?? null),
    host: hostname(),
  };
}

function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    // A uid without an entry in the user database, as in many containers.
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}
