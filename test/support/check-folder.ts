/** `ringwall check` on a folder, in this process, as a user would run it. */
import { z } from "zod";
import { memoryContext } from "../../src/cli/memory-context.ts";
import { runCli } from "../../src/cli/run.ts";

const findingSchema = z.object({
  control: z.string(),
  severity: z.string(),
  verdict: z.string(),
  subject: z.string(),
  message: z.string(),
  file: z.string().nullable(),
  line: z.number().nullable(),
  column: z.number().nullable(),
  placeUnknown: z.string().optional(),
  fingerprint: z.string(),
  includes: z.array(
    z.object({ control: z.string(), message: z.string(), line: z.number().nullable(), fingerprint: z.string() }),
  ),
});

export type ReportedFinding = z.infer<typeof findingSchema>;

const reportSchema = z.object({ findings: z.array(findingSchema) });

/** One command in a folder, and everything that it said. */
export async function ringwall(cwd: string, argv: readonly string[], { columns }: { columns?: number } = {}) {
  const env = { PATH: process.env.PATH };
  const context = memoryContext({ cwd, env, ...(columns === undefined ? {} : { columns }) });
  const code = await runCli(argv, context);
  return { code, out: context.stdout.text(), err: context.stderr.text() };
}

/** What `check` finds in a folder, as the JSON report has it: what is told with another finding stands in `controls` too. */
export async function checkFolder(cwd: string, ...more: string[]) {
  const { code, out, err } = await ringwall(cwd, ["check", "--format", "json", ...more]);
  const { findings } = out === "" ? { findings: [] } : reportSchema.parse(JSON.parse(out));
  const controls = findings.flatMap(({ control, includes }) => [control, ...includes.map((part) => part.control)]);
  return { code, out, err, findings, controls };
}
