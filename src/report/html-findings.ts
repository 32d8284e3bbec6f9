import { type Finding, type PathStep, rings, severities } from "../contracts/verdict.ts";
import { describePlace } from "../lib/place.ts";
import { html, htmlProse } from "./escape.ts";
import { countedSubjects, type FindingGroup, foldFindings, namesIn, sameMessage, subjectName } from "./groups.ts";
import { changeMark, worseLines, worseMark } from "./held-back.ts";
import type { ReportInput } from "./input.ts";
import { counted, someOf } from "./layout.ts";
import { countBySeverity } from "./posture.ts";
import { about, asClause, asSentence, severityWord, stationOf } from "./wording.ts";

/** A page with more findings than this opens slowly; the rest is named and left to the other formats. */
const mostFindings = 3_000;
/** A group with more than this shows its members on demand. */
const openMembers = 3;

/** The findings that are not waived: equal ones folded, with a bar that filters by severity, ring and text. */
export function findingsSection(input: ReportInput): string {
  const open = input.findings.filter((finding) => finding.waiver === undefined);
  if (open.length === 0) return '<p class="lead">Nothing was found.</p>';
  const shown = open.slice(0, mostFindings);
  const groups = foldFindings(shown);
  const left =
    open.length > shown.length
      ? `<p class="soft">${counted(open.length - shown.length, "finding")} of lower rank are left out of this page; <code>--format json</code> has all.</p>`
      : "";
  return `${filterBar(input, groups)}<div class="groups">${groups.map((group) => groupArticle(group, input)).join("")}</div><p class="nothing soft" data-nothing hidden>No finding matches.</p>${left}`;
}

function filterBar(input: ReportInput, groups: readonly FindingGroup[]): string {
  const failed = countBySeverity(input.findings, "fail");
  const unknown = countBySeverity(input.findings, "unknown");
  const chips = [...severities].reverse().flatMap((severity) => {
    const count = (failed.get(severity) ?? 0) + (unknown.get(severity) ?? 0);
    if (count === 0) return [];
    return [
      `<label class="chip"><input type="checkbox" data-filter-severity value="${severity}" checked><span class="sev-${severity}">${severity} <b>${count}</b></span></label>`,
    ];
  });
  const present = rings.filter((ring) => groups.some((group) => group.ring === ring));
  const options = present.map((ring) => `<option value="${ring}">${ring}</option>`).join("");
  return `<form class="bar filter" data-filter><fieldset><legend class="hidden">Severity</legend>${chips.join("")}</fieldset><label><span class="hidden">Ring</span><select data-filter-ring-select><option value="">every ring</option>${options}</select></label><label class="search"><span class="hidden">Text</span><input type="search" placeholder="Service, file, control…" data-filter-text></label><span class="soft" data-filter-count aria-live="polite"></span></form>`;
}

function groupArticle(group: FindingGroup, input: ReportInput): string {
  const several = input.severalSystems;
  const [first] = group.findings;
  const names = namesIn(group, several);
  const counts = group.findings.some((finding) => input.counting.has(finding));
  return `<article class="finding sev-edge-${group.severity}" data-severity="${group.severity}" data-ring="${group.ring}"${counts ? "" : " data-minor"}>
<header>${badge(group)}<h3>${htmlProse(headline(group, names))}</h3><span class="control"><code>${html(group.control)}</code></span></header>
${worseLines(group.findings, input)
  .map((line) => `<p><b>${html(line)}</b></p>`)
  .join("")}${members(group, input)}
${way(first.path)}
${parts(first, input)}
<dl><dt>Should be</dt><dd>${html(group.title)}</dd><dt>Remedy</dt><dd>${htmlProse(first.remedy)}</dd><dt>Severity</dt><dd class="soft">${html(first.severityWhy)}</dd></dl>
</article>`;
}

function badge(told: Pick<Finding, "severity" | "verdict">): string {
  const meant = told.verdict === "unknown" ? ' title="cannot be told"' : "";
  return `<span class="badge sev-${told.severity}"${meant}>${severityWord(told)}</span>`;
}

/** What was found, and with whom; the worst one speaks for those like it. */
function headline(group: FindingGroup, names: readonly string[]): string {
  const [first] = group.findings;
  const clause = asClause(first.message);
  const worst = about(names[0] ?? "", clause);
  if (group.findings.length === 1) return worst;
  if (sameMessage(group)) {
    return `${clause}: ${countedSubjects(group, names.length)} (${someOf(names, 6)})`;
  }
  const rest = names.length === 1 ? counted(group.findings.length - 1, "more place") : someOf(names.slice(1), 5);
  return `${worst}; and ${rest}`;
}

function members(group: FindingGroup, input: ReportInput): string {
  const single = group.findings.length === 1;
  const same = sameMessage(group);
  const items = group.findings.map((finding) => {
    const name = single ? "" : `<b>${html(subjectName(finding.subject, input.severalSystems))}</b> `;
    // What the headline says already is not said again.
    const message = same ? "" : htmlProse(asSentence(finding.message));
    const worse = single ? "" : worseMark(finding, input);
    const mark = worse === "" ? "" : ` <b>${html(worse)}</b>`;
    const said = name + message + mark === "" ? "" : `<span>${name}${message}${mark}</span>`;
    return `<li data-member><code class="place">${html(describePlace(finding.place))}</code>${said}</li>`;
  });
  if (items.length <= openMembers) return `<ul class="members">${items.join("")}</ul>`;
  const rest = items.slice(1);
  return `<ul class="members">${items[0]}</ul><details><summary>${rest.length} more like it</summary><ul class="members">${rest.join("")}</ul></details>`;
}

/** The findings that a chain is made of. */
function parts({ includes = [] }: Finding, input: ReportInput): string {
  if (includes.length === 0) return "";
  const items = includes.map(
    (part) =>
      `<li><code class="place">${html(describePlace(part.place))}</code><span>${html(changeMark(part, input))}${htmlProse(asSentence(part.message))} <code>${html(part.control)}</code></span></li>`,
  );
  return `<p class="soft">Made of</p><ul class="members">${items.join("")}</ul>`;
}

/** The way from outside as stations, with what allows each step beneath. */
function way(path: readonly PathStep[]): string {
  const [first] = path;
  if (first === undefined) return "";
  const stations = [
    `<li><span class="station">${html(first.from)}</span></li>`,
    ...path.map(
      (step) =>
        `<li><span class="station">${html(stationOf(step))}</span><span class="by">${html(step.by)}</span></li>`,
    ),
  ];
  return `<ol class="way" aria-label="Way in">${stations.join("")}</ol>`;
}

/** Findings that somebody has accepted, with reason, owner and end. */
export function waivedSection(input: ReportInput): string {
  const waived = input.findings.filter((finding) => finding.waiver !== undefined);
  if (waived.length === 0) return "";
  const rows = waived.slice(0, 500).map((finding) => {
    const { reason = "", owner, until } = finding.waiver ?? {};
    return `<tr><td>${badge(finding)}</td><td>${html(subjectName(finding.subject, input.severalSystems))}<br><code>${html(finding.control)}</code></td><td>${html(reason)}</td><td>${html(owner ?? "nobody named")}</td><td>${html(until ?? "no end")}</td></tr>`;
  });
  const more = waived.length > 500 ? `<p class="soft">and ${waived.length - 500} more</p>` : "";
  return `<section id="waived"><h2>Accepted for now <span class="soft">${waived.length}</span></h2><div class="table-scroll"><table><thead><tr><th>Severity</th><th>What</th><th>Reason</th><th>Owner</th><th>Until</th></tr></thead><tbody>${rows.join("")}</tbody></table></div>${more}</section>`;
}
