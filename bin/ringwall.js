#!/usr/bin/env node
// In a checkout the sources run as they are (Node strips the types); a published package has the bundle only.
import { existsSync, readFileSync } from "node:fs";
import module from "node:module";
import v8 from "node:v8";

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
// V8 drops the bytecode of functions that rest for a while, and compiles them anew when the next file needs them.
v8.setFlagsFromString("--no-flush-bytecode");
module.enableCompileCache?.();
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
