import { describe, expect, test } from "vitest";
import { knownValue } from "../../../../facts/fact.ts";
import { clusterOf } from "../../testing/manifests.ts";

function object(kind: string, name: string, spec: string): string {
  return `apiVersion: serving.kserve.io/v1beta1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: ml}\nspec: ${spec}\n---\n`;
}

const why = "the rest of it comes from the serving runtime, which is not among the files";

// covers: W1 | kubernetes
describe("A model of an InferenceService", () => {
  test.each(["model: {modelFormat: {name: sklearn}, ", "sklearn: {"])(
    "is a container of which the runtime says more (%s).",
    (begin) => {
      const system = clusterOf(
        object("InferenceService", "i", `{predictor: {${begin}securityContext: {privileged: true}}}}`),
      );
      const [container] = system.all("container");
      expect(container?.ref.name).toBe("ml/InferenceService/i/predictor/kserve-container");
      expect(container && knownValue(container.privileged)).toBe(true);
      expect(container?.user).toMatchObject({ kind: "unknown", why });
      expect(system.all("image").map(({ reference }) => reference)).toMatchObject([{ kind: "unknown", why }]);
      const [workload] = system.all("workload");
      expect(workload?.kubernetes?.containerNames.complete).toBe(false);
      expect(workload?.kubernetes?.volumes.complete).toBe(false);
      expect(workload?.hostIpc).toMatchObject({ kind: "unknown", why });
      // No runtime has a say in these.
      expect(workload && knownValue(workload.networkMode)?.kind).toBe("networks");
      expect(workload && knownValue(workload.hostPid)).toBe(false);
      expect(system.problems).toEqual([]);
    },
  );

  test("is that of the runtime that it names, where that is among the files.", () => {
    const runtime = object(
      "ClusterServingRuntime",
      "r",
      "{containers: [{name: kserve-container, image: ghcr.io/example/r:1, securityContext: {privileged: true}}]}",
    );
    const service = object("InferenceService", "i", "{predictor: {model: {runtime: r, image: ghcr.io/example/own:2}}}");
    const system = clusterOf(service + runtime.replace(", namespace: ml", ""));
    expect(system.all("image").map(({ reference }) => knownValue(reference)?.repository)).toEqual(["example/own"]);
    expect(system.all("container").map(({ privileged }) => knownValue(privileged))).toEqual([true]);
    expect(system.all("workload")[0]?.kubernetes?.containerNames.complete).toBe(true);
  });

  test("has workers of its own beside it.", () => {
    const service = object(
      "InferenceService",
      "i",
      "{predictor: {model: {runtime: r}, workerSpec: {hostNetwork: true}}}",
    );
    const [, worker] = clusterOf(service).all("workload");
    expect(worker?.ref.name).toBe("ml/InferenceService/i/predictor/worker");
    expect(worker && knownValue(worker.networkMode)?.kind).toBe("host");
  });
});
