import { describe, expect, it } from "vitest";
import { hasKey, parsePublicKey, withKeyBeside, withoutKey } from "./authorized-keys.ts";

const old = { type: "ssh-ed25519", blob: "AAAAC3NzaC1lZDI1NTE5AAAAIOld" };
const added = { type: "ssh-ed25519", blob: "AAAAC3NzaC1lZDI1NTE5AAAAINew" };

describe("authorized_keys", () => {
  it("gets the new key under the old one's options, and keeps every other line as it is", () => {
    const file = `# mine\n\nfrom="10.0.0.0/8",command="echo \\"hi there\\"" ${old.type} ${old.blob} me@home\nssh-rsa AAAAB3NzaC1yc2EAAAADAQABother x`;
    const both = withKeyBeside(file, old, added, "new");
    expect(both?.split("\n")).toEqual([
      ...file.split("\n").slice(0, 3),
      `from="10.0.0.0/8",command="echo \\"hi there\\"" ${added.type} ${added.blob} new`,
      ...file.split("\n").slice(3),
    ]);
    expect(withKeyBeside(both ?? "", old, added, "new")).toBe(both);
    expect(withoutKey(both ?? "", added)).toBe(file);
    expect(hasKey(withoutKey(both ?? "", old), old)).toBe(false);
  });

  it("says so where the old key is not in it, or is only spoken of", () => {
    expect(withKeyBeside(`# ${old.type} ${old.blob}\n`, old, added, "new")).toBeUndefined();
  });

  it("reads a public key as ssh-keygen writes it, and nothing else", () => {
    expect(parsePublicKey(`${old.type} ${old.blob} comment here\n`)).toEqual(old);
    expect(parsePublicKey("-----BEGIN OPENSSH PRIVATE KEY-----")).toBeUndefined();
    expect(parsePublicKey("ssh-ed25519 $(touch x)")).toBeUndefined();
  });
});
