import { describe, expect, it } from "vitest";
import {
  cosign,
  cosignatureBy,
  cosignedAt,
  isSignedBy,
  parseCheckpoint,
  signCheckpoint,
  withSignatures,
} from "./checkpoint.ts";
import { leafHash } from "./merkle.ts";
import {
  noteText,
  parseNote,
  parseSignatureLine,
  parseSignerKey,
  parseVerifierKey,
  type SignedNote,
  signatureHolds,
  signatureTypes,
  signerKey,
  signerKeyText,
  signText,
} from "./signed-note.ts";

/** The key pair and note of golang.org/x/mod/sumdb/note, note_test.go. */
const peter = {
  verifier: "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
  signer: "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz",
  text: "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n",
  signature:
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=",
};

describe("signed notes", () => {
  // covers: M7 | any | real: vectors of golang.org/x/mod/sumdb/note
  it("are signed and verified as the reference implementation does, to the byte", () => {
    const signer = parseSignerKey(peter.signer)!;
    const note: SignedNote = { text: peter.text, signatures: [signText(signer, peter.text)] };
    expect(noteText(note)).toBe(`${peter.text}\n${peter.signature}\n`);
    expect(signerKeyText(signer)).toBe(peter.signer);
    const key = parseVerifierKey(peter.verifier);
    const parsed = parseNote(noteText(note))!;
    expect(signatureHolds(parsed.text, parsed.signatures[0]!, key)).toBe(true);
    expect(signatureHolds(parsed.text.replace("answer", "Answer"), parsed.signatures[0]!, key)).toBe(false);
  });

  it("take no verifier key that was changed anywhere, or cut", () => {
    const text = peter.verifier;
    for (let from = 0; from <= text.length; from++) {
      for (let to = from + 1; to <= text.length; to += 7) {
        if (from === 0 && to === text.length) continue;
        expect(() => parseVerifierKey(text.slice(from, to))).toThrow("is no verifier key");
      }
      const changed = `${text.slice(0, from)}${String.fromCharCode(text.charCodeAt(from) + 1)}${text.slice(from + 1)}`;
      if (from < text.length) expect(() => parseVerifierKey(changed)).toThrow("is no verifier key");
    }
    // The hash is right, the length or the type is not (note_test.go).
    expect(() =>
      parseVerifierKey("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=="),
    ).toThrow();
    expect(() => parseVerifierKey("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")).toThrow();
    expect(() => parseVerifierKey("rekor.sigstore.dev+12345678+AwEB")).toThrow();
    expect(parseVerifierKey("remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2").type).toBe(
      signatureTypes.cosignature,
    );
  });

  it.each([
    "",
    "text\n",
    `text\n\n${peter.signature}`,
    `text\n${peter.signature}\n`,
    `text\u0001\n\n${peter.signature}\n`,
    `text\n\n- PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFup\n`,
    "text\n\n— PeterNeumann AAAA\n",
    "text\n\n— Peter+Neumann x08go/ZJ\n",
    "text\n\n— PeterNeumann x08go/Z\n",
    `text\n\n${peter.signature}\nmore\n`,
  ])("are none that are malformed: %j", (text) => {
    expect(parseNote(text)).toBeUndefined();
  });
});

describe("checkpoints", () => {
  // covers: M7 | any | real: the checkpoint of sum.golang.org of 2024-09-23
  it("of a real log are read, and its signature verified", () => {
    const key = parseVerifierKey("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8");
    const text =
      "go.sum database tree\n30055305\nmXfgRcJ0bG0j3CPdKwgGWtUzBUbX67saZGRmFuJGGsM=\n\n" +
      "— sum.golang.org Az3grpgEild5qw7+5dtV13Kf1C2Xurm8q4fhdxvcsDHnqNTaxL2AFjBY+2TyGKevucFcAAlWFJJYle3EJlDCrQ+y3A8=\n";
    const checkpoint = parseCheckpoint(text)!;
    expect(checkpoint).toMatchObject({ origin: "go.sum database tree", size: 30_055_305 });
    expect(isSignedBy(checkpoint, key)).toBe(true);
    expect(isSignedBy(parseCheckpoint(text.replace("30055305", "30055306"))!, key)).toBe(false);
  });

  it("of the specification, with a cosignature in it, are read", () => {
    const text =
      "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n" +
      "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n" +
      "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
    const checkpoint = parseCheckpoint(text)!;
    expect(checkpoint.size).toBe(20_852_163);
    expect(cosignedAt(checkpoint.note.signatures[1]!)).toBe(1_679_315_147);
    expect(cosignedAt(checkpoint.note.signatures[0]!)).toBeUndefined();
    // transparency-dev/formats, note_cosigv1_test.go.
    const line =
      "— w ZGhGuQAAAABm/qTPeyKXD+R2rzyQsxPiP8mXum7qq/iF0u4vanlqJyocWODBt97w9uL+8qT7S5gxEHWWOworDcFiEBYJXORmnFBOBA==";
    expect(cosignedAt(parseSignatureLine(line)!)).toBe(1_727_964_367);
  });

  it.each([
    "a\n01\nR\n",
    "a\n-1\nR\n",
    "a\n1\nQQ==\n",
    "\n1\nR\n",
    "a\n1\n",
    "a\n99999999999999999999\nR\n",
    "a\n1.5\nR\n",
  ])("are none that are malformed: %j", (text) => {
    const root = Buffer.alloc(32).toString("base64");
    expect(parseCheckpoint(`${text.replace("R", root)}\n${peter.signature}\n`)).toBeUndefined();
  });

  it("are cosigned with a time, which the signature covers", () => {
    const log = signerKey("log.example/1", signatureTypes.ed25519, Buffer.alloc(32, 1));
    const witness = signerKey("witness.example/w", signatureTypes.cosignature, Buffer.alloc(32, 2));
    const checkpoint = parseCheckpoint(
      signCheckpoint(log, { origin: "log.example/1", size: 1, root: leafHash(Buffer.from("x")) }),
    )!;
    const seconds = 1_800_000_000;
    const cosigned = withSignatures(checkpoint, [cosign(witness, checkpoint.note.text, seconds)]);
    const read = parseCheckpoint(noteText(cosigned.note))!;
    expect(cosignatureBy(read, witness.verifier)?.at).toBe(seconds);
    expect(isSignedBy(read, log.verifier)).toBe(true);
    expect(cosignatureBy(read, log.verifier)).toBeUndefined();
    const backdated = withSignatures(checkpoint, [
      { ...cosigned.note.signatures[1]!, bytes: cosigned.note.signatures[1]!.bytes.with(6, 0) },
    ]);
    expect(cosignatureBy(backdated, witness.verifier)).toBeUndefined();
    const other = signerKey("witness.example/w", signatureTypes.cosignature, Buffer.alloc(32, 3));
    expect(cosignatureBy(read, other.verifier)).toBeUndefined();
  });
});
