import { existsSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { allControls } from "../controls/registry.ts";
import { componentNames } from "../stack/vocabulary.ts";
import { components } from "./registry.ts";
import { isContained } from "./testing/contained.ts";
import { serviceIn, stackFrom } from "./testing/stack.ts";

const folder = new URL("./", import.meta.url);

describe("the components", () => {
  it("are exactly the folders on disk and the names of the declaration", () => {
    const folders = readdirSync(folder, { withFileTypes: true }).filter(
      (entry) => entry.isDirectory() && entry.name !== "testing",
    );
    const names = components.map((component) => component.name).sort();
    expect(names).toEqual(folders.map((entry) => entry.name).sort());
    expect(names).toEqual([...componentNames].sort());
  });

  it.each(components.map((component) => [component.name, component] as const))(
    "%s keeps the contract",
    (name, component) => {
      expect(existsSync(new URL(`${name}/index.ts`, folder))).toBe(true);
      const { image } = component;
      expect(image.repository).toMatch(/^[a-z0-9.-]+\.[a-z]+\//);
      expect(image.tag).not.toBe("latest");
      expect(image.tag).toMatch(/\d/);
      expect(image.uid).toBeGreaterThan(0);
      expect(image.gid).toBeGreaterThan(0);
      expect(image.health.length).toBeGreaterThan(0);
      expect(image.citation, "an upstream file at a commit").toMatch(/\b[0-9a-f]{40}\b/);
      if (image.capabilities.length > 0) expect(image.capabilitiesReason.length).toBeGreaterThan(20);
      for (const mount of component.hostMounts) expect(mount.reason.length).toBeGreaterThan(20);
      const ids = new Set(allControls.map((control) => control.id));
      for (const exception of component.exceptions) expect(ids, exception.control).toContain(exception.control);
      if (component.scrape !== undefined)
        expect(component.ports.map((port) => port.port)).toContain(component.scrape.port);
      expect(component.settings.safeParse({}).success, "settings may be left out").toBe(true);
      expect(component.settings.safeParse({ unknownSetting: 1 }).success, "an unknown setting is a mistake").toBe(
        false,
      );
    },
  );

  it.each(components.map((component) => [component.name, component] as const))(
    "%s renders the same bytes twice, uses every secret it asks for, and keeps within what it may write",
    (name, component) => {
      const text = `name: shop\nzones: { a: { purpose: x, outside: ingress } }\nservices: { it: { use: ${name}, zone: a } }\n`;
      const [one, two] = [serviceIn(stackFrom(text), "it"), serviceIn(stackFrom(text), "it")];
      expect(one.config).toEqual(two.config);
      expect(one.command).toEqual(two.command);
      const said = JSON.stringify([one.config.map((file) => file.content), one.command, one.environment]);
      for (const use of one.secrets) {
        expect(use.delivery, "as a file").toBe("file");
        expect(use.mode).toBe(0o400);
        expect([use.uid, use.gid]).toEqual([component.image.uid, component.image.gid]);
        expect(said, `${use.target} is read by something`).toContain(use.target);
      }
      for (const file of one.config) {
        expect(file.path).toBe(`config/it${file.target}`);
        expect(
          isContained(
            file.target,
            one.volumes.map((volume) => volume.target),
          ),
          `${file.target} in no volume`,
        ).toBe(false);
      }
    },
  );
});
