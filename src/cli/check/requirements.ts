import { type Framework, frameworks } from "../../controls/frameworks/framework.ts";
import { threats } from "../../controls/threats.ts";
import { RingwallError } from "../../lib/error.ts";
import { closest } from "../../lib/suggest.ts";
import type { ReportInput } from "../../report/input.ts";
import {
  frameworkList,
  type RequirementList,
  requirementsJson,
  requirementsMarkdown,
  requirementsText,
  threatList,
} from "../../report/requirements.ts";
import type { Layout, ReportFormat } from "./formats.ts";

/** Which list of requirements is asked for in place of the findings. */
export interface RequirementsRequest {
  readonly framework: string | undefined;
  readonly threats: boolean;
}

/** Throws a usage error, before anything is judged, for a framework that is not known or a format that has no such report. */
export function assertRequirements({ framework, threats: wanted }: RequirementsRequest, format: ReportFormat): void {
  if (framework === undefined && !wanted) return;
  if (framework !== undefined && wanted) {
    throw new RingwallError("usage", "`--framework` and `--threats` each take the place of the findings.", {
      hint: "Ask for one of them, and for the other in a run of its own.",
    });
  }
  if (framework !== undefined) frameworkNamed(framework);
  if (format !== "text" && format !== "json" && format !== "markdown") {
    throw new RingwallError("usage", `There is no ${format} report of ${framework ?? "the threats"}.`, {
      hint: "Use --format text, json or markdown.",
    });
  }
}

/** How the framework, or the threat model, stands in these files. */
export function requirementsReport(
  request: RequirementsRequest,
  format: ReportFormat,
  input: ReportInput,
  { style, width }: Layout,
): string {
  const list: RequirementList =
    request.framework === undefined
      ? threatList(threats, input)
      : frameworkList(frameworkNamed(request.framework), input);
  if (format === "json") return requirementsJson(list, input);
  return format === "markdown" ? requirementsMarkdown(list) : requirementsText(list, style, width);
}

function frameworkNamed(name: string): Framework {
  const found = frameworks.find((framework) => framework.name === name);
  if (found !== undefined) return found;
  const names = frameworks.map((framework) => framework.name);
  const meant = closest(name, names);
  throw new RingwallError("usage", `There is no framework "${name}".`, {
    hint: meant === undefined ? `Use one of ${names.join(", ")}.` : `Did you mean "${meant}"?`,
  });
}
