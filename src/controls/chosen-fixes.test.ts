/** Which of a control's findings `check --fix` mends, and to what: told by facts, whatever the words of the message. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Edit } from "../contracts/fix.ts";
import { readPaths } from "../platforms/read-paths.ts";
import { allControls } from "./registry.ts";

const folder = dirname(fileURLToPath(import.meta.url));

/** What every failed judgement of a control becomes in one of its fixtures; `-` where it takes a person. */
function mendedTo(id: string, fixture: string): readonly string[] {
  const control = allControls.find((each) => each.id === id);
  const path = join(folder, control?.ring ?? "", "fixtures", id, fixture);
  const { systems } = readPaths([path], { cwd: dirname(path), now: new Date("2027-01-01T00:00:00Z") });
  return systems.flatMap((system) =>
    (control === undefined ? [] : system.all(control.on)).flatMap((subject) =>
      [control?.check(subject, system) ?? []]
        .flat()
        .filter(({ verdict }) => verdict === "fail")
        .map((judgement) => toValue(control?.fix?.edits(subject, system, judgement)?.[0])),
    ),
  );
}

function toValue(edit: Edit | undefined): string {
  if (edit === undefined) return "-";
  return edit.kind === "value" ? edit.value : edit.kind === "document" ? String(edit.change.value) : edit.kind;
}

test.each([
  ["detection.alert-mail-encrypted", "fail.for-every-receiver", ["true"]],
  ["detection.intrusion-engine-acts", "fail.simulation", ["false"]],
  ["detection.intrusion-engine-acts", "fail.no-decision", ["-"]],
  ["identity.cluster-authorization-on", "fail.api-server-allows-all", ["Node,RBAC"]],
  ["identity.cluster-authorization-on", "fail.kubelet-allows-all.yaml", ["Webhook"]],
  ["identity.project-restrictions-kept", "fail.privilege-allowed.tf", ["unprivileged", "managed"]],
  ["identity.project-restrictions-kept", "fail.host-root-as-a-user.tf", ["-"]],
  ["network.control-plane-inside", "fail.read-only-port", ["0"]],
  ["network.control-plane-inside", "fail.metrics-of-etcd", ["-"]],
  ["supply-chain.package-signatures-checked", "fail.apt.Dockerfile", ["-", ""]],
  ["supply-chain.log-commands-off", "fail.job", ["false"]],
  ["supply-chain.log-commands-off", "fail.script", ["-"]],
  ["workload.engine-proxy-filters", "fail.changing-calls.yaml", ["0"]],
  ["workload.engine-proxy-filters", "fail.cetusguard-rule.yaml", ["-"]],
  ["workload.pod-security-defaulted", "fail.privileged", ["baseline"]],
  ["workload.pod-security-defaulted", "fail.no-plugin", ["-"]],
  ["workload.seccomp-defaulted", "fail.switched-off", ["true"]],
  ["workload.ulimits-bounded", "fail.core-dumps.yaml", ["0"]],
  ["workload.ulimits-bounded", "fail.nofile-without-bound.yaml", ["65536"]],
  ["workload.ulimits-bounded", "fail.processes-without-bound.yaml", ["-"]],
])("%s mends %s to %s.", (control, fixture, values) => {
  expect(mendedTo(control, fixture)).toEqual(values);
});
