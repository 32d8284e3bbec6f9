import { readdirSync } from "node:fs";
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { exits } from "./command.ts";
import { internalErrorId, reportInternalError } from "./failure.ts";
import { memoryContext } from "./memory-context.ts";
import { commands } from "./registry.ts";
import { runCli } from "./run.ts";
import { version } from "./version.ts";

async function run(argv: readonly string[], context = memoryContext()) {
  const code = await runCli(argv, context);
  return { code, stdout: context.stdout.text(), stderr: context.stderr.text(), exitCode: context.exitCode };
}

describe("the command line", () => {
  it("says its version and lists its commands with examples", async () => {
    expect(await run(["--version"])).toMatchObject({ code: 0, stdout: `${version}\n` });
    const help = await run(["--help"]);
    expect(help.code).toBe(0);
    expect(help.stdout).toContain("ringwall check ~/my-stack");
    const explained = /ringwall explain (\S+)/.exec(help.stdout)?.[1] ?? "";
    expect((await run(["explain", explained])).code, explained).toBe(0);
    for (const { name, summary, hidden } of commands) {
      if (hidden !== true) expect(help.stdout).toContain(`${name} `);
      expect(summary.length, name).toBeLessThan(90);
    }
  });

  it("ends with 2 and its help on stderr when nothing is asked", async () => {
    const { code, stdout, stderr } = await run([]);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain("Usage: ringwall <command>");
  });

  it("suggests the command that was meant", async () => {
    const { code, stderr } = await run(["chekc"]);
    expect(code).toBe(2);
    expect(stderr).toContain('There is no command "chekc". Did you mean "check"?');
  });

  it("tells a path and an option before the command from a command", async () => {
    expect((await run(["./my-stack"])).stderr).toContain("To check it: ringwall check ./my-stack");
    expect((await run(["--format"])).stderr).toContain("The command comes first");
  });

  it("suggests the option, the format and the severity that were meant", async () => {
    expect((await run(["check", "--formt", "json"])).stderr).toContain("Did you mean --format?");
    expect((await run(["check", "--format", "jsn"])).stderr).toContain('Did you mean "json"?');
    expect((await run(["check", "--fail-on", "hihg"])).stderr).toContain('Did you mean "high"?');
    expect((await run(["check", "--formt", "json"])).code).toBe(2);
  });

  it("shows what a name hides instead of obeying it", async () => {
    const { stderr } = await run(["\u001b[2Jx"]);
    expect(stderr).not.toContain("\u001b");
    expect(stderr).toContain("\\u{1b}[2Jx");
  });

  it("gives the help of every command, and of a command by `help`", async () => {
    for (const { name } of commands) {
      const { code, stdout } = await run([name, "--help"]);
      expect(code, name).toBe(0);
      expect(stdout).toContain(`Usage: ringwall ${name}`);
    }
    expect((await run(["help", "check"])).stdout).toContain("Usage: ringwall check");
  });

  it("has one line in the registry for each file of a command, and no other", () => {
    const files = readdirSync(new URL("./commands/", import.meta.url))
      .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
      .map((file) => file.replace(/\.ts$/, ""));
    expect(commands.map((command) => command.name).sort()).toEqual(files.sort());
  });
});

describe("how a command ends", () => {
  const context = memoryContext();

  it("passes on what a command returns", async () => {
    const command = new Command("x").action(exits(context, () => 3));
    await command.parseAsync([], { from: "user" });
    expect(context.exitCode).toBe(3);
  });

  it("gives the same id for the same bug, and none of what was being worked on", () => {
    const bug = (text: string) => {
      try {
        broken(text);
      } catch (error) {
        return error;
      }
      return undefined;
    };
    expect(internalErrorId(bug("one"))).toBe(internalErrorId(bug("two")));
    expect(internalErrorId(bug("one"))).toMatch(/^[0-9a-f]{8}$/);
    const told = memoryContext();
    reportInternalError(bug("hunter2"), told);
    expect(told.stderr.text()).toContain("internal error");
    expect(told.stderr.text()).not.toContain("hunter2");
    const debugging = memoryContext({ env: { RINGWALL_DEBUG: "1" } });
    reportInternalError(bug("hunter2"), debugging);
    expect(debugging.stderr.text()).toContain("broken");
  });

  it("tells the mistake of a control's name with what was meant", async () => {
    const { code, stderr } = await run(["explain", "workload.privilegd-off"]);
    expect(code).toBe(2);
    expect(stderr).toContain('Did you mean "workload.privileged-off"?');
  });
});

function broken(text: string): never {
  throw new TypeError(`cannot read ${text}`);
}
