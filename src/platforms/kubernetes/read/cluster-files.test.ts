import { expect, test, vi } from "vitest";
import { manifestsOf } from "../testing/manifests.ts";
import { clusterFiles, unreadFiles } from "./cluster-files.ts";
import { ClusterContext } from "./context.ts";

function files(text: string) {
  const context = new ClusterContext(manifestsOf(text), "cluster", "written");
  return clusterFiles(context).map(
    ({ name, key, mounts }) => `${name}/${key}: ${mounts.map(({ path }) => path).join(", ")}`,
  );
}

const map =
  "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: caddy, namespace: edge}\ndata: {Caddyfile: ':80', extra.conf: x}\n";

function pod(volumes: string, mounts: string): string {
  return `${map}---\napiVersion: v1\nkind: Pod\nmetadata: {name: caddy, namespace: edge}\nspec: {volumes: [${volumes}], containers: [{name: main, image: caddy, volumeMounts: [${mounts}]}]}\n`;
}

test("Files of a ConfigMap lie where a volume of it is mounted.", () => {
  expect(files(pod("{name: c, configMap: {name: caddy}}", "{name: c, mountPath: /etc/caddy}"))).toEqual([
    "caddy/Caddyfile: /etc/caddy/Caddyfile",
    "caddy/extra.conf: /etc/caddy/extra.conf",
  ]);
});

test("One file of it may be mounted alone, or under another name.", () => {
  expect(
    files(pod("{name: c, configMap: {name: caddy}}", "{name: c, mountPath: /etc/caddy/Caddyfile, subPath: Caddyfile}")),
  ).toEqual(["caddy/Caddyfile: /etc/caddy/Caddyfile"]);
  expect(
    files(
      pod(
        "{name: c, configMap: {name: caddy, items: [{key: extra.conf, path: sites/a}]}}",
        "{name: c, mountPath: /etc/caddy/}",
      ),
    ),
  ).toEqual(["caddy/extra.conf: /etc/caddy/sites/a"]);
});

test("A projected volume brings those of several, and a ConfigMap that nothing mounts is seen nowhere.", () => {
  expect(
    files(
      pod(
        "{name: c, projected: {sources: [{configMap: {name: caddy, items: [{key: Caddyfile, path: Caddyfile}]}}]}}",
        "{name: c, mountPath: /etc/caddy}",
      ),
    ),
  ).toEqual(["caddy/Caddyfile: /etc/caddy/Caddyfile"]);
  expect(files(map)).toEqual(["caddy/Caddyfile: ", "caddy/extra.conf: "]);
});

test("What stands as base64 is decoded once for a cluster, however often its files are asked for.", () => {
  const text =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: caddy}\nbinaryData: {Caddyfile: OjgwCg==, logo: /w==}\n";
  const context = new ClusterContext(manifestsOf(text), "cluster", "written");
  const decoded = vi.spyOn(Buffer, "from");
  try {
    for (let times = 0; times < 3; times++) {
      expect(clusterFiles(context).map(({ key }) => key)).toEqual(["Caddyfile"]);
      expect(unreadFiles(context).map(({ key }) => key)).toEqual(["logo"]);
    }
    expect(decoded.mock.calls.filter((call: readonly unknown[]) => call[1] === "base64")).toHaveLength(2);
  } finally {
    decoded.mockRestore();
  }
});
