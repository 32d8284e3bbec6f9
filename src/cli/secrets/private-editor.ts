import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { access, constants, lstat, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RingwallError } from "../../lib/error.ts";
import { isAlive } from "../../lib/process-alive.ts";
import type { Context } from "../command.ts";

const prefix = "ringwall-edit-";

/**
 * Lets a person edit a text in the editor of `$VISUAL` or `$EDITOR`: in a file of 0600 in a folder of 0700, in memory
 * where the system has a place for that, and gone afterwards in any case but SIGKILL; what that left is cleared by the
 * next call. No shell reads the editor's name: it is split at spaces.
 */
export async function editPrivately(text: string, fileName: string, context: Context): Promise<string> {
  const [editor, ...words] = editorOf(context.env);
  const base = await memoryFolder();
  await clearAbandoned(base);
  const folder = await mkdtemp(join(base, `${prefix}${process.pid}-`));
  try {
    const path = join(folder, fileName);
    await writeFile(path, text, { mode: 0o600, flag: "wx" });
    await run(editor ?? "vi", [...words, path], context.env);
    return await readFile(path, "utf8");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function editorOf(env: Context["env"]): readonly string[] {
  const named = [env.VISUAL, env.EDITOR].find((text) => text !== undefined && text.trim() !== "");
  return (named ?? "vi").trim().split(/\s+/);
}

async function memoryFolder(): Promise<string> {
  const memory = "/dev/shm";
  const usable = await access(memory, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  return usable ? memory : tmpdir();
}

/** What a killed process left, of this user alone. */
async function clearAbandoned(base: string): Promise<void> {
  for (const name of await readdir(base).catch(() => [])) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length).split("-")[0]) : Number.NaN;
    if (!Number.isInteger(pid) || isAlive(pid)) continue;
    const path = join(base, name);
    const found = await lstat(path).catch(() => undefined);
    if (found?.isDirectory() === true && found.uid === process.getuid?.())
      await rm(path, { recursive: true, force: true });
  }
}

/**
 * Ctrl-C goes to the editor too, which decides what it means there; its end is waited for. Whoever ends this process
 * ends the editor first, so that the file is gone before the process is.
 */
function run(command: string, args: readonly string[], env: Context["env"]): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(command, [...args], { stdio: "inherit", env: { ...env } });
    const leave = () => void child.kill("SIGTERM");
    const wait = () => undefined;
    const signals = [
      ["SIGINT", wait],
      ["SIGHUP", leave],
      ["SIGTERM", leave],
    ] as const;
    for (const [signal, act] of signals) process.on(signal, act);
    const settle = () => {
      for (const [signal, act] of signals) process.off(signal, act);
    };
    child.on("error", () => {
      settle();
      fail(
        new RingwallError("not-found", `The editor \`${command}\` cannot be started; nothing was changed.`, {
          hint: "Set EDITOR to one that is installed.",
        }),
      );
    });
    child.on("close", (code) => {
      settle();
      if (code === 0) done();
      else
        fail(new RingwallError("interrupted", `The editor \`${command}\` ended without success; nothing was changed.`));
    });
  });
}
