import { createHash } from "node:crypto";
import { sumOfTallies } from "../controls/tally.ts";
import { threats } from "../controls/threats.ts";
import type { System } from "../facts/system.ts";
import { stateWords, tallyWords } from "./control-state.ts";
import { html, htmlProse } from "./escape.ts";
import { heldBackSentences, newExceptionSentences, newExceptionsTitle } from "./held-back.ts";
import { findingsSection, waivedSection } from "./html-findings.ts";
import { mapSection } from "./html-map.ts";
import { matrixSection } from "./html-matrix.ts";
import { ringsFigure, ringsList } from "./html-rings.ts";
import { pageScript } from "./html-script.ts";
import { pageStyle } from "./html-style.ts";
import type { ReportInput } from "./input.ts";
import { counted } from "./layout.ts";
import { mapModel } from "./map-model.ts";
import { posture } from "./posture.ts";
import { compareReach, reachDifferences } from "./reach-comparison.ts";
import { countsOf, threatList } from "./requirements.ts";
import { asSentence, countedServices } from "./wording.ts";

/** So many systems get a map of their own; of more, those with the most services. */
const mostMaps = 12;

/**
 * The report as one page that loads nothing: style and script are within it, and its content security policy allows
 * those two by their hashes and nothing else.
 */
export function htmlReport(input: ReportInput): string {
  const named = nameOf(input);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${html(named === "" ? "Ringwall" : `Ringwall: ${named}`)}</title>
<style>${pageStyle}</style>
</head>
<body>
${top(input)}
<main>
${heldBackSection(input)}${uncheckedSection(input)}<section id="findings"><h2>Findings</h2>${findingsSection(input)}</section>
${mapsSection(input)}${measuredSection(input)}${waivedSection(input)}${threatsSection(input)}${holdsSection(input)}
</main>
<footer><div>Ringwall ${html(input.version)} · ${html(input.at.toISOString().slice(0, 16).replace("T", " "))} UTC · profile ${html(input.profile)}. This page names services, files and faults: share it as you would share a key to the house.</div></footer>
<script>${pageScript}</script>
</body>
</html>
`;
}

/** What was checked, as a title; nothing for the folder that one stands in, whose name no argument tells. */
function nameOf({ root }: ReportInput): string {
  return /^\.\/?$/.test(root) ? "" : root;
}

function policy(): string {
  const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  return `default-src 'none'; style-src ${hash(pageStyle)}; script-src ${hash(pageScript)}; base-uri 'none'; form-action 'none'`;
}

function top(input: ReportInput): string {
  const rings = posture(input);
  const { passed } = sumOfTallies(input.tallies.values());
  const running = countedServices(input).map(([count, noun]) => `<li><b>${count}</b> ${noun}</li>`);
  const count = input.counting.size;
  const middle =
    count === 0
      ? { figure: String(passed), caption: "checks hold" }
      : { figure: String(count), caption: "to mend first" };
  return `<div class="top"><div class="brand"><span><b>Ringwall</b></span><nav class="nav" aria-label="Sections">${nav(input)}</nav></div>
<div class="hero"><div><p class="subject">${html(nameOf(input))}</p><h1>${headline(input)}</h1><p class="lead soft">${subline(input)}</p>
<ul class="facts">${running.join("")}<li><b>${input.files}</b> ${input.files === 1 ? "file" : "files"}</li><li><b>${passed}</b> checks hold</li></ul></div>
${ringsFigure(rings, middle)}</div>
${ringsList(rings)}</div>`;
}

function headline(input: ReportInput): string {
  const count = input.counting.size;
  if (count > 0) return `${counted(count, "finding")} to mend first`;
  const open = input.findings.filter((finding) => finding.waiver === undefined);
  if (open.length === 0) return "Everything that was judged holds";
  return `Nothing at or above ${input.failOn}`;
}

function subline(input: ReportInput): string {
  const open = input.findings.filter((finding) => finding.waiver === undefined);
  const [worst] = open;
  if (worst === undefined) return "No finding is open.";
  return `${counted(open.length, "finding")} in all. ${worst.verdict === "fail" ? "The worst" : "First"}: ${htmlProse(`${worst.subject.name}: ${asSentence(worst.message)}`)}`;
}

function nav(input: ReportInput): string {
  const entries: readonly (readonly [string, string, boolean])[] = [
    ["findings", "Findings", true],
    ["map", "Network", input.systems.some((system) => system.all("workload").length > 0)],
    ["measured", "Measured", input.measured !== undefined],
    ["waived", "Accepted", input.findings.some((finding) => finding.waiver !== undefined)],
    ["threats", "Threats", true],
    ["holds", "What holds", true],
  ];
  return entries
    .filter(([, , shown]) => shown)
    .map(([id, label]) => `<a href="#${id}">${label}</a>`)
    .join("");
}

/** What is found and not told, and what the change itself wants accepted. */
function heldBackSection({ heldBack }: ReportInput): string {
  const sentences = heldBackSentences(heldBack).map((sentence) => `<p>${htmlProse(sentence)}</p>`);
  if (sentences.length === 0) return "";
  const added = newExceptionSentences(heldBack);
  const list = added.slice(0, 50).map((sentence) => `<li>${html(sentence)}</li>`);
  const more = added.length > 50 ? `<li>and ${added.length - 50} more</li>` : "";
  const exceptions = added.length === 0 ? "" : `<h3>${newExceptionsTitle}</h3><ul>${list.join("")}${more}</ul>`;
  return `<div class="notice">${sentences.join("")}${exceptions}</div>`;
}

function uncheckedSection(input: ReportInput): string {
  const broken = input.broken.map(
    ({ control, subject, id }) =>
      `The control ${control} failed on ${subject} with internal error ${id}; what it judges there is not known.`,
  );
  const sentences = [...broken, ...input.unchecked];
  if (sentences.length === 0) return "";
  const shown = sentences.slice(0, 20).map((sentence) => `<p>${html(sentence)}</p>`);
  const more = sentences.length > 20 ? `<p>and ${sentences.length - 20} more</p>` : "";
  return `<div class="notice"><h3>Not checked</h3>${shown.join("")}${more}</div>`;
}

function mapsSection(input: ReportInput): string {
  const withServices = input.systems
    .filter((system) => system.lens !== "measured" && system.all("workload").length > 0)
    .sort((a, b) => b.all("workload").length - a.all("workload").length);
  if (withServices.length === 0) return "";
  const maps = withServices.slice(0, mostMaps).map((system, index) => {
    const measured = input.measured?.find((one) => one.system === system.name);
    const differences = measured === undefined ? [] : reachDifferences(compareReach(measured, input.systems));
    const model = mapModel(system, input.findings, differences);
    const map = mapSection(model, index);
    if (withServices.length === 1) return map;
    const services = counted(system.all("workload").length, model.noun);
    return `<details class="system"${index === 0 ? " open" : ""}><summary>${html(system.name === "" ? "without a name" : system.name)} <span class="soft">${services}</span></summary>${map}</details>`;
  });
  const left = withServices.length - maps.length;
  const more =
    left > 0 ? `<p class="soft">${counted(left, "smaller system")} ${left === 1 ? "is" : "are"} not drawn.</p>` : "";
  return `<section id="map"><h2>Who can reach whom</h2><p class="lead soft">From left to right: outside, what is published, what stands behind it. ${boxesMean(withServices)}</p>${maps.join("")}${more}</section>`;
}

/** What it means to stand in one box, which a cluster's policies decide and a network of containers does not. */
function boxesMean(systems: readonly System[]): string {
  const clusters = systems.filter(({ platform }) => platform === "kubernetes").length;
  const networks = "Those in one box reach one another.";
  const namespaces = "Each box of a cluster is a namespace; below its name stands whether policies close it.";
  if (clusters === 0) return networks;
  return clusters === systems.length ? namespaces : `${networks} ${namespaces}`;
}

function measuredSection(input: ReportInput): string {
  if (input.measured === undefined) return "";
  const parts = input.measured.map((measured) => {
    const heading = input.measured?.length === 1 ? "" : `<h3>${html(measured.system)}</h3>`;
    return heading + matrixSection(measured, compareReach(measured, input.systems));
  });
  return `<section id="measured"><h2>Measured on the running system</h2>${parts.join("")}</section>`;
}

function holdsSection(input: ReportInput): string {
  const held = input.controls.flatMap((control) => {
    const tally = input.tallies.get(control.id);
    if (tally === undefined || tally.passed === 0 || tally.failed + tally.unknown + tally.waived > 0) return [];
    return [`<li>${htmlProse(control.claim)} <span class="soft">${counted(tally.passed, "time")}</span></li>`];
  });
  const list =
    held.length === 0 ? '<p class="soft">No control holds everywhere.</p>' : `<ul class="claims">${held.join("")}</ul>`;
  return `<section id="holds"><h2>What holds everywhere <span class="soft">${counted(held.length, "claim")}</span></h2>${list}</section>`;
}

/** The threat model: what an attacker would do, what stands against it, and whether that holds now. */
function threatsSection(input: ReportInput): string {
  const list = threatList(threats, input);
  const rows = threats.map((threat, index) => {
    const row = list.rows[index];
    const state = row?.state ?? "not-checkable";
    const told = state === "failed" || state === "unknown" ? (row?.controls ?? []) : [];
    const controls = told.map((id) => `<code>${html(id)}</code>`).join(" ");
    const counts = row === undefined ? "" : tallyWords(row.tally);
    return `<tr><td>${htmlProse(threat.threat)}</td><td>${htmlProse(threat.answer)}</td><td class="state-${state}"><b>${html(stateWords[state])}</b><br><span class="soft">${html(counts)}</span></td><td>${controls}</td></tr>`;
  });
  return `<section id="threats"><h2>Threat model <span class="soft">${html(countsOf(list))}</span></h2><div class="table-scroll"><table><thead><tr><th>Threat</th><th>What stands against it</th><th>Now</th><th>Where it does not hold</th></tr></thead><tbody>${rows.join("")}</tbody></table></div></section>`;
}
