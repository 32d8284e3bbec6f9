import { lstat } from "node:fs/promises";
import { RingwallError } from "../../lib/error.ts";
import { readTextFile } from "../../lib/read-text-file.ts";

const largest = 64 * 1024;

/**
 * What a file with a credential holds, without the newline at its end. `what` names it in sentences: `the secret id`.
 * Throws when it is not there, others than its owner can read it, or it is empty. What it holds is in no message.
 */
export async function readPrivateFile(path: string, what: string): Promise<string> {
  const text = await readTextFile(path, path, largest);
  if (text === undefined) {
    throw new RingwallError("not-found", `${path} is not there; it should hold ${what}.`, {
      hint: "Put it there with mode 0600, or mend the path in the declaration.",
    });
  }
  const { mode } = await lstat(path);
  if ((mode & 0o077) !== 0) {
    throw new RingwallError("permission", `Others than its owner can read or write ${path}, which holds ${what}.`, {
      hint: `Run \`chmod 600 ${path}\`, and replace what it holds: take it for seen.`,
    });
  }
  const value = text.trim();
  if (value !== "" && !/\s/.test(value)) return value;
  throw new RingwallError(
    "invalid",
    `${path} does not hold ${what}: it is ${value === "" ? "empty" : "more than one word"}.`,
    {
      hint: "Expected the value alone, on one line.",
    },
  );
}
