import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { threadMs } from "../../../test/support/thread-time.ts";
import type { ClusterConfiguration } from "../../facts/configuration/cluster.ts";
import { knownValue } from "../../facts/fact.ts";
import { describePlace } from "../../lib/place.ts";
import { systemsOf } from "../../platforms/testing/systems-of.ts";
import { k3sStartFormat } from "./index.ts";
import { K3sStarts } from "./starts.ts";

function clusters(files: Readonly<Record<string, string>>): readonly ClusterConfiguration[] {
  return systemsOf(files).flatMap((system) =>
    system
      .all("repository-file")
      .flatMap(({ configuration }) => (configuration?.software === "cluster" ? [configuration] : [])),
  );
}

const install = (rest: string) => `curl -sfL https://get.k3s.io | ${rest}\n`;
const inScript = (text: string) => clusters({ "install.sh": `#!/bin/sh\n${text}` });
const modeOf = ({ kubeconfigMode }: ClusterConfiguration) => {
  const mode = kubeconfigMode === undefined ? undefined : knownValue(kubeconfigMode);
  return mode?.toString(8) ?? kubeconfigMode?.kind;
};

// covers: S1 | kubernetes
describe("What a script tells k3s", () => {
  test.each([
    ["sh -s - --write-kubeconfig-mode 644", "644"],
    ["sh -s - server --write-kubeconfig-mode=0644 --disable traefik", "644"],
    ["INSTALL_K3S_EXEC='--disable traefik --write-kubeconfig-mode 644' sh -", "644"],
    ["sudo INSTALL_K3S_EXEC=server K3S_KUBECONFIG_MODE=644 bash -s - --cluster-init", "644"],
    ["sh -s - --cluster-init --write-kubeconfig-mode $MODE", "unknown"],
    ["sh -s - $ARGS", "unknown"],
    ["sh -", "unstated"],
    ["K3S_URL=https://a:6443 K3S_TOKEN=$TOKEN sh -", undefined],
  ])("is read from its installation: %s", (rest, mode) => {
    expect(inScript(install(rest)).map(modeOf)).toEqual([mode]);
  });

  test("is read from what is exported before, and not from what is said of it or given to curl.", () => {
    expect(inScript(`export K3S_KUBECONFIG_MODE="644"\n${install("sh -")}`).map(modeOf)).toEqual(["644"]);
    expect(inScript(`# ${install("sh -s - --write-kubeconfig-mode 644")}`.concat(install("sh -"))).map(modeOf)).toEqual(
      ["unstated"],
    );
    expect(inScript(`K3S_KUBECONFIG_MODE=644 ${install("sh -")}`).map(modeOf)).toEqual(["unstated"]);
    expect(
      inScript("curl -sfLo k3s.sh https://get.k3s.io\nINSTALL_K3S_EXEC='--write-kubeconfig-mode 644' sh k3s.sh\n").map(
        modeOf,
      ),
    ).toEqual(["644"]);
    expect(inScript("k3s server --write-kubeconfig-mode 644 &\n").map(modeOf)).toEqual(["644"]);
    const args = `ARGS="server --write-kubeconfig-mode 644"\n`;
    expect(inScript(args + install('INSTALL_K3S_EXEC="$ARGS" sh -')).map(modeOf)).toEqual(["644"]);
    expect(inScript(args + install("sh -s - ${ARGS} --cluster-init")).map(modeOf)).toEqual(["644"]);
    expect(inScript(`${args}[ -n "$X" ] && ARGS="$ARGS --a"\n${install("sh -s - $ARGS")}`).map(modeOf)).toEqual([
      "unknown",
    ]);
    expect(() => inScript("k3s kubectl get nodes\n")).toThrow("nothing to check");
  });

  test("holds its arguments, each where it stands, and its token.", () => {
    const [cluster] = inScript(
      install("K3S_TOKEN=vK8mq2Zr9Lx1Tn4Qw7 sh -s - --kube-apiserver-arg=anonymous-auth=true --kube-apiserver-arg v=2"),
    );
    const flags = cluster?.settings.apiServerArguments.items.filter(({ name }) => /^(?:anonymous-auth|v)$/.test(name));
    expect(flags?.map(({ name, value, place }) => [name, knownValue(value), describePlace(place)])).toEqual([
      ["anonymous-auth", "true", "install.sh:2:69"],
      ["v", "2", "install.sh:2:131"],
    ]);
    expect(cluster?.secrets.items.map(({ name }) => name)).toEqual(["token"]);
    expect(JSON.stringify(cluster)).not.toContain("vK8mq2Zr9Lx1Tn4Qw7");
  });
});

// covers: S1 | kubernetes
test("A unit of systemd tells k3s the same.", () => {
  const unit = (command: string) => `[Service]\nExecStart=${command}\nRestart=always\n`;
  const read = (command: string, name = "k3s.service") => clusters({ [name]: unit(command) }).map(modeOf);
  expect(read("/usr/local/bin/k3s server --write-kubeconfig-mode 644")).toEqual(["644"]);
  expect(read("/usr/local/bin/k3s \\\n    server \\\n  '--write-kubeconfig-mode=644' \\\n")).toEqual(["644"]);
  expect(read("-/usr/local/bin/k3s server {{ args }}", "k3s.service.j2")).toEqual(["unknown"]);
  expect(read("/usr/local/bin/k3s agent")).toEqual([undefined]);
});

// covers: S1 | kubernetes
test("So does a machine's first start.", () => {
  const text = `#cloud-config
runcmd:
  - export K3S_KUBECONFIG_MODE=644
  - curl -sfL https://get.k3s.io | sh -
  - [sh, -c, "curl -sfL https://get.k3s.io | sh -s - --write-kubeconfig-mode 600"]
`;
  expect(clusters({ "user-data": text }).map(modeOf)).toEqual(["644", "600"]);
  expect(clusters({ "user-data": `#!/bin/sh\n${install("sh -s - --write-kubeconfig-mode 666")}` }).map(modeOf)).toEqual(
    ["666"],
  );
});

test("No script makes reading throw, and one takes time that grows with its length.", () => {
  const parts = [
    "curl https://get.k3s.io",
    " | ",
    "sh -s - ",
    "INSTALL_K3S_EXEC='",
    "'",
    "--a ",
    "k3s server ",
    "$(",
    "\n",
    "export K3S_TOKEN=a",
    " -- ",
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 30 }), (pieces) => {
      new K3sStarts().script(pieces.join(""), () => ({ kind: "nowhere", why: "" }));
      k3sStartFormat.recognises("a.service", `ExecStart=${pieces.join("")}`);
    }),
  );
  const started = threadMs();
  inScript(`${install(`sh -s - ${"--kubelet-arg a=b ".repeat(5_000)}`)}${"k3s server --a\n".repeat(60)}`);
  k3sStartFormat.recognises("a.service", `k3s server ${"ExecStart=k3s \\\n".repeat(20_000)}`);
  expect(threadMs() - started).toBeLessThan(2_500);
});
