import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { hostFirewallScript, tableName } from "./host-firewall.ts";

// covers: N2 | compose

const inNamespace = spawnSync("unshare", ["-rn", "nft", "list", "ruleset"], { encoding: "utf8" });
const canLoad = inNamespace.status === 0;

describe("the host's firewall", () => {
  it("drops what the stack's bridges send to the host, and names its own table", () => {
    const script = hostFirewallScript("my-shop", ["br-b", "br-a"]);
    expect(script).toContain('iifname { "br-a", "br-b" } counter drop');
    expect(script).toContain("table inet ringwall_my_shop {");
    expect(script.indexOf("established")).toBeLessThan(script.indexOf("counter drop"));
  });

  it("has no rule at all when there is no bridge, rather than one that matches everything", () => {
    expect(hostFirewallScript("shop", [])).not.toContain("drop");
  });

  it("refuses a name that could end the quotes around it", () => {
    expect(() => hostFirewallScript("shop", ['x" } accept #'])).toThrow(/no interface name/);
    expect(tableName('a"; flush ruleset')).toMatch(/^[A-Za-z0-9_]+$/);
  });

  it.skipIf(!canLoad)(
    "loads into a real kernel, and loading it again leaves one table (skipped without nft or namespaces)",
    () => {
      const script = hostFirewallScript("shop", ["br-a"]);
      const result = spawnSync(
        "unshare",
        [
          "-rn",
          "sh",
          "-c",
          "nft -f /dev/fd/3 3<<EOF\n$SCRIPT\nEOF\nnft -f /dev/fd/3 3<<EOF\n$SCRIPT\nEOF\nnft list ruleset",
        ],
        {
          encoding: "utf8",
          env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", SCRIPT: script },
        },
      );
      expect(result.stderr).toBe("");
      expect(result.stdout.match(/table inet ringwall_shop/g)).toHaveLength(1);
      expect(result.stdout.match(/counter packets 0 bytes 0 drop/g)).toHaveLength(1);
    },
  );
});
