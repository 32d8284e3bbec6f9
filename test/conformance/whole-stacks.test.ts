/** Stacks as people run them at home, judged as a whole: who did everything right hears little, and the worst comes first. */
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { checkFolder } from "../support/check-folder.ts";

const folder = (name: string) => fileURLToPath(new URL(`whole-stacks/${name}`, import.meta.url));
const loud = new Set(["critical", "high"]);

// covers: N6, A3 | compose
describe("A stack at home", () => {
  test.each(["vaultwarden-behind-a-tunnel", "caddy-and-authelia"])(
    "that does what can be asked of it hears of nothing above low: %s.",
    async (name) => {
      const { code, findings } = await checkFolder(folder(name));
      expect(findings.filter(({ severity }) => severity !== "low" && severity !== "info")).toEqual([]);
      expect(code).toBe(0);
    },
  );

  test("with a filtering proxy before the engine's socket is none that could be taken over.", async () => {
    const { code, controls } = await checkFolder(folder("traefik-and-a-socket-proxy"));
    expect(controls).not.toContain("workload.exposure-contained");
    expect(code).toBe(0);
  });

  test.each<readonly [string, readonly string[]]>([
    [
      "file-sharing-without-a-login",
      ["caddy: workload.exposure-contained", "files/files.example.org/: identity.route-access-stated"],
    ],
    ["backups-for-everybody", ["duplicati: workload.exposure-contained", "kopia: identity.authentication-on"]],
    [
      "databases-for-everybody",
      ["postgres", "redis", "mongo", "elasticsearch", "mysql"].map((store) => `${store}: identity.authentication-on`),
    ],
  ])("hears first what matters most: %s.", async (name, first) => {
    const { code, findings } = await checkFolder(folder(name));
    const told = findings.filter(({ severity }) => loud.has(severity));
    const heard = told.slice(0, first.length).map(({ subject, control }) => `${shortName(subject)}: ${control}`);
    expect(new Set(heard)).toEqual(new Set(first));
    expect(code).toBe(1);
  });

  test("hears once of a store that asks nobody and is published.", async () => {
    const { findings } = await checkFolder(folder("databases-for-everybody"));
    const told = findings.filter(({ subject, severity }) => loud.has(severity) && /\bredis(?:\/|$)/.test(subject));
    expect(told.map(({ control, includes }) => [control, includes.map((part) => part.control)])).toEqual([
      ["identity.authentication-on", ["network.datastore-unpublished"]],
    ]);
  });
});

/** `container shop/redis` is `redis`. */
function shortName(subject: string): string {
  return subject.replace(/^[a-z-]+ [^/]+\//, "");
}
