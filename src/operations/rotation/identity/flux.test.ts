import { rm } from "node:fs/promises";
import { afterEach, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { fluxDecryptionsIn } from "./flux.ts";
import { fluxSecretText } from "./flux-secret.ts";
import { identitySchedule } from "./identity-schedule.ts";
import { rotateIdentity } from "./rotate-identity.ts";
import { allTextsOf } from "./testing/all-texts.ts";
import { IdentityHost } from "./testing/identity-host.ts";

const hosts: IdentityHost[] = [];
afterEach(async () => {
  for (const host of hosts.splice(0)) await rm(host.folder, { recursive: true, force: true });
});

const kustomization = (name: string, secret = "sops-age") => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: ${name}, namespace: flux-system }
spec:
  path: ./apps
  decryption:
    provider: sops
    secretRef: { name: ${secret} }
`;

describe("Flux's copy of the identity", () => {
  // covers: R9 | kubernetes
  it("holds the rotation where both open everything, has both then, and the new one alone afterwards", async () => {
    const host = await IdentityHost.make({ sops: ["secrets.sops.yaml"] });
    hosts.push(host);
    host.write("clusters/apps.yaml", `${kustomization("apps")}---\n${kustomization("infra")}`);
    host.commitAll();
    const { engine } = host.process();
    const pipe = { isTerminal: false };
    const held = await rotateIdentity(engine, { confirm: async () => true });
    expect(held).toMatchObject({
      state: "overlap",
      plan: { flux: [{ kustomization: "apps" }, { kustomization: "infra" }] },
    });
    const [present = ""] = host.identitiesIn("identity");
    const during = parseAllDocuments(await fluxSecretText(engine, pipe)).map((one) => one.toJS());
    expect(during).toEqual([
      {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "sops-age", namespace: "flux-system" },
        type: "Opaque",
        stringData: { "identity.agekey": expect.stringContaining(present) },
      },
    ]);
    expect(during[0].stringData["identity.agekey"]).toContain(host.former.identity);
    expect(await host.opened([host.former.identity])).toEqual(await host.opened([present]));
    const { plan } = await rotateIdentity(host.process().engine, { confirm: async (shown) => !shown.finishes });
    expect(plan).toBeUndefined();
    expect(await rotateIdentity(host.process().engine, { confirm: async () => true })).toMatchObject({ state: "done" });
    const after = await fluxSecretText(engine, pipe);
    expect(after).toContain(present);
    expect(after).not.toContain(host.former.identity);
    expect(await allTextsOf(host)).not.toMatch(/AGE-SECRET-KEY/);
  });

  it("is not shown on a screen, and asked for in vain where no Kustomization decrypts", async () => {
    const host = await IdentityHost.make({ sops: ["secrets.sops.yaml"] });
    hosts.push(host);
    const { engine } = host.process();
    await expect(fluxSecretText(engine, { isTerminal: true })).rejects.toMatchObject({ code: "usage" });
    await expect(fluxSecretText(engine, { isTerminal: false })).rejects.toMatchObject({ code: "not-found" });
    host.write("a.yaml", kustomization("a", '"x\\n  injected: y"'));
    await expect(fluxSecretText(engine, { isTerminal: false })).rejects.toMatchObject({ code: "invalid" });
  });

  it("is not looked for in what is no Kustomization of Flux", () => {
    const other = kustomization("a").replace("kustomize.toolkit.fluxcd.io/v1", "kustomize.config.k8s.io/v1beta1");
    expect(fluxDecryptionsIn(other, "a.yaml")).toEqual([]);
    expect(fluxDecryptionsIn(kustomization("a").replace("provider: sops", "provider: x"), "a.yaml")).toEqual([]);
    expect(fluxDecryptionsIn(`${kustomization("a")}\n  - ]broken`, "a.yaml")).toEqual([]);
  });
});

describe("the identity in the schedule", () => {
  it("is due a year after its file was written, and a year after it was rotated", async () => {
    const host = await IdentityHost.make({ git: false, sops: [] });
    hosts.push(host);
    const now = new Date("2027-11-20T00:00:00Z");
    const inputs = { stack: host.stack, state: host.state, records: host.records };
    const fresh = await identitySchedule({ ...inputs, now: new Date() });
    expect(fresh).toMatchObject({ secret: "identity", rotator: "age-identity", every: "365d", isDue: false });
    await rotateIdentity(host.process().engine, { confirm: async () => true });
    expect(await identitySchedule({ ...inputs, now })).toMatchObject({ unfinished: false, last: expect.any(Date) });
    expect(await identitySchedule({ ...inputs, now: new Date("2027-11-22T00:00:00Z") })).toMatchObject({
      isOverdue: true,
    });
  });
});
