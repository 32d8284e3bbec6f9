import { rm } from "node:fs/promises";
import { afterEach, describe, expect, it } from "vitest";
import { rotate } from "../operations/rotation/rotate.ts";
import { FakeHost } from "../operations/rotation/testing/fake-process.ts";
import { fakeStack } from "../operations/rotation/testing/fake-stack.ts";
import { fastFolder } from "../operations/rotation/testing/fast-folder.ts";
import { styleFor } from "../report/style.ts";
import { resultsText } from "./rotation-text.ts";

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function told(change: (host: FakeHost) => void): Promise<string> {
  const folder = await fastFolder("rotation-text");
  folders.push(folder);
  const host = new FakeHost(folder, fakeStack([{ name: "db-password", consumers: ["api"] }]), "pair");
  change(host);
  const request = { names: ["db-password"] };
  const { results } = await rotate(host.process().engine, request, { confirm: async () => true });
  return resultsText(results, styleFor({}, false));
}

describe("what came of a rotation", () => {
  it("tells apart what left everything as it was and what left the new value in use", async () => {
    const untouched = await told((host) => {
      host.store.full = true;
    });
    expect(untouched).toBe("db-password: not rotated.\n");
    const inUse = await told((host) => {
      host.world.ignoresDeny = true;
    });
    expect(inUse).toBe("db-password: unfinished: the new value is in use, and the former one is not proven dead.\n");
  });
});
