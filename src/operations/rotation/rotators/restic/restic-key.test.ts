import { describe, expect, it } from "vitest";
import { credential, testTools } from "../../../../components/testing/local-services.ts";
import { stackFrom } from "../../../../components/testing/stack.ts";
import type { RotationTools, ServiceControl } from "../../../../contracts/rotator.ts";
import { resticKey } from "./restic-key.ts";

const stack = stackFrom(`name: shop
services: { web: { image: "x:1" } }
secrets:
  backup-key: { kind: password, rotator: { restic: { repository: /srv/backup } } }
  other: password
`);
const secretOf = (name: string) => {
  const found = stack.secrets.find((secret) => secret.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};
const none = {} as ServiceControl;
const host = { kind: "host" } as const;

describe("the rotation of a restic key", () => {
  it("is for secrets that name a repository, and says what the removal of a key does not do", () => {
    expect(resticKey.outline(secretOf("other"), stack)).toBeUndefined();
    expect(resticKey.outline(secretOf("backup-key"), stack)).toMatchObject({
      overlap: true,
      downtime: { milliseconds: 0 },
      stages: { revoke: expect.stringContaining("the master key stays") },
    });
  });

  it("tells a missing program, a locked repository and a wrong password apart", async () => {
    const answering = (code: number, stderr: string): Partial<RotationTools> => ({
      run: async () => ({ code, stdout: "", stderr }),
    });
    const verify = (code: number, stderr: string) =>
      resticKey
        .begin(secretOf("backup-key"), stack, testTools(none, answering(code, stderr)))
        .verify(credential(undefined, "x".repeat(20)), host);
    expect(await verify(12, "Fatal: wrong password")).toMatchObject({ outcome: "refused" });
    expect(await verify(1, "Fatal: wrong password or no key found")).toMatchObject({ outcome: "refused" });
    expect(await verify(1, "Fatal: unable to open config file")).toMatchObject({ outcome: "unreachable" });
    expect(await verify(127, "")).toMatchObject({ outcome: "unreachable" });
  });
});
