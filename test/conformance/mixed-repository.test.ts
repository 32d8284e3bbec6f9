import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { memoryContext } from "../../src/cli/memory-context.ts";
import { runCli } from "../../src/cli/run.ts";

const folder = fileURLToPath(new URL("mixed-repository", import.meta.url));

const reportSchema = z.object({
  findings: z.array(
    z.object({
      control: z.string(),
      subject: z.string(),
      severity: z.string(),
      file: z.string().nullable(),
      fingerprint: z.string(),
      path: z.array(z.object({ from: z.string(), to: z.string() })),
      includes: z.array(z.object({ control: z.string(), file: z.string().nullable() })),
    }),
  ),
});

async function check(...argv: readonly string[]) {
  const context = memoryContext({ cwd: folder });
  const code = await runCli(["check", ...argv], context);
  return { code, out: context.stdout.text() };
}

// covers: P6 A3 | files
describe("A repository that mixes all formats", async () => {
  const { code, out } = await check("--format", "json");
  const { findings } = reportSchema.parse(JSON.parse(out));

  it("gives one report in which the first ten findings are the ten that matter", () => {
    const first = findings.slice(0, 10).map(({ control, file }) => `${control} ${file}`);
    expect(first.sort()).toEqual(
      [
        "workload.exposure-contained cluster/apps/media.yaml",
        "workload.exposure-contained home/compose.yaml",
        "workload.exposure-contained home/compose.yaml",
        "workload.exposure-contained infra/main.tf",
        "identity.exposed-account-contained cluster/apps/dashboard.yaml",
        "identity.configured-login-required home/mosquitto/mosquitto.conf",
        "secrets.value-strong home/compose.yaml",
        "supply-chain.foreign-code-unprivileged .github/workflows/preview.yml",
        "network.datastore-unpublished home/compose.yaml",
        "identity.ssh-root-refused host/sshd_config",
      ].sort(),
    );
    expect(code).toBe(1);
  });

  it("tells of a program that a Caddyfile on the host leads to as one finding, with the way and its parts", () => {
    const found = findings.find(
      ({ control, subject }) => control === "workload.exposure-contained" && subject.endsWith("/portainer"),
    );
    expect(found?.path[0]?.from).toBe("outside");
    const parts = found?.includes.map(({ control, file }) => `${control} ${file}`);
    expect(parts).toContain("workload.engine-socket-unmounted home/compose.yaml");
    expect(parts).toContain("edge.management-audience-limited home/caddy/Caddyfile");
    const told = findings.filter(({ subject }) => subject.includes("/portainer")).map(({ control }) => control);
    expect(told).not.toContain("workload.engine-socket-unmounted");
  });

  it("gives each finding a fingerprint of its own", () => {
    const prints = findings.map(({ fingerprint }) => fingerprint);
    expect(prints.filter((print, index) => prints.indexOf(print) !== index)).toEqual([]);
  });

  it("fits a screen: equal findings are told together, and nothing below medium is told at length", async () => {
    const text = (await check()).out;
    expect(text.split("\n\n").length).toBeLessThan(60);
    expect(text).toContain("way in  outside");
  });
});
