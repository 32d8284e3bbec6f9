/**
 * Writes down, until standard input ends, the command line and the environment of every process that begins meanwhile,
 * and prints all of it. Run as a program of its own, so that looking every few milliseconds takes nothing from a test.
 */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const seen = new Set<string>();
let watching = true;
process.stdin.on("end", () => {
  watching = false;
});
process.stdin.resume();

const known = new Set(processes());
process.stdout.write("watching\n");
while (watching) {
  for (const pid of processes()) {
    if (known.has(pid)) continue;
    // Again and again: what a process was forked as is not what it runs as.
    for (const part of ["cmdline", "environ"]) remember(`/proc/${pid}/${part}`);
  }
  await sleep(3);
}
process.stdout.write([...seen].join("\n"));

function processes(): string[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
}

function remember(path: string): void {
  try {
    const text = readFileSync(path, "latin1");
    if (text !== "") seen.add(text);
  } catch {
    // It has ended meanwhile.
  }
}
