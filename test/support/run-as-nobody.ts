/**
 * A program: runs one command of Ringwall as a user who owns nothing, and prints `{code, out, err}`.
 *
 *     node run-as-nobody.ts WARM-FOLDER FOLDER ARGUMENT…
 *
 * The code is loaded as root first, by running the same command in WARM-FOLDER: the repository may lie where nobody else
 * can read.
 */
import { memoryContext } from "../../src/cli/memory-context.ts";
import { runCli } from "../../src/cli/run.ts";

const nobody = 65_534;
const [warm = "", cwd = "", ...argv] = process.argv.slice(2);
await runCli(argv, memoryContext({ cwd: warm }));
process.setgroups?.([]);
process.setgid?.(nobody);
process.setuid?.(nobody);
const context = memoryContext({ cwd });
const code = await runCli(argv, context);
process.stdout.write(JSON.stringify({ code, out: context.stdout.text(), err: context.stderr.text() }));
