import { describe, expect, it } from "vitest";
import { serviceIn, stackFrom } from "../testing/stack.ts";

describe("node-exporter", () => {
  const stack = stackFrom("name: shop\nservices: { node: { use: node-exporter } }\n");
  const node = serviceIn(stack, "node");

  // covers: W6 | compose
  it("sees the host's root read-only, and the exception is recorded", () => {
    expect(node.hostMounts).toMatchObject([{ source: "/", target: "/host", readOnly: true, propagation: "rslave" }]);
    expect(node.command).toContain("--path.rootfs=/host");
    expect(stack.exceptions).toMatchObject([{ control: "workload.host-paths-unmounted", subject: "node" }]);
  });

  it("measures nothing that would be the container's own and not the host's", () => {
    for (const collector of ["netdev", "netstat", "sockstat"])
      expect(node.command).toContain(`--no-collector.${collector}`);
    expect(node.gaps.join()).toContain("does not see the host's network interfaces");
  });
});
