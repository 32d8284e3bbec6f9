import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testAction } from "../testing/ledger-actions.ts";
import { evidenceBeside, exportLedger, openExport } from "./export.ts";
import { inclusionFile, inclusionFileHolds, parseInclusionFile } from "./inclusion-file.ts";
import { LedgerFile } from "./ledger-file.ts";
import { signatureTypes, signerKey } from "./signed-note.ts";
import { type Pins, verifyLedger } from "./verify.ts";
import { bringCosigned, requestFor } from "./witness/ask.ts";
import { Witness } from "./witness/witness.ts";
import { WitnessList } from "./witness/witness-list.ts";

let folder: string;
let ledger: LedgerFile;
let witness: Witness;
let time: number;
beforeEach(async () => {
  time = Date.UTC(2026, 4, 5);
  folder = mkdtempSync(join(tmpdir(), "ringwall-export-"));
  mkdirSync(join(folder, "state"));
  const now = () => {
    time += 1_000;
    return new Date(time);
  };
  ledger = await LedgerFile.open(join(folder, "state"), { stack: "shop", now });
  witness = await Witness.open(join(folder, "witness"), now);
  await witness.trust(ledger.verifier);
  await new WitnessList(ledger.folder).add({ kind: "offline", name: "laptop", key: witness.verifier.text });
  for (let n = 0; n < 10; n++) await ledger.append(testAction(`${n}`));
  const { cosigned } = await witness.answer(await requestFor(ledger, "laptop"));
  await bringCosigned(ledger, cosigned!, now);
  for (let n = 10; n < 15; n++) await ledger.append(testAction(`${n}`));
});
afterEach(async () => {
  witness.close();
  await ledger.close();
  rmSync(folder, { recursive: true, force: true });
});

const none: Pins = { log: undefined, witnesses: [], seen: [] };
const exported = () => join(folder, "export");

async function verifyExport(pins: Partial<Pins> = {}) {
  const evidence = await openExport(exported());
  try {
    return await verifyLedger(evidence, { ...none, ...pins });
  } finally {
    await evidence.close();
  }
}

describe("an export of the ledger", () => {
  // covers: M7 | any
  it("is verified without the ledger, and says what no witness has seen, since when", async () => {
    expect(await exportLedger(ledger, exported())).toEqual({ entries: 15 });
    await ledger.close();
    rmSync(join(folder, "state"), { recursive: true });
    const result = await verifyExport({ log: ledger.verifier, witnesses: [witness.verifier] });
    expect(result).toMatchObject({
      entries: 15,
      origin: ledger.verifier.name,
      keyPinned: true,
      problems: [],
      notices: [],
      unpinned: [],
      unwitnessed: { from: 10, to: 14, since: "2026-05-05T00:00:13.000Z" },
    });
    expect(result.witnessed).toEqual([{ by: witness.verifier.name, size: 10, at: "2026-05-05T00:00:11.000Z" }]);
  });

  it("holds no private key and no secret's digest key", async () => {
    await exportLedger(ledger, exported());
    expect(readdirSync(exported()).sort()).toEqual([
      "README",
      "checkpoint",
      "cosigned.jsonl",
      "keys.json",
      "leaves.jsonl",
    ]);
    for (const name of readdirSync(exported())) {
      expect(readFileSync(join(exported(), name), "utf8"), name).not.toContain("PRIVATE+KEY");
    }
    await expect(exportLedger(ledger, exported())).rejects.toMatchObject({ code: "conflict" });
  });

  it("without pinned keys says that they are merely its own", async () => {
    await exportLedger(ledger, exported());
    const result = await verifyExport();
    expect(result).toMatchObject({ keyPinned: false, problems: [], witnessed: [], unwitnessed: { from: 0, to: 14 } });
    expect(result.unpinned).toMatchObject([{ by: witness.verifier.name, size: 10 }]);
    expect(result.notices.join()).toContain("No pinned witness has seen any of it");
  });

  it("of another ledger under the same name, or signed by another key, is found by the pinned key", async () => {
    await exportLedger(ledger, exported());
    const other = signerKey(ledger.verifier.name, signatureTypes.ed25519, Buffer.alloc(32, 8)).verifier;
    const kinds = (await verifyExport({ log: other })).problems.map(({ kind }) => kind);
    expect(kinds).toContain("key");
    expect(kinds).toContain("signature");
  });

  it.each([
    ["an entry edited", (text: string) => text.replace('"name":"3"', '"name":"x"'), "history"],
    ["an entry cut off", (text: string) => text.slice(0, text.trimEnd().lastIndexOf("\n") + 1), "truncated"],
    ["an entry put behind", (text: string) => `${text}{"v":1}\n`, "signature"],
    ["a line that is no entry", (text: string) => text.replace(/^\{/m, "["), "form"],
  ])("with %s is found", async (_, change, kind) => {
    await exportLedger(ledger, exported());
    const path = join(exported(), "leaves.jsonl");
    writeFileSync(path, change(readFileSync(path, "utf8")));
    const { problems } = await verifyExport({ log: ledger.verifier, witnesses: [witness.verifier] });
    expect(problems.map((problem) => problem.kind)).toContain(kind);
  });

  it("that was cut to before what the witness holds is found by bringing that", async () => {
    await exportLedger(ledger, exported());
    const held = (await witness.held())[0]!;
    // The host hands out an older state of the ledger, which was signed in its time, and no cosignature.
    const path = join(exported(), "leaves.jsonl");
    writeFileSync(path, `${readFileSync(path, "utf8").split("\n").slice(0, 7).join("\n")}\n`);
    const log = readFileSync(join(ledger.folder, "log"), "utf8");
    const seal = /^=7 (\S+) (\S+)$/m.exec(log)!;
    writeFileSync(
      join(exported(), "checkpoint"),
      `${ledger.verifier.name}\n7\n${seal[1]}\n\n— ${ledger.verifier.name} ${seal[2]}\n`,
    );
    writeFileSync(join(exported(), "cosigned.jsonl"), "");
    const pins = { log: ledger.verifier, witnesses: [witness.verifier] };
    expect((await verifyExport(pins)).problems).toEqual([]);
    const found = await verifyExport({ ...pins, seen: [{ from: "the laptop", text: held }] });
    expect(found.problems).toMatchObject([{ kind: "truncated", entry: 7 }]);
    const forged = await verifyExport({ ...pins, seen: [{ from: "a file", text: "nonsense" }] });
    expect(forged.problems).toMatchObject([{ kind: "signature" }]);
  });

  it("with bytes that are no line, or in part, is refused with a sentence", async () => {
    await exportLedger(ledger, exported());
    appendFileSync(join(exported(), "leaves.jsonl"), "\0{}\n");
    await expect(verifyExport()).rejects.toMatchObject({
      code: "invalid",
      message: expect.stringContaining("behind its last line"),
    });
    rmSync(join(exported(), "checkpoint"));
    await expect(verifyExport()).rejects.toMatchObject({ code: "not-found" });
    await expect(openExport(join(folder, "none"))).rejects.toMatchObject({ code: "not-found" });
  });
});

describe("a ledger where it lies", () => {
  const verifyHere = async () => {
    const evidence = await evidenceBeside(ledger.folder);
    try {
      return await verifyLedger(evidence, { ...none, log: ledger.verifier, witnesses: [witness.verifier] });
    } finally {
      await evidence.close();
    }
  };
  const change = (changed: (text: string) => string) => {
    const path = join(ledger.folder, "log");
    writeFileSync(path, changed(readFileSync(path, "utf8").replace(/\0+$/, "")));
    rmSync(join(ledger.folder, "hashes"), { force: true });
  };

  it("is read where it lies without making or changing a file, and no link is followed", async () => {
    const log = join(ledger.folder, "log");
    const before = readFileSync(log);
    const evidence = await evidenceBeside(ledger.folder);
    expect(await verifyLedger(evidence, none)).toMatchObject({ entries: 15, problems: [] });
    await evidence.close();
    expect(readFileSync(log).equals(before)).toBe(true);
    renameSync(log, join(folder, "elsewhere"));
    await expect(evidenceBeside(ledger.folder)).rejects.toThrow(/log cannot be read/);
    expect(readdirSync(ledger.folder)).not.toContain("log");
    symlinkSync(join(folder, "elsewhere"), log);
    await expect(evidenceBeside(ledger.folder)).rejects.toThrow(/it is a link/);
  });

  it("is verified as it is, whatever was done to it, and is not written to", async () => {
    expect(await verifyHere()).toMatchObject({ problems: [], entries: 15, unwitnessed: { from: 10, to: 14 } });
    change((text) => `${text.replace('"name":"3"', '"name":"x"')}{"half an entry`);
    const before = readFileSync(join(ledger.folder, "log"));
    const { problems } = await verifyHere();
    expect(problems.map(({ kind }) => kind)).toEqual(["history", "history"]);
    expect(readFileSync(join(ledger.folder, "log"))).toEqual(before);
    change((text) => text.replace(/^=.*$/gm, ""));
    expect((await verifyHere()).problems.map(({ message }) => message)).toContain(
      "There is no checkpoint: nothing is signed.",
    );
  });

  it("tells a clock that was set back, and takes it for no tampering", async () => {
    time -= 86_400_000;
    await ledger.append(testAction("later, by a clock that says earlier"));
    const result = await verifyHere();
    expect(result.problems).toEqual([]);
    expect(result.notices).toEqual([expect.stringMatching(/^Entry 15 says that the clock was set back/)]);
  });
});

describe("a proof of one entry", () => {
  it("is a text that shows it to somebody who has the ledger's key", async () => {
    const text = await inclusionFile(ledger, 4);
    await exportLedger(ledger, exported());
    const leaves = readFileSync(join(exported(), "leaves.jsonl"), "utf8").split("\n");
    expect(parseInclusionFile(text)).toMatchObject({ index: 4 });
    expect(inclusionFileHolds(text, Buffer.from(leaves[4]!), ledger.verifier)).toBe(true);
    expect(inclusionFileHolds(text, Buffer.from(leaves[5]!), ledger.verifier)).toBe(false);
    expect(inclusionFileHolds(text.replace("index 4", "index 5"), Buffer.from(leaves[4]!), ledger.verifier)).toBe(
      false,
    );
    const other = signerKey(ledger.verifier.name, signatureTypes.ed25519, Buffer.alloc(32, 8)).verifier;
    expect(inclusionFileHolds(text, Buffer.from(leaves[4]!), other)).toBe(false);
    expect(parseInclusionFile("nonsense")).toBeUndefined();
  });
});
