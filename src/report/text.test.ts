import { describe, expect, it } from "vitest";
import { finding, hostileFinding, reportInput, systemOf, threeServices } from "../../test/support/report-input.ts";
import { threadMs } from "../../test/support/thread-time.ts";
import { displayWidth } from "./layout.ts";
import { colourStyle, plainStyle, styleFor } from "./style.ts";
import { textReport } from "./text.ts";

const plain = { style: plainStyle, width: Number.POSITIVE_INFINITY, all: false };
const equal = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    finding({
      control: "workload.memory-limited",
      ring: "workload",
      severity: "medium",
      message: "the memory limit is not stated",
      subject: { kind: "container", system: "shop", name: `service-${index}` },
    }),
  );

describe("the report for a terminal", () => {
  it("says what was found, where, how it is reached and how it is mended", () => {
    const text = textReport(reportInput([finding()]), plain);
    expect(text).toContain("HIGH     db: Port 5432 is published on every address.\n");
    expect(text).toContain("compose.yaml:7:3  network.datastore-unpublished\n");
    expect(text).toContain("way in  outside → caddy:443 → db\n");
    expect(text).toContain("mend    Remove the port from `ports:`.\n");
    expect(text).toContain("1 at or above high, so this ends with 1.");
  });

  it("says why a severity was lowered, as it does where one was raised, and is silent where it was not moved", () => {
    const lowered = "High by itself, lowered because nothing published leads to it: medium.";
    const text = textReport(reportInput([finding({ severity: "medium", severityWhy: lowered })]), plain);
    expect(text).toContain(`why     ${lowered}\n`);
    const severityWhy = "Medium by itself; it shares a network with something that is published.";
    expect(textReport(reportInput([finding({ severity: "medium", severityWhy })]), plain)).not.toContain("why  ");
  });

  it("folds four hundred equal warnings into one, below the finding that matters", () => {
    const text = textReport(reportInput([finding({ severity: "critical" }), ...equal(400)]), plain);
    expect(text.indexOf("CRITICAL")).toBe(0);
    expect(text).toContain("The memory limit is not stated: 400 services (service-0, service-1,");
    expect(text).toContain("and 394 more)");
    expect(text.match(/MEDIUM/g)).toHaveLength(1);
    expect(text).toContain("--all shows every finding by itself");
  });

  it("tells a loud group of very many in time that grows with it", () => {
    const many = Array.from({ length: 40_000 }, (_, index) =>
      finding({
        message: `the port ${index % 2} is published`,
        subject: { kind: "listener", system: "shop", name: `service-${index}` },
      }),
    );
    const input = reportInput(many);
    const started = threadMs();
    expect(textReport(input, plain)).toContain("The port 1 is published");
    expect(threadMs() - started).toBeLessThan(2_000);
  });

  it("tells each finding of a loud group with its own words and place, and of a quiet one the names", () => {
    const other = (severity: "high" | "medium") =>
      finding({
        severity,
        subject: { kind: "listener", system: "shop", name: "cache" },
        message: "port 6379 is published on every address",
      });
    const loud = textReport(reportInput([finding(), other("high")]), plain);
    expect(loud).toContain("also    cache: Port 6379 is published on every address (compose.yaml:7:3)\n");
    const quiet = textReport(reportInput([finding({ severity: "medium" }), other("medium")]), plain);
    expect(quiet).toContain("and cache\n");
    expect(quiet).not.toContain("also");
  });

  it("tells once what one file gives to several, with all their names", () => {
    const of = (name: string, variable: string) =>
      finding({
        severity: "critical",
        subject: { kind: "container", system: "shop", name },
        message: `${variable} is a default`,
      });
    const names = ["core", "periphery"];
    const findings = ["PASSKEY", "JWT_SECRET"].flatMap((variable) => names.map((name) => of(name, variable)));
    const text = textReport(reportInput(findings), plain);
    expect(text).toContain("core: PASSKEY is a default.\n");
    expect(text).toContain("and periphery\n");
    expect(text).toContain("also    core, periphery: JWT_SECRET is a default (compose.yaml:7:3)\n");
    expect(text.match(/JWT_SECRET/g)).toHaveLength(1);
  });

  it("tells every exception that does not hold, for each has a mistake of its own", () => {
    const exception = (message: string) =>
      finding({
        control: "governance.exception-valid",
        ring: "governance",
        severity: "medium",
        subject: { kind: "repository-file", system: "", name: "compose.yaml" },
        message: `the exception from workload.privileged-off ${message}`,
      });
    const ended = exception("does not hold: it ended on 2026-01-31");
    const text = textReport(reportInput([ended, ended, exception("does not hold: it gives no reason")]), plain);
    expect(text).toContain("does not hold: it ended on 2026-01-31: 1 file (compose.yaml)\n");
    expect(text).toContain("does not hold: it gives no reason.\n");
  });

  it("puts no system before what is named by its file", () => {
    const subject = { kind: "pipeline", system: "workflows", name: ".github/workflows/ci.yaml" } as const;
    const text = textReport({ ...reportInput([finding({ subject })]), severalSystems: true }, plain);
    expect(text).toContain("HIGH     .github/workflows/ci.yaml: Port");
  });

  it("shows each by itself when all are asked for", () => {
    const text = textReport(reportInput(equal(5)), { ...plain, all: true });
    expect(text.match(/MEDIUM/g)).toHaveLength(5);
    expect(text).toContain("service-4: The memory limit is not stated.");
    expect(text).not.toContain("--all shows");
  });

  it("says what holds by ring, and which rings had nothing to judge", () => {
    const text = textReport(reportInput([finding()]), plain);
    expect(text).toContain("✗ network 2/3");
    expect(text).toContain("✓ data 3/3");
    expect(text).toContain("nothing to judge in edge, identity, workload");
  });

  it("says plainly that nothing was found", () => {
    const text = textReport(reportInput([]), plain);
    expect(text).toContain("Nothing found. 5 checks hold.");
    expect(text).toContain("None at or above high.");
  });

  it("keeps waived findings apart, with reason, end and owner", () => {
    const waiver = { reason: "behind a firewall", owner: "ops", until: "2027-01-01", place: finding().place };
    const text = textReport(reportInput([finding({ waiver })]), plain);
    expect(text).toContain("1 finding waived");
    expect(text).toContain("network.datastore-unpublished db: behind a firewall (until 2027-01-01, ops)");
    expect(text).toContain("Nothing found.");
  });

  it("says where no place is known, and does not invent a line", () => {
    const text = textReport(reportInput([finding({ place: { kind: "nowhere", why: "it was merged" } })]), plain);
    expect(text).toContain("place unknown (it was merged)");
    expect(text).not.toMatch(/:1:1/);
  });

  it("names the system when there are several", () => {
    const other = systemOf(threeServices.replace("name: shop", "name: other"));
    const text = textReport(reportInput([finding()], { systems: [systemOf(threeServices), other] }), plain);
    expect(text).toContain("shop/db: Port 5432");
  });

  it("never writes a line wider than the screen, down to 40 columns and with wide characters", () => {
    const wide = finding({ message: "数据库的端口已对所有地址开放，任何人都可以连接到它，并且没有任何保护措施" });
    for (const width of [40, 60, 80]) {
      const text = textReport(reportInput([wide, finding(), ...equal(20)]), { style: plainStyle, width, all: false });
      for (const line of text.split("\n")) expect(displayWidth(line), line).toBeLessThanOrEqual(width);
    }
  });

  it("marks what cannot be told, which may be as bad as that, and names the controls of one cause", () => {
    const part = finding({ control: "workload.privileged-off", verdict: "unknown" });
    const cause = finding({
      control: "governance.service-resolved",
      verdict: "unknown",
      message: "41 checks cannot be told: `x.yaml` is not there",
      includes: Array.from({ length: 41 }, () => part),
    });
    const text = textReport(reportInput([cause]), plain);
    expect(text).toContain("HIGH?    db: 41 checks cannot be told: `x.yaml` is not there.\n");
    expect(text).toContain(
      "with    workload.privileged-off, workload.privileged-off, workload.privileged-off and 38 more\n",
    );
  });

  it("tells fewer names where they are long, and two at least", () => {
    const long = equal(9).map((each, index) => ({
      ...each,
      platform: "kubernetes" as const,
      subject: { ...each.subject, name: `namespace-with-a-long-name/Deployment/application-with-a-long-name-${index}` },
    }));
    expect(textReport(reportInput(long), plain)).toMatch(/: 9 containers \(\S+-0, \S+-1 and 7 more\)/);
  });

  it("counts no services where there are none to be expected", () => {
    expect(textReport(reportInput([], { systems: [] }), plain)).toContain("~/shop: 1 file, 1.23 s.");
  });

  it("says what is held back, and what the change itself wants accepted", () => {
    const since = {
      revision: "main",
      held: 12,
      gone: 1,
      exceptions: [
        { control: "a.b", subject: "db", reason: "old\u001b", until: "2027-01-01", place: "compose.yaml:1:1" },
      ],
    };
    const gone = { fingerprint: "0", severity: "low", control: "c", subject: "s", message: "m" } as const;
    const baseline = { file: "b.json", held: 1, gone: [gone], ignored: false };
    const text = textReport(reportInput([], { heldBack: { since, baseline } }), plain);
    expect(text).toContain("Exceptions that this change adds, which hold once it is merged\n");
    expect(text).toContain("a.b of db: old\\u{1b} (until 2027-01-01), compose.yaml:1:1\n");
    expect(text).toContain(
      "Only what is new since main is told: 12 findings were there before; 1 finding of then is gone.\n",
    );
    expect(text).toContain("1 finding is in the baseline b.json and not told.\n");
    expect(text).toContain("1 finding in it is gone: `--baseline b.json --write-baseline b.json` takes it out.\n");
  });

  it("asks whether a baseline is of this folder when nothing of it is found", () => {
    const gone = { fingerprint: "0", severity: "low", control: "c", subject: "s", message: "m" } as const;
    const told = (count: number): string => {
      const baseline = { file: "b.json", held: 0, gone: Array.from({ length: count }, () => gone), ignored: false };
      return textReport(reportInput([], { heldBack: { baseline } }), plain);
    };
    expect(told(1)).toContain("Its one finding is not found here: was b.json written for this folder");
    expect(told(3)).toContain("None of its 3 findings is found here: was b.json written for this folder");
    expect(told(3)).not.toContain("--write-baseline");
  });

  it("writes the same words with and without colour", () => {
    const input = reportInput([finding(), ...equal(3)]);
    const coloured = textReport(input, { ...plain, style: colourStyle });
    expect(coloured).toContain("\u001b[1;31mHIGH\u001b[0m");
    expect(coloured.replaceAll(/\u001b\[[\d;]*m/g, "")).toBe(textReport(input, plain));
  });

  it("lets nothing of a hostile name reach the terminal but visible characters", () => {
    const text = textReport(reportInput([hostileFinding()]), plain);
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
    expect(text).not.toMatch(/^\s*::error/m);
    expect(text).toContain("\\u{1b}[2J\\u{202e}");
  });

  it("colours by NO_COLOR, FORCE_COLOR and the terminal, in that order", () => {
    expect(styleFor({}, true).colour).toBe(true);
    expect(styleFor({}, false).colour).toBe(false);
    expect(styleFor({ NO_COLOR: "1", FORCE_COLOR: "1" }, true).colour).toBe(false);
    expect(styleFor({ NO_COLOR: "" }, true).colour).toBe(true);
    expect(styleFor({ FORCE_COLOR: "1" }, false).colour).toBe(true);
    expect(styleFor({ FORCE_COLOR: "0" }, true).colour).toBe(false);
    expect(styleFor({ TERM: "dumb" }, true).colour).toBe(false);
  });
});
