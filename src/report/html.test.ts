import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { describe, expect, it } from "vitest";
import {
  finding,
  hostileFinding,
  hostileName,
  reportInput,
  systemOf,
  threeServices,
} from "../../test/support/report-input.ts";
import { htmlReport } from "./html.ts";

const browser = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

const measured = [
  {
    system: "shop",
    attempts: [
      { from: "caddy", to: "api", what: "tcp 80", outcome: "open", evidence: "connected", milliseconds: 1 },
      { from: "caddy", to: "db", what: "tcp 5432", outcome: "open", evidence: "connected", milliseconds: 1 },
      { from: "api", to: "db", what: "tcp 5432", outcome: "blocked", evidence: "no answer", milliseconds: 1 },
    ],
    blind: ["api was restarted meanwhile."],
  },
] as const;

describe("the report as a page", () => {
  it("allows its own style and script by their hashes, and nothing else", () => {
    const page = htmlReport(reportInput([finding()]));
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? "";
    for (const [tag, directive] of [
      ["style", "style-src"],
      ["script", "script-src"],
    ]) {
      const bodies = [...page.matchAll(new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`, "g"))];
      expect(bodies).toHaveLength(1);
      const hash = createHash("sha256")
        .update(bodies[0]?.[1] ?? "")
        .digest("base64");
      expect(policy).toContain(`${directive} 'sha256-${hash}'`);
    }
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("unsafe");
  });

  it("loads nothing from anywhere, and has no handler or style in a tag", () => {
    const page = htmlReport(reportInput([finding()], { measured }));
    expect(page).not.toMatch(/\s(?:src|srcset|action|data)="/);
    expect(page).not.toMatch(/\shref="(?!#)/);
    expect(page).not.toMatch(/\son[a-z]+="/);
    expect(page).not.toMatch(/\sstyle="/);
    expect(page).not.toMatch(/@import|url\(/);
  });

  it("makes no markup of hostile names, in findings, map, matrix or anywhere", () => {
    const input = reportInput([hostileFinding(), { ...hostileFinding(), waiver: waiver(hostileName) }], {
      root: hostileName,
      unchecked: [hostileName],
      broken: [{ control: hostileName, subject: hostileName, id: hostileName }],
      measured: [{ ...measured[0], blind: [hostileName] }],
    });
    const page = htmlReport(input);
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).not.toMatch(/[\u001b\u202e]/);
    expect(page).not.toContain('">|');
  });

  it("says which pair was open though nothing allows it, and which was blocked though it is allowed", () => {
    const page = htmlReport(reportInput([], { measured }));
    expect(page).toContain("<code>caddy → db</code> open, though nothing allows it");
    expect(page).toContain("<code>api → db</code> blocked, though it is allowed");
    expect(page).toMatch(/link-surplus" d="[^"]+" data-from="service caddy" data-to="service db"/);
    expect(page).toMatch(/link-missing" d="[^"]+" data-from="service api" data-to="service db"/);
    expect(page).toContain("api was restarted meanwhile.");
  });

  it("lists claims that hold everywhere, and no claim that does not", () => {
    const page = htmlReport(reportInput([finding()]));
    expect(page).toContain("Claim of data.volume-named.");
    expect(page).not.toContain("Claim of network.datastore-unpublished.");
  });

  it("marks what is known and got worse: all of what is told together, or which of it", () => {
    const worse = finding({ severity: "critical" });
    const other = finding({ severity: "critical", subject: { kind: "workload", system: "shop", name: "cache" } });
    const page = (findings: readonly (typeof worse)[]) =>
      htmlReport(reportInput(findings, { heldBack: { knownAs: new Map([[worse, "high"]]) } }));
    expect(page([worse]).match(/known as HIGH, now CRITICAL/g)).toHaveLength(1);
    expect(page([worse, other])).toContain("1 of them: known as HIGH, now CRITICAL");
    expect(page([worse, other])).toMatch(/<b>db<\/b> [^<]*<b>known as HIGH, now CRITICAL<\/b>/);
    expect(page([other])).not.toContain("known as");
  });

  it("sets apart what cannot be told from what failed", () => {
    expect(htmlReport(reportInput([finding()]))).toContain('<span class="badge sev-high">high</span>');
    const page = htmlReport(reportInput([finding({ verdict: "unknown" })]));
    expect(page).toContain('<span class="badge sev-high" title="cannot be told">high?</span>');
  });

  it("gives the same bytes for the same input", () => {
    expect(htmlReport(reportInput([finding()], { measured }))).toBe(htmlReport(reportInput([finding()], { measured })));
  });

  it.skipIf(browser === undefined)(
    "works in a browser: no policy violation, filters by severity and text, fits a phone (skipped where there is no Chromium)",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "ringwall-page-"));
      const running = await chromium.launch({
        executablePath: browser ?? "",
        args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
      });
      try {
        const file = join(folder, "report.html");
        const low = finding({ severity: "low", control: "network.other", message: "something small" });
        const big = systemOf(manyServices(80));
        const long = { ...low, subject: { ...low.subject, name: `dashboard/${"A_VERY_LONG_NAME".repeat(4)}` } };
        const wide = systemOf(threeServices.replace("name: shop", `name: ${"x".repeat(200)}`));
        const more = Array.from({ length: 4 }, (_, index) => ({
          ...low,
          subject: { ...low.subject, name: `s${index}` },
        }));
        const input = reportInput([finding(), low, long, ...more, hostileFinding()], {
          measured,
          systems: [systemOf(threeServices), big, wide],
        });
        writeFileSync(file, htmlReport(input));
        const page = await running.newPage({ viewport: { width: 390, height: 800 } });
        const complaints: string[] = [];
        page.on("console", (message) => complaints.push(message.text()));
        page.on("pageerror", (error) => complaints.push(error.message));
        page.on("dialog", () => complaints.push("a dialog was opened"));
        await page.goto(pathToFileURL(file).href);
        const shown = () => page.locator("article:visible").count();
        expect(await shown()).toBe(2);
        const overflow = await page.evaluate(
          "document.documentElement.scrollWidth - document.documentElement.clientWidth",
        );
        expect(overflow).toBe(0);
        await page.locator(".chip", { hasText: "low" }).click();
        expect(await shown()).toBe(1);
        await page.locator("[data-filter-text]").fill("no such text anywhere");
        expect(await shown()).toBe(0);
        expect(await page.locator("[data-nothing]").isVisible()).toBe(true);
        const folded = () => page.locator("article details:not([open])").count();
        expect(await folded()).toBe(1);
        await page.evaluate("dispatchEvent(new Event('beforeprint'))");
        expect(await folded()).toBe(0);
        await page.evaluate("dispatchEvent(new Event('afterprint'))");
        expect(await folded()).toBe(1);
        await page.emulateMedia({ media: "print", colorScheme: "dark" });
        expect(await page.evaluate("getComputedStyle(document.body).color")).toBe("rgb(24, 33, 31)");
        expect(complaints).toEqual([]);
      } finally {
        await running.close();
        rmSync(folder, { recursive: true });
      }
    },
  );
});

it("says how many systems it does not draw", () => {
  const system = systemOf(threeServices);
  const drawn = (count: number) => [...htmlReport(reportInput([], { systems: Array(count).fill(system) }))].join("");
  expect(drawn(13)).toContain("1 smaller system is not drawn.");
  expect(drawn(14)).toContain("2 smaller systems are not drawn.");
});

function waiver(text: string) {
  return { reason: text, owner: text, until: text, place: finding().place };
}

function manyServices(count: number): string {
  const names = Array.from({ length: count }, (_, index) => `app${index}`);
  const services = names.map(
    (name) => `  ${name}:\n    image: example/${name}:1\n    networks: [ingress, net-${name}]\n`,
  );
  return `name: many\nservices:\n${services.join("")}networks:\n  ingress: {}\n${names.map((name) => `  net-${name}: {}\n`).join("")}`;
}
