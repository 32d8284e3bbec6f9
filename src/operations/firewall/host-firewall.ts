import { RingwallError } from "../../lib/error.ts";
import type { RunProgram } from "../../lib/run-program.ts";

/**
 * The rules that keep a stack's containers from the host's own listeners, as one nftables table of the stack's own.
 *
 * Docker's own chains see only what is forwarded; a packet for an address of the host arrives at the `input` hook, so
 * that is where the table hangs, for IPv4 and IPv6 at once. Answers to connections that the host opened pass. Container
 * names still resolve: Docker's resolver listens inside each container's own network.
 *
 * The kernel forgets the table at a restart of the machine; the next `up` puts it back, and `probe` notices meanwhile.
 */
export function hostFirewallScript(stack: string, bridges: readonly string[]): string {
  const table = tableName(stack);
  const interfaces = [...bridges].sort().map((name) => `"${checkedInterface(name)}"`);
  const rules =
    interfaces.length === 0
      ? []
      : [
          `    iifname { ${interfaces.join(", ")} } ct state established,related accept`,
          `    iifname { ${interfaces.join(", ")} } counter drop`,
        ];
  // Adding the table before deleting it makes the script hold whether or not the table is there.
  return [
    `table inet ${table}`,
    `delete table inet ${table}`,
    `table inet ${table} {`,
    "  chain input {",
    "    type filter hook input priority -10; policy accept;",
    ...rules,
    "  }",
    "}",
    "",
  ].join("\n");
}

/** `ringwall_` and the stack's name with `_` for what nftables does not take in a name. */
export function tableName(stack: string): string {
  return `ringwall_${stack.replace(/[^A-Za-z0-9_]/g, "_")}`;
}

/** An interface name as the kernel allows it (15 characters, no quote or space); anything else is a bug of the caller. */
function checkedInterface(name: string): string {
  if (!/^[A-Za-z0-9_.-]{1,15}$/.test(name)) throw new Error(`"${name}" is no interface name`);
  return name;
}

/** Puts the rules in place, all or none; the same call again changes nothing. Needs root and `nft`. */
export async function applyHostFirewall(run: RunProgram, stack: string, bridges: readonly string[]): Promise<void> {
  const result = await run("nft", ["-f", "-"], { input: hostFirewallScript(stack, bridges), timeout: 10_000 });
  if (result.code !== 0) throw refused("The host's firewall could not be changed", result.stderr);
}

/** Takes the rules away; nothing happens when there are none. */
export async function removeHostFirewall(run: RunProgram, stack: string): Promise<void> {
  const table = tableName(stack);
  const result = await run("nft", ["-f", "-"], {
    input: `table inet ${table}\ndelete table inet ${table}\n`,
    timeout: 10_000,
  });
  if (result.code !== 0) throw refused("The host's firewall could not be changed back", result.stderr);
}

/** The interfaces that the table in the kernel drops now; undefined when there is no such table. */
export async function readHostFirewall(run: RunProgram, stack: string): Promise<readonly string[] | undefined> {
  const result = await run("nft", ["list", "table", "inet", tableName(stack)], { timeout: 10_000 });
  if (result.code !== 0) return undefined;
  const rule = result.stdout.split("\n").find((line) => line.includes("drop"));
  return [...(rule ?? "").matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? "").sort();
}

function refused(what: string, complaint: string): RingwallError {
  return new RingwallError("permission", `${what}: ${complaint.trim().split("\n")[0] ?? ""}`, {
    hint: "It needs root and the nftables package; without them set `policies.hostAccess: open`.",
  });
}
