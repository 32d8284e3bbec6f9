import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { fileAt, labProgram, serviceIn, stackFrom } from "../testing/stack.ts";

const amtool = labProgram("amtool", process.env);
const folder = mkdtempSync(join(tmpdir(), "ringwall-alertmanager-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const text = (alerts: string) =>
  `name: shop\nservices: { alerts: { use: alertmanager } }\nsecrets: { chat-hook: external }\nmonitoring: { alerts: [${alerts}] }\n`;
const both = "{ name: ops, webhook: https://hooks.example.org/ops }, { name: chat, webhookSecret: chat-hook }";

describe("alertmanager.yml", () => {
  // covers: M3 | compose | real: amtool 0.33
  it("tells every receiver, reads an address with a token from a file, and repeats critical alerts sooner", () => {
    const stack = stackFrom(text(both));
    const { content } = fileAt(stack, "alerts", "/etc/alertmanager/alertmanager.yml");
    const config = parse(content);
    expect(config.receivers[0].webhook_configs).toEqual([
      { send_resolved: true, url: "https://hooks.example.org/ops" },
      { send_resolved: true, url_file: "/run/secrets/chat-hook" },
    ]);
    expect(config.route.routes[0]).toMatchObject({ matchers: ['severity="critical"'], repeat_interval: "1h" });
    expect(serviceIn(stack, "alerts").secrets).toMatchObject([
      { secret: "chat-hook", target: "/run/secrets/chat-hook", uid: 65534, mode: 0o400 },
    ]);
  });

  it("says that alerts go nowhere when nobody is named", () => {
    expect(serviceIn(stackFrom(text("")), "alerts").gaps.join()).toContain("Alerts go nowhere");
  });

  it("opens no port for a cluster", () => {
    expect(serviceIn(stackFrom(text("")), "alerts").command).toContain("--cluster.listen-address=");
  });

  it.skipIf(amtool === undefined)("is valid to amtool (needs the lab's amtool)", () => {
    for (const alerts of ["", both]) {
      const path = join(folder, "alertmanager.yml");
      writeFileSync(path, fileAt(stackFrom(text(alerts)), "alerts", "/etc/alertmanager/alertmanager.yml").content);
      expect(execFileSync(amtool ?? "", ["check-config", path], { encoding: "utf8" })).toContain("SUCCESS");
    }
  });
});
