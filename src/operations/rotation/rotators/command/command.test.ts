import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { failureOf, rotate } from "../../rotate.ts";
import { FakeHost } from "../../testing/fake-process.ts";
import { fakeServices } from "../../testing/fake-rotation.ts";
import { fakeStack } from "../../testing/fake-stack.ts";
import { commandRotator } from "./index.ts";

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** Programs that keep the accepted values as lines of a file, and note how they were called. */
async function programs(overlap: boolean, broken = "") {
  const folder = await mkdtemp(join(tmpdir(), "ringwall-command-"));
  folders.push(folder);
  const script = async (name: string, lines: string) => {
    const path = join(folder, name);
    await writeFile(
      path,
      `#!/bin/sh\nset -eu\ncd ${folder}\nread -r value\nenv >> environment\necho "$0 $*" >> calls\n${lines}\n`,
    );
    await chmod(path, 0o755);
    return path;
  };
  const keep = overlap ? 'grep -qxF "$value" accepted || echo "$value" >> accepted' : 'echo "$value" > accepted';
  const stage = await script("stage", broken === "stage" ? 'echo "cannot take $value" >&2; exit 7' : keep);
  const verify = await script("verify", 'grep -qxF "$value" accepted || exit 10');
  const revoke = await script("revoke", 'grep -vxF "$value" accepted > rest || true; mv rest accepted');
  const more = `rotator: { command: { stage: [${stage}], verify: [${verify}], revoke: [${revoke}], overlap: ${overlap} } }`;
  const host = new FakeHost(join(folder, "stack"), fakeStack([{ name: "api-key", consumers: ["api"], more }]));
  await writeFile(join(folder, "accepted"), `${host.store.values.get("api-key")}\n`);
  const read = (name: string) => readFile(join(folder, name), "utf8");
  return { folder, host, accepted: async () => (await read("accepted")).trim().split("\n"), read };
}

function go(host: FakeHost) {
  const services = fakeServices(async (call) => host.world.answer(call));
  const { engine } = host.process({ engine: { rotators: [commandRotator], services } });
  return rotate(engine, { names: ["api-key"] }, { confirm: async () => true });
}

describe("the rotator by commands", () => {
  // covers: R17 | compose | real: programs of this machine
  it.each([true, false])("replaces a value that programs issue, and proves it (overlap: %s)", async (overlap) => {
    const { host, accepted, read } = await programs(overlap);
    const old = host.store.values.get("api-key") ?? "";
    const { results } = await go(host);
    expect(failureOf(results)).toBeUndefined();
    const value = host.store.values.get("api-key") ?? "";
    expect(await accepted()).toEqual([value]);
    for (const name of ["calls", "environment"]) {
      const text = await read(name);
      expect(text.includes(value) || text.includes(old)).toBe(false);
    }
    expect(await read("environment")).toMatch(/^RINGWALL_OPERATION=rotate-/m);
  });

  it("takes everything back when a program fails, and tells nothing of what it printed", async () => {
    const { host, accepted } = await programs(true, "stage");
    const old = host.store.values.get("api-key");
    const { results } = await go(host);
    const failure = failureOf(results);
    expect(failure?.describe()).toContain('which is to stage "api-key", ended with code 7');
    expect(failure?.describe()).not.toContain("cannot take");
    expect(host.store.values.get("api-key")).toBe(old);
    expect(await accepted()).toEqual([old]);
  });
});
