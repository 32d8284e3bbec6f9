import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readPaths } from "../platforms/read-paths.ts";
import { evaluate } from "./evaluate.ts";
import { flatFindings } from "./known-findings.ts";
import { allControls } from "./registry.ts";

const today = new Date("2027-01-01T00:00:00Z");

/** What fails of a Redis behind a load balancer: the control with the severity, and how it came about. */
function found(service: string, more = ""): ReadonlyMap<string, { severity: string; why: string; message: string }> {
  const folder = mkdtempSync(join(tmpdir(), "ringwall-limited-"));
  const pod =
    "apiVersion: v1\nkind: Pod\nmetadata: { name: a, namespace: shop, labels: { a: b } }\nspec:\n  containers: [{ name: redis, image: 'docker.io/library/redis:7.4', ports: [{ containerPort: 6379 }] }]\n";
  try {
    writeFileSync(
      join(folder, "a.yaml"),
      `${pod}---\napiVersion: v1\nkind: Service\nmetadata: { name: a, namespace: shop }\nspec: { type: LoadBalancer, selector: { a: b }, ports: [{ port: 6379 }]${service} }\n${more}`,
    );
    const { findings } = evaluate(readPaths([folder], { cwd: folder, now: today }).systems, allControls, {
      profile: "homelab",
      today,
      ownStack: false,
    });
    return new Map(
      flatFindings(findings).map(({ control, severity, severityWhy, message }) => [
        control,
        { severity, why: severityWhy, message },
      ]),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// covers: N6 | kubernetes
test("What is published to stated networks only is no worse in one finding than in another", () => {
  const limited = found(", loadBalancerSourceRanges: [10.0.0.0/8]");
  expect(limited.get("network.datastore-unpublished")?.severity).toBe("medium");
  expect(limited.get("identity.authentication-on")?.severity).toBe("medium");
  expect(limited.get("identity.authentication-on")?.why).not.toContain("raised");
  const open = found("");
  expect(open.get("network.datastore-unpublished")?.severity).toBe("high");
  expect(open.get("identity.authentication-on")?.severity).toBe("critical");
});

// covers: N6 | kubernetes
test("What a policy may or may not keep from outside is not said to be reached by its networks alone", () => {
  const policy =
    "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: a, namespace: shop }\nspec: { podSelector: { matchLabels: { a: b } }, policyTypes: [Ingress], ingress: [{ from: [{ podSelector: { matchLabels: { app: web } } }] }] }\n";
  const store = found("", policy).get("identity.authentication-on");
  expect(store?.severity).toBe("medium");
  expect(store?.message).toContain("it may be reached: port 6379 is published by the Service shop/a");
});
