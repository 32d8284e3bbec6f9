import { type Finding, type Severity, severities } from "../contracts/verdict.ts";
import { sumOfTallies } from "../controls/tally.ts";
import { describePlace } from "../lib/place.ts";
import { terminal } from "./escape.ts";
import { countedSubjects, type FindingGroup, foldFindings, namesIn, sameMessage, subjectName } from "./groups.ts";
import { changeMark, heldBackSentences, newExceptionSentences, newExceptionsTitle, worseLines } from "./held-back.ts";
import type { ReportInput } from "./input.ts";
import { counted, displayWidth, padOrCut, someOf, wrap } from "./layout.ts";
import { alarmOf, countBySeverity, posture, type RingPosture } from "./posture.ts";
import type { Style } from "./style.ts";
import { about, asClause, asSentence, countedServices, describePath, severityWord } from "./wording.ts";

export interface TextOptions {
  readonly style: Style;
  /** Columns of the screen; infinite where nothing is to be broken. */
  readonly width: number;
  /** Shows every finding by itself instead of folding equal ones. */
  readonly all: boolean;
}

const badgeWidth = 9;
/** Below this the badge stands on a line of its own, so that the text keeps room. */
const narrow = 60;
const namesShown = 6;
/** Further findings of a loud group that are told one by one. */
const othersShown = 8;
/** Characters of names that are told together. */
const namesLength = 160;

/** The report for a terminal or a log: findings worst first, equal ones folded, then how the rings stand. */
export function textReport(input: ReportInput, options: TextOptions): string {
  const page = new Page(input, options);
  const open = input.findings.filter((finding) => finding.waiver === undefined);
  const groups = options.all ? open.map(alone) : foldFindings(open);
  for (const group of groups) page.group(group);
  page.waived(input.findings.filter((finding) => finding.waiver !== undefined));
  page.newExceptions();
  page.unchecked();
  page.rings(posture(input));
  page.summary(groups.some((group) => group.findings.length > 1));
  return page.text();
}

/** Whether somebody should read it today. */
function isLoud({ severity }: { readonly severity: Severity }): boolean {
  return severities.indexOf(severity) >= severities.indexOf("high");
}

function alone(finding: Finding): FindingGroup {
  const { control, ring, title, severity, verdict } = finding;
  return { control, ring, title, severity, verdict, findings: [finding] };
}

class Page {
  readonly #input: ReportInput;
  readonly #style: Style;
  readonly #width: number;
  readonly #all: boolean;
  readonly #several: boolean;
  readonly #indent: string;
  #text = "";

  constructor(input: ReportInput, { style, width, all }: TextOptions) {
    this.#input = input;
    this.#style = style;
    this.#width = width;
    this.#all = all;
    this.#several = input.severalSystems;
    this.#indent = " ".repeat(width < narrow ? 2 : badgeWidth);
  }

  text(): string {
    return this.#text;
  }

  group(group: FindingGroup): void {
    const [first] = group.findings;
    this.#heading(group, namesIn(group, this.#several));
    this.#lines(`${describePlace(first.place)}  ${first.control}`, (line) => this.#style.dim(line));
    this.#worse(group);
    if (isLoud(group)) this.#others(group);
    if (this.#all || severities.indexOf(group.severity) > severities.indexOf("low")) this.#mending(first);
    this.#text += "\n";
  }

  /** Which of them are known, and got worse. */
  #worse({ findings }: FindingGroup): void {
    for (const line of worseLines(findings, this.#input)) this.#lines(line);
  }

  /** What was found, and with whom; the worst one speaks for those like it. */
  #heading(group: FindingGroup, names: readonly string[]): void {
    const badge = severityWord(group).toUpperCase();
    const [head = "", ...more] = wrap(terminal(headline(group, names)), this.#width - this.#indent.length);
    const painted = this.#style.severity(group.severity, badge);
    if (this.#width < narrow) this.#text += `${painted}\n${this.#indent}${this.#style.bold(head)}\n`;
    else this.#text += `${painted}${" ".repeat(Math.max(1, badgeWidth - badge.length))}${this.#style.bold(head)}\n`;
    for (const line of more) this.#text += `${this.#indent}${this.#style.bold(line)}\n`;
    if (group.findings.length === 1 || sameMessage(group) || isLoud(group)) return;
    if (names.length > 1) this.#lines(`and ${someOf(names.slice(1), fitting(names.slice(1)))}`);
    else this.#lines(`and ${counted(group.findings.length - 1, "more place")} there`);
  }

  /** Where it is loud, each of the others is worth its own words and place: one password is not the other. */
  #others(group: FindingGroup): void {
    if (group.findings.length === 1 || sameMessage(group)) return;
    const [first, ...others] = this.#byWords(group);
    if (first !== undefined && first.names.length > 1)
      this.#lines(`and ${someOf(first.names.slice(1), fitting(first.names.slice(1)))}`);
    for (const [index, { names, message, place }] of others.slice(0, othersShown).entries()) {
      const text = about(someOf(names, fitting(names)), asClause(message));
      this.#labelled(index === 0 ? "also" : "", `${text} (${describePlace(place)})`);
    }
    const left = others.length - othersShown;
    if (left > 0) this.#labelled("", `and ${counted(left, "more", "more")}: --all shows them`);
  }

  /** What is said of a group, each once, with whom it concerns: one file may give the same to several. */
  #byWords({ findings }: FindingGroup): readonly {
    readonly names: readonly string[];
    readonly message: string;
    readonly place: Finding["place"];
  }[] {
    const all = new Map<string, { names: Set<string>; message: string; place: Finding["place"] }>();
    for (const { subject, message, place } of findings) {
      const key = `${message} ${describePlace(place)}`;
      const name = subjectName(subject, this.#several);
      const known = all.get(key);
      if (known === undefined) all.set(key, { names: new Set([name]), message, place });
      else known.names.add(name);
    }
    return [...all.values()].map((each) => ({ ...each, names: [...each.names] }));
  }

  #mending(finding: Finding): void {
    if (finding.path.length > 0) this.#labelled("way in", describePath(finding.path));
    // The badge says as much as "High by itself." does.
    const isMoved = isLoud(finding) || finding.severityWhy.includes(", lowered because ");
    if (isMoved && !finding.severityWhy.endsWith(" by itself.")) this.#labelled("why", finding.severityWhy);
    this.#parts(finding);
    this.#labelled("mend", finding.remedy);
  }

  /** What a chain is made of; of what cannot be told for one reason, which controls. */
  #parts({ control: own, includes = [], verdict }: Finding): void {
    if (includes.length === 0) return;
    if (verdict === "unknown") {
      const controls = includes.map(({ control, message }) => (control === own ? asClause(message) : control));
      this.#labelled("with", someOf(controls, this.#all ? controls.length : 3));
      return;
    }
    for (const [index, part] of includes.entries()) {
      this.#labelled(
        index === 0 ? "with" : "",
        `${changeMark(part, this.#input)}${asClause(part.message)} (${describePlace(part.place)}, ${part.control})`,
      );
    }
  }

  #labelled(label: string, text: string): void {
    const width = this.#width < narrow ? 0 : 8;
    const lines = wrap(terminal(text), this.#width - this.#indent.length - width);
    if (width === 0 && label !== "") this.#text += `${this.#indent}${this.#style.dim(label)}\n`;
    lines.forEach((line, index) => {
      const lead = width === 0 ? "" : index === 0 ? this.#style.dim(padOrCut(label, width)) : " ".repeat(width);
      this.#text += `${this.#indent}${lead}${line}\n`;
    });
  }

  waived(findings: readonly Finding[]): void {
    if (findings.length === 0) return;
    this.#text += `${this.#style.bold(counted(findings.length, "finding"))} waived\n`;
    for (const finding of this.#all ? findings : findings.slice(0, 5)) {
      const { reason = "", until, owner } = finding.waiver ?? {};
      const terms = [until === undefined ? "" : `until ${until}`, owner ?? ""].filter((term) => term !== "").join(", ");
      const subject = subjectName(finding.subject, this.#several);
      this.#lines(`${finding.control} ${subject}: ${reason}${terms === "" ? "" : ` (${terms})`}`);
    }
    if (!this.#all && findings.length > 5) this.#lines(`and ${findings.length - 5} more`);
    this.#text += "\n";
  }

  /** Exceptions that are not in force yet. */
  newExceptions(): void {
    const sentences = newExceptionSentences(this.#input.heldBack);
    if (sentences.length === 0) return;
    this.#text += `${this.#style.bold(newExceptionsTitle)}\n`;
    for (const sentence of sentences) this.#lines(sentence);
    this.#text += "\n";
  }

  unchecked(): void {
    if (this.#input.unchecked.length === 0) return;
    this.#text += `${this.#style.bold("Not checked")}\n`;
    for (const sentence of this.#input.unchecked) this.#lines(sentence);
    this.#text += "\n";
  }

  /** What holds: each ring with how many of its checks hold. */
  rings(rings: readonly RingPosture[]): void {
    const entries = rings
      .filter((ring) => ring.state !== "unjudged")
      .map((ring) => {
        const judged = ring.tally.passed + ring.tally.failed + ring.tally.unknown + ring.tally.waived;
        const text = `${mark[ring.state]} ${ring.ring} ${ring.tally.passed}/${judged}`;
        return { text, painted: this.#paint(ring, text) };
      });
    if (entries.length === 0) return;
    this.#text += `${this.#style.bold("What holds")}\n`;
    const cell = Math.max(...entries.map(({ text }) => displayWidth(text))) + 3;
    const room = Number.isFinite(this.#width) ? this.#width : 100;
    const columns = Math.max(1, Math.floor((room - 2) / cell));
    for (let at = 0; at < entries.length; at += columns) {
      const row = entries.slice(at, at + columns);
      const cells = row.map(({ text, painted }) => painted + " ".repeat(cell - displayWidth(text)));
      this.#text += `  ${cells.join("").trimEnd()}\n`;
    }
    const unjudged = rings.filter((ring) => ring.state === "unjudged").map((ring) => ring.ring);
    if (unjudged.length > 0) {
      for (const line of wrap(`nothing to judge in ${unjudged.join(", ")}`, this.#width - 2)) {
        this.#text += `  ${this.#style.dim(line)}\n`;
      }
    }
    this.#text += "\n";
  }

  #paint(ring: RingPosture, text: string): string {
    if (ring.state === "holds") return this.#style.good(text);
    if (ring.state === "unsure") return this.#style.doubt(text);
    return { loud: this.#style.bad, middling: this.#style.doubt, quiet: this.#style.plain }[alarmOf(ring)](text);
  }

  summary(folded: boolean): void {
    const { findings, files, durations } = this.#input;
    const failed = [...countBySeverity(findings, "fail")];
    const unknown = findings.filter((finding) => finding.verdict === "unknown" && finding.waiver === undefined).length;
    const tally = sumOfTallies(this.#input.tallies.values());
    const parts = failed.map(([severity, count]) => `${count} ${severity}`);
    if (unknown > 0) parts.push(`${unknown} cannot be told`);
    // A repository of configuration files alone has none, and nobody asks for them.
    const services = countedServices(this.#input)
      .map(([count, noun]) => `${counted(count, noun, noun)}, `)
      .join("");
    const nothing = this.#input.heldBack === undefined ? "Nothing found" : "Nothing new found";
    const found = parts.length === 0 ? nothing : `Found: ${parts.join(", ")}`;
    this.#flat(this.#style.bold, `${found}. ${counted(tally.passed, "check")} hold${tally.passed === 1 ? "s" : ""}.`);
    this.#flat(
      this.#style.dim,
      `${terminal(this.#input.root)}: ${counted(files, "file")}, ${services}${(durations.totalMs / 1000).toFixed(2)} s. ` +
        `${this.#verdict()}`,
    );
    for (const sentence of heldBackSentences(this.#input.heldBack)) this.#flat(this.#style.dim, terminal(sentence));
    const fixable = findings
      .flatMap((finding) => [finding, ...(finding.includes ?? [])])
      .filter(
        (finding) =>
          finding.fixable && finding.waiver === undefined && this.#input.heldBack?.knownParts?.has(finding) !== true,
      ).length;
    if (fixable > 0) {
      this.#flat(
        this.#style.dim,
        `--fix can mend up to ${fixable} of them; --fix --dry-run shows how, and changes nothing.`,
      );
    }
    if (folded)
      this.#flat(this.#style.dim, "--all shows every finding by itself; ringwall explain CONTROL tells more of one.");
  }

  #verdict(): string {
    const { counting, failOn } = this.#input;
    return counting.size === 0
      ? `None at or above ${failOn}.`
      : `${counting.size} at or above ${failOn}, so this ends with 1.`;
  }

  #flat(paint: (text: string) => string, text: string): void {
    for (const line of wrap(text, this.#width)) this.#text += `${paint(line)}\n`;
  }

  #lines(text: string, paint: (line: string) => string = (line) => line): void {
    for (const line of wrap(terminal(text), this.#width - this.#indent.length)) {
      this.#text += `${this.#indent}${paint(line)}\n`;
    }
  }
}

/** `db: Port 5432 is published on every address.`, or `The memory limit is not stated: 5 services (caddy, db and 3 more)`. */
function headline(group: FindingGroup, names: readonly string[]): string {
  const [first] = group.findings;
  if (group.findings.length > 1 && sameMessage(group)) {
    return `${asClause(first.message)}: ${countedSubjects(group, names.length)} (${someOf(names, fitting(names))})`;
  }
  return about(names[0] ?? "", asSentence(first.message));
}

/** How many names are told: two at least, and no more than fit into a line or two. */
function fitting(names: readonly string[]): number {
  let length = 0;
  const most = names.slice(0, namesShown).findIndex((name) => {
    length += name.length + 2;
    return length > namesLength;
  });
  return most === -1 ? namesShown : Math.max(2, most);
}

const mark: Record<RingPosture["state"], string> = { holds: "✓", open: "✗", unsure: "?", unjudged: "–" };
