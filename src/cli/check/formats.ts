import { basename, extname } from "node:path";
import { RingwallError } from "../../lib/error.ts";
import type { ReportInput } from "../../report/input.ts";
import type { Style } from "../../report/style.ts";

export const reportFormats = ["text", "json", "sarif", "junit", "html", "markdown", "github", "gitlab"] as const;
export type ReportFormat = (typeof reportFormats)[number];

/** How a report for people is laid out; other formats do not look at it. */
export interface Layout {
  readonly style: Style;
  readonly width: number;
  readonly all: boolean;
}

/** A report in one format, as parts of its text one after another. Only that format's code is loaded. */
export async function writeReport(format: ReportFormat, input: ReportInput, layout: Layout): Promise<Iterable<string>> {
  switch (format) {
    case "text":
      return [(await import("../../report/text.ts")).textReport(input, layout)];
    case "json":
      return (await import("../../report/json.ts")).jsonReport(input);
    case "sarif":
      return (await import("../../report/sarif.ts")).sarifReport(input);
    case "junit":
      return [(await import("../../report/junit.ts")).junitReport(input)];
    case "html":
      return [(await import("../../report/html.ts")).htmlReport(input)];
    case "markdown":
      return [(await import("../../report/markdown.ts")).markdownReport(input)];
    case "github":
      return [(await import("../../report/github.ts")).githubReport(input)];
    case "gitlab":
      return (await import("../../report/gitlab.ts")).gitlabReport(input);
  }
}

const byEnding: Readonly<Record<string, ReportFormat>> = {
  ".txt": "text",
  ".json": "json",
  ".sarif": "sarif",
  ".xml": "junit",
  ".html": "html",
  ".htm": "html",
  ".md": "markdown",
};

/** Names that say more than their ending; the second is the one that GitLab's own documentation uses. */
const byName: readonly (readonly [RegExp, ReportFormat])[] = [
  [/\.sarif\.json$/, "sarif"],
  [/^gl-code-quality.*\.json$/, "gitlab"],
];

/** The format that a file's name asks for. Throws a usage error for an ending that asks for none. */
export function formatOfFile(path: string): ReportFormat {
  const name = basename(path).toLowerCase();
  const format = byName.find(([pattern]) => pattern.test(name))?.[1] ?? byEnding[extname(name)];
  if (format !== undefined) return format;
  throw new RingwallError("usage", `The ending of ${path} does not say which format is wanted.`, {
    hint: `Use one of ${Object.keys(byEnding).join(", ")}, or --format with --output.`,
  });
}
