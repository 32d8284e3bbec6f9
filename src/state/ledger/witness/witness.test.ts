import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testAction } from "../../testing/ledger-actions.ts";
import { cosignatureBy, parseCheckpoint, signCheckpoint } from "../checkpoint.ts";
import { LedgerFile } from "../ledger-file.ts";
import { emptyRoot, leafHash } from "../merkle.ts";
import { signatureTypes, signerKey, verifierKey } from "../signed-note.ts";
import { askWitness, bringCosigned, cosignedPath, requestFor } from "./ask.ts";
import { requestText } from "./request.ts";
import { witnessServer } from "./server.ts";
import { Witness } from "./witness.ts";
import { type WitnessDefinition, WitnessList } from "./witness-list.ts";

let folder: string;
let ledger: LedgerFile;
let witness: Witness;
const closing: (() => unknown)[] = [];
const now = () => new Date("2026-03-04T05:06:07Z");

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "ringwall-witness-"));
  mkdirSync(join(folder, "state"));
  ledger = await LedgerFile.open(join(folder, "state"), { stack: "shop" });
  witness = await Witness.open(join(folder, "elsewhere"), now);
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  witness.close();
  await ledger.close();
  rmSync(folder, { recursive: true, force: true });
});

const grow = async (count: number) => {
  await ledger.appendMany(Array.from({ length: count }, (_, n) => testAction(`${n}`)));
};

async function listening(of: Witness): Promise<string> {
  const server = witnessServer(of);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function trusted(url: string): Promise<Extract<WitnessDefinition, { kind: "https" }>> {
  await witness.trust(ledger.verifier);
  const definition = { kind: "https", name: "nas", url, key: witness.verifier.text } as const;
  await new WitnessList(ledger.folder).add(definition);
  return definition;
}

describe("a witness", () => {
  // covers: M7 | any | real: the requests of FiloSottile/torchwood, internal/witness/witness_test.go
  it("answers the requests of another implementation's tests as that one does", async () => {
    const origin = "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562";
    const raw = Buffer.from("ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f", "hex");
    await witness.trust(verifierKey(origin, signatureTypes.ed25519, raw));
    const first =
      `old 0\n\n${origin}\n1\nKgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n` +
      `— ${origin} UgIom7fPZTqpxWWhyjWduBvTvGVqsokMbqTArsQilegKoFBJQjUFAmQ0+YeSPM3wfUQMFSzVnnNuWRTYrajXpNUbIQY=\n`;
    const three =
      `old 1\nKgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nKgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n` +
      `${origin}\n3\nRcCI1Nk56ZcSmIEfIn0SleqtV7uvrlXNccFx595Iwl0=\n\n` +
      `— ${origin} UgIom2VbtIcdFbwFAy1n7s6IkAxIY6J/GQOTuZF2ORV39d75cbAj2aQYwyJre36kezNobZs4SUUdrcawfAB8WVrx6go=\n`;
    const five =
      `old 1\nKgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n+fUDV+k970B4I3uKrqJM4aP1lloPZP8mvr2Z4wRw2LI=\n` +
      `KgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n${origin}\n5\nQrtXrQZCCvpIgsSmOsah7HdICzMLLyDfxToMql9WTjY=\n\n` +
      `— ${origin} UgIomw/EOJmWi0i1FQsOj+etB7F8IccFam/jgd6wzRns4QPVmyEZtdvl1U2KEmLOZ/ASRcWJi0tW90dJWAShei7sDww=\n`;
    expect((await witness.answer(first)).status).toBe(200);
    // Both at once: one of them finds the other's size, and the tree never goes back.
    const [a, b] = await Promise.all([witness.answer(five), witness.answer(three)]);
    expect([a.status, b.status]).toEqual([200, 409]);
    expect(b.body).toBe("5\n");
    expect(parseCheckpoint((await witness.held())[0]!)?.size).toBe(5);
    const long = `old 0\n${"KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n".repeat(64)}${first.slice(6)}`;
    expect((await witness.answer(long)).status).toBe(400);
  });

  /** torchwood's table of sizes, statuses by c2sp.org/tlog-witness. */
  it.each([
    ["an empty tree", 0, 0, 0, emptyRoot, [], 200],
    ["a wrong root of the empty tree", 0, 0, 0, leafHash(Buffer.from("leaf")), [], 422],
    ["an empty tree with a proof", 0, 0, 0, emptyRoot, [emptyRoot], 422],
    ["the first entry", 0, 0, 1, leafHash(Buffer.from("leaf")), [], 200],
    ["the first entry with a proof", 0, 0, 1, leafHash(Buffer.from("leaf")), [emptyRoot], 422],
    ["an old size that is not the known one", 1, 0, 1, leafHash(Buffer.from("leaf")), [], 409],
    ["an old size above the new one", 1, 1, 0, emptyRoot, [], 400],
    ["the same tree again", 1, 1, 1, leafHash(Buffer.from("leaf")), [], 200],
    ["the same size with another root", 1, 1, 1, leafHash(Buffer.from("other")), [], 409],
  ] as const)("judges %s", async (_, known, old, size, root, proof, status) => {
    const log = signerKey("example.com/log", signatureTypes.ed25519, Buffer.alloc(32, 9));
    await witness.trust(log.verifier);
    const send = (from: number, to: number, hash: Uint8Array, path: readonly Uint8Array[]) =>
      witness.answer(requestText(from, path, signCheckpoint(log, { origin: "example.com/log", size: to, root: hash })));
    if (known > 0) expect((await send(0, 1, leafHash(Buffer.from("leaf")), [])).status).toBe(200);
    const answer = await send(old, size, root, proof);
    expect(answer.status).toBe(status);
    expect(answer.body.startsWith("— ")).toBe(status === 200);
  });

  it("knows no log that nobody vouched for, and no other key for one", async () => {
    await grow(1);
    const text = await requestFor(ledger, undefined);
    expect((await witness.answer(text)).status).toBe(404);
    await witness.trust(signerKey(ledger.verifier.name, signatureTypes.ed25519, Buffer.alloc(32, 5)).verifier);
    expect((await witness.answer(text)).status).toBe(403);
    expect((await witness.answer("nonsense")).status).toBe(400);
  });

  it("remembers after a restart, with a key that is its owner's alone", async () => {
    await witness.trust(ledger.verifier);
    await grow(3);
    expect((await witness.answer(await requestFor(ledger, undefined))).status).toBe(200);
    const again = await Witness.open(join(folder, "elsewhere"), now);
    closing.push(() => again.close());
    expect(again.verifier.text).toBe(witness.verifier.text);
    expect((await again.answer(await requestFor(ledger, undefined))).body).toBe("3\n");
    expect(statSync(join(folder, "elsewhere", "witness.key")).mode & 0o777).toBe(0o600);
  });
});

describe("a ledger and its witness on another host", () => {
  // covers: M7 | any
  it("go on together, and keep the cosignatures", async () => {
    const url = await listening(witness);
    const definition = await trusted(url);
    await expect(askWitness(ledger, definition, { now })).rejects.toMatchObject({ code: "usage" });
    for (const size of [5, 9, 9, 40]) {
      await grow(size - (await ledger.size()));
      expect(await askWitness(ledger, definition, { now })).toEqual({ name: "nas", size });
    }
    const kept = readFileSync(cosignedPath(ledger.folder), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(kept).toHaveLength(4);
    const last = parseCheckpoint(kept[3])!;
    expect(cosignatureBy(last, witness.verifier)?.at).toBe(now().getTime() / 1000);
  });

  it("find one another again when this host has forgotten what was witnessed", async () => {
    const definition = await trusted(await listening(witness));
    await grow(5);
    await askWitness(ledger, definition, { now });
    rmSync(join(ledger.folder, "witnesses.json"));
    await new WitnessList(ledger.folder).add(definition);
    await grow(2);
    expect(await askWitness(ledger, definition, { now })).toEqual({ name: "nas", size: 7 });
  });

  // covers: M7 | any
  it("part when the ledger was cut or written anew with its own key", async () => {
    const definition = await trusted(await listening(witness));
    await grow(5);
    await askWitness(ledger, definition, { now });
    await ledger.close();
    for (const name of ["log", "hashes"]) rmSync(join(ledger.folder, name));
    ledger = await LedgerFile.open(join(folder, "state"), { stack: "shop" });
    await grow(3);
    await expect(askWitness(ledger, definition, { now })).rejects.toMatchObject({ code: "conflict" });
    // Whoever wrote it anew has also made this host forget: the witness itself has not.
    rmSync(join(ledger.folder, "witnesses.json"));
    await new WitnessList(ledger.folder).add(definition);
    await expect(askWitness(ledger, definition, { now })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("has seen 5 entries, and the ledger here has 3"),
    });
    await grow(4);
    await expect(askWitness(ledger, definition, { now })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("has seen another history"),
    });
  });

  it("tell what is in the way: nobody there, a stranger's key, no encryption", async () => {
    const url = await listening(witness);
    const definition = await trusted(url);
    await grow(1);
    await expect(askWitness(ledger, { ...definition, url: "http://127.0.0.1:1" }, { now })).rejects.toMatchObject({
      code: "network",
      message: "127.0.0.1:1 cannot be reached: ECONNREFUSED.",
    });
    await expect(askWitness(ledger, { ...definition, url: "http://nas.example" }, { now })).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining("without encryption"),
    });
    const other = signerKey(witness.verifier.name, signatureTypes.cosignature, Buffer.alloc(32, 6)).verifier.text;
    await expect(askWitness(ledger, { ...definition, key: other }, { now })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("not signed by the key that is known for it"),
    });
    const answer = await fetch(`${url}/add-checkpoint`, { method: "POST", body: "x".repeat(70_000) });
    expect(answer.status).toBe(413);
    expect((await fetch(`${url}/add-checkpoint`)).status).toBe(405);
    expect((await fetch(`${url}/witness.key`)).status).toBe(404);
  });
});

describe("a file elsewhere as a witness", () => {
  const definition = (): WitnessDefinition => ({
    kind: "file",
    name: "usb",
    path: join(folder, "stick", "ledger.txt"),
  });

  it("gets each checkpoint, and is held against the ledger before", async () => {
    await new WitnessList(ledger.folder).add(definition());
    await grow(4);
    await expect(askWitness(ledger, definition(), { now })).rejects.toMatchObject({
      code: "not-found",
      hint: expect.stringContaining("Mount or plug in"),
    });
    mkdirSync(join(folder, "stick"));
    await askWitness(ledger, definition(), { now });
    await grow(3);
    expect(await askWitness(ledger, definition(), { now })).toEqual({ name: "usb", size: 7 });
    const path = join(folder, "stick", "ledger.txt");
    expect(parseCheckpoint(readFileSync(path, "utf8"))?.size).toBe(7);
    writeFileSync(path, "holiday pictures\n");
    await expect(askWitness(ledger, definition(), { now })).rejects.toMatchObject({ code: "conflict" });
    expect(readFileSync(path, "utf8")).toBe("holiday pictures\n");
  });

  it("finds a history that was written anew with the ledger's own key", async () => {
    mkdirSync(join(folder, "stick"));
    await new WitnessList(ledger.folder).add(definition());
    await grow(4);
    await askWitness(ledger, definition(), { now });
    await ledger.close();
    for (const name of ["log", "hashes"]) rmSync(join(ledger.folder, name));
    ledger = await LedgerFile.open(join(folder, "state"), { stack: "shop" });
    await ledger.append(testAction("forged"));
    await expect(askWitness(ledger, definition(), { now })).rejects.toMatchObject({
      message: expect.stringContaining("has seen 4 entries, and the ledger here has 1"),
    });
    await grow(9);
    await expect(askWitness(ledger, definition(), { now })).rejects.toMatchObject({
      message: expect.stringContaining("its history was rewritten"),
    });
  });
});

describe("a machine without a network as a witness", () => {
  // covers: M7 | any
  it("cosigns what a person carries to it, and the cosignature comes back", async () => {
    await witness.trust(ledger.verifier);
    await new WitnessList(ledger.folder).add({ kind: "offline", name: "laptop", key: witness.verifier.text });
    await grow(6);
    const { cosigned } = await witness.answer(await requestFor(ledger, "laptop"));
    await grow(5);
    expect(await bringCosigned(ledger, cosigned!, now)).toEqual({ name: "laptop", size: 6 });
    const carried = await requestFor(ledger, "laptop");
    expect(carried.length).toBeLessThan(2_900);
    const second = await witness.answer(carried);
    expect(second.status).toBe(200);
    expect(await bringCosigned(ledger, second.cosigned!.trimEnd(), now)).toEqual({ name: "laptop", size: 11 });
  });

  it("is not believed with another key, for another ledger, or in part", async () => {
    await grow(2);
    await expect(bringCosigned(ledger, (await ledger.checkpoint())!, now)).rejects.toMatchObject({
      message: "None of this ledger's witnesses has cosigned that checkpoint.",
    });
    await expect(bringCosigned(ledger, "— laptop AAAA", now)).rejects.toMatchObject({ code: "invalid" });
    await new WitnessList(ledger.folder).add({ kind: "offline", name: "laptop", key: witness.verifier.text });
    const log = signerKey("example.com/log", signatureTypes.ed25519, Buffer.alloc(32, 9));
    await witness.trust(log.verifier);
    const foreign = signCheckpoint(log, { origin: "example.com/log", size: 1, root: leafHash(Buffer.from("x")) });
    const { cosigned } = await witness.answer(requestText(0, [], foreign));
    await expect(bringCosigned(ledger, cosigned!, now)).rejects.toMatchObject({ code: "conflict" });
  });
});
