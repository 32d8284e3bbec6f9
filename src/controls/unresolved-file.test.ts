import { expect, test } from "vitest";
import { systemsOf } from "../platforms/testing/systems-of.ts";
import { evaluate } from "./evaluate.ts";
import { allControls } from "./registry.ts";

function unknownsOf(files: Readonly<Record<string, string>>) {
  const options = { today: new Date("2026-03-01"), profile: "homelab", ownStack: false } as const;
  return evaluate(systemsOf(files), allControls, options).findings.filter(({ verdict }) => verdict === "unknown");
}

const sshd = "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin no\nX11Forwarding no\n";

// covers: A9 G2 | files | real: the sshd_config that Debian installs
test("What an sshd_config includes and is not there is told once, for all that hangs on it.", () => {
  const unknowns = unknownsOf({ sshd_config: `Include /etc/ssh/sshd_config.d/*.conf\n${sshd}` });
  expect(unknowns.map(({ control, severity, subject, message }) => [control, severity, subject.name, message])).toEqual(
    [
      [
        "governance.service-resolved",
        "info",
        "sshd_config",
        expect.stringMatching(
          /^\d+ checks cannot be told: `\/etc\/ssh\/sshd_config\.d\/\*\.conf` is included and is not in this/,
        ),
      ],
    ],
  );
  expect(unknowns[0]?.includes?.map(({ control }) => control)).toEqual(
    expect.arrayContaining(["identity.ssh-keys-only", "identity.ssh-root-refused", "identity.ssh-users-named"]),
  );
});

// covers: G2 P6 | compose
test("A middleware that is not seen is one remark, though two facts of its route hang on it.", () => {
  const unknowns = unknownsOf({
    "compose.yaml": `services:
  traefik:
    image: traefik:v3.5.1
    command: [--providers.docker=true, --providers.docker.exposedbydefault=false, --entrypoints.web.address=:80]
    ports: ["80:80"]
  app:
    image: ghcr.io/example/app:1.2.3
    labels:
      traefik.enable: "true"
      traefik.http.routers.a.rule: Host(\`a.example.org\`)
      traefik.http.routers.a.middlewares: chain@file
`,
  }).filter(({ subject }) => subject.name.includes("a.example.org") || subject.name === "app");
  expect(unknowns.map(({ severity, message }) => [severity, message])).toEqual([
    ["info", "2 checks cannot be told: the middleware `chain@file` is defined nowhere in this folder"],
  ]);
});

test("A value that is filled in is told by itself, and what is whole is not told at all.", () => {
  expect(unknownsOf({ sshd_config: `PermitTunnel {{ tunnel }}\n${sshd}` }).map(({ control }) => control)).toEqual([
    "identity.ssh-sessions-confined",
  ]);
  expect(unknownsOf({ sshd_config: sshd })).toEqual([]);
});

const site = `server {
  listen 443 ssl;
  server_name sonarr.*;
  include /config/nginx/ssl.conf;
  location / {
    include /config/nginx/proxy.conf;
    set $upstream_app sonarr;
    proxy_pass http://$upstream_app:8989;
  }
}
`;

// covers: G2 | files | real: a proxy-conf of linuxserver's SWAG
test("A site of a proxy that stands alone is told once for each file that it includes, and not as a grave one.", () => {
  const unknowns = unknownsOf({ "nginx/proxy-confs/sonarr.subdomain.conf": site });
  expect(unknowns.map(({ control, severity }) => [control, severity])).toEqual([
    ["governance.service-resolved", "medium"],
    ["governance.service-resolved", "info"],
  ]);
  expect(unknowns[0]?.message).toMatch(/`\/config\/nginx\/ssl\.conf` is not in this folder$/);
  expect(unknowns[0]?.severityWhy).toMatch(/no service here is seen to use the file/);
});
