#!/usr/bin/env node
// In a checkout the sources run as they are (Node strips the types); a published package has the bundle only.
import { existsSync, lstatSync, mkdirSync, readFileSync, realpathSync } from "node:fs";
import module from "node:module";
import { userInfo } from "node:os";
import { dirname, isAbsolute, join } from "node:path";

// Older ones neither strip types nor know what the bundle uses, and would end in a stack trace.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`ringwall: Node.js 22.18 or newer is needed; this is ${process.versions.node}.\n`);
  process.stderr.write("  Install a newer one from nodejs.org; in a clone of the repository, `npm ci` brings one.\n");
  process.exit(2);
}
// Node 22 and 24 call what is used here experimental, and would say so on every command: its SQLite, its types stripped.
const { emitWarning } = process;
process.emitWarning = (warning, ...more) =>
  /stripTypeScriptTypes|SQLite is an experimental feature/.test(String(warning))
    ? undefined
    : emitWarning(warning, ...more);
const cache = ownCacheFolder();
if (cache !== undefined) module.enableCompileCache?.(cache);
const source = new URL("../src/cli/main.ts", import.meta.url);
const bundle = new URL("../dist/cli/main.js", import.meta.url);
// Installed from Git (npm, pre-commit): the sources too, but Node strips no types below a folder `node_modules`.
if (/[/\\]node_modules[/\\]/.test(import.meta.url) && existsSync(source)) {
  module.registerHooks({
    load: (url, context, next) =>
      url.startsWith("file:") && url.endsWith(".ts")
        ? {
            format: "module",
            source: module.stripTypeScriptTypes(readFileSync(new URL(url), "utf8")),
            shortCircuit: true,
          }
        : next(url, context),
  });
}
await import(existsSync(source) ? source.href : bundle.href);

/**
 * A folder that only this user can write, for what V8 has compiled; undefined where there is none. By default Node keeps
 * it below /tmp and takes what it finds there: whoever makes that folder first would choose what root runs.
 */
function ownCacheFolder() {
  try {
    const { homedir, uid } = userInfo();
    const named = process.env.XDG_CACHE_HOME ?? "";
    const folder = join(isAbsolute(named) ? named : join(homedir, ".cache"), "ringwall", "compiled");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return process.platform === "win32" || isOwn(realpathSync(folder), uid) ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** Whether no other user but root can change what a path leads to. */
function isOwn(path, uid) {
  const { uid: owner, mode } = lstatSync(path);
  const othersWrite = (mode & 0o022) !== 0 && (mode & 0o1000) === 0;
  if ((owner !== uid && owner !== 0) || othersWrite) return false;
  return dirname(path) === path || isOwn(dirname(path), uid);
}
