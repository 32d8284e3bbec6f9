import { afterEach, describe, expect, it } from "vitest";
import { plainOf, planned, removeFolders } from "../testing/plans.ts";
import { valueAt } from "./nodes.ts";

// covers: P6 | kubernetes

afterEach(removeFolders);

const secret = `apiVersion: v1
kind: Secret
metadata:
  name: token
stringData:
  token: ENC[AES256_GCM,data:Zm9v,iv:aXY=,tag:dGFn,type:str]
  plain_unencrypted: visible
sops:
  age:
    - recipient: age1example
      enc: text
  mac: ENC[AES256_GCM,data:bWFj,type:str]
`;

describe("An object that SOPS keeps encrypted", () => {
  it("is known as such, and its values are not known", () => {
    const { clusters } = planned({
      "token.sops.yaml": secret,
      "other.yaml": secret.replace("token", "open").slice(0, secret.indexOf("sops:")),
    });
    const [other, token] = clusters[0]?.objects ?? [];
    expect([other?.encrypted, token?.encrypted]).toEqual([false, true]);
    expect(valueAt(token?.node, "stringData", "token")).toMatchObject({ unresolved: "it is encrypted with SOPS" });
    expect(valueAt(token?.node, "stringData", "plain_unencrypted")).toMatchObject({ value: "visible" });
    expect(valueAt(token?.node, "stringData", "plain_unencrypted")).not.toHaveProperty("unresolved");
  });

  it("stays so through a kustomization, and in what is generated of encrypted lines", () => {
    const { clusters } = planned({
      "kustomization.yaml":
        "namePrefix: p-\nresources: [token.yaml]\nsecretGenerator: [{name: lines, envs: [secret.env]}]\n",
      "token.yaml": secret,
      "secret.env": "TOKEN=ENC[AES256_GCM,data:Zm9v,iv:aXY=,tag:dGFn,type:str]\nOPEN=1\n",
    });
    const token = clusters[0]?.objects.find(({ name }) => name === "p-token");
    expect(token?.encrypted).toBe(true);
    expect(valueAt(token?.node, "stringData", "token")).toMatchObject({ unresolved: "it is encrypted with SOPS" });
    const lines = clusters[0]?.objects.find(({ name }) => name.startsWith("p-lines-"));
    expect(valueAt(lines?.node, "data", "TOKEN")).toMatchObject({ unresolved: "it is encrypted with SOPS" });
    expect(plainOf(lines)).toMatchObject({ data: { OPEN: "MQ==" } });
  });
});
