/** Which form a file has, told by what its program goes by: the name in the container, or the text; never the name on the host. */
import { describe, expect, test } from "vitest";
import { door, type Files, frps, told } from "../../test/support/programs-with-files.ts";

const program = (image: string, volumes: readonly string[], files: Files, more = ""): Files => ({
  "compose.yaml": `services:\n  app:\n    image: ${image}\n    ports: ["80:80", "7000:7000", "8080:8080"]\n    volumes: [${volumes
    .map((volume) => `"${volume}"`)
    .join(", ")}]\n${more}`,
  ...files,
});

// covers: A3 N6 | compose
describe("frp goes by the text", () => {
  const toml = "bindPort = 7000\n";
  const ini = "[common]\nbind_port = 7000\n";
  test.each([
    ["TOML of a name without an ending", "./frps", "/etc/frp/frps.toml", toml],
    ["TOML of another ending", "./frps.conf", "/etc/frp/frps.toml", toml],
    ["TOML under YAML's", "./frps.yaml", "/etc/frp/frps.toml", `# of the server\n\n${toml}`],
    [
      "TOML with a table first",
      "./frps",
      "/etc/frp/frps.toml",
      '[webServer]\naddr = "127.0.0.1"\n[log]\nbindPort = 7000\n',
    ],
    ["YAML of a name without an ending", "./frps", "/etc/frp/frps.yaml", "bindPort: 7000\n"],
    ["JSON under YAML's", "./frps", "/etc/frp/frps.yaml", '{"bindPort": 7000}\n'],
    ["the form before 0.52", "./frps", "/etc/frp/frps.ini", ini],
    ["the form before 0.52 under TOML's", "./frps.toml", "/etc/frp/frps.ini", ini],
  ])("%s is read.", (_, host, inside, text) => {
    const files = program(frps("").image, [`${host}:${inside}:ro`], { [host.slice(2)]: text });
    expect(told(files, door)).toMatch(/^\w+: /);
  });

  test("A token is seen in a file without an ending.", () => {
    const text = 'bindPort = 7000\nauth.token = "dKw92-Mx71-pQ55-zR08"\n';
    expect(told(program(frps("").image, ["./frps:/etc/frp/frps.toml:ro"], { frps: text }))).toBeUndefined();
  });
});

// covers: A3 N6 | compose
describe("Traefik goes by the name in the container", () => {
  const image = "traefik:v3.5";
  const insecure = "[api]\n  insecure = true\n[entryPoints.web]\n  address = ':80'\n";

  test.each(["./traefik", "./traefik.conf", "./traefik.yml"])("its static file from %s is read as TOML.", (host) => {
    const files = program(image, [`${host}:/etc/traefik/traefik.toml:ro`], { [host.slice(2)]: insecure });
    expect(told(files, "identity.proxy-admin-closed")).toMatch(/^\w+: /);
  });

  test("a file that its file provider names is read as TOML.", () => {
    const files = program(
      image,
      ["./traefik.yml:/etc/traefik/traefik.yml:ro", "./dynamic:/etc/traefik/dynamic.toml:ro"],
      {
        "traefik.yml":
          "entryPoints: {web: {address: ':80'}}\nproviders: {file: {filename: /etc/traefik/dynamic.toml}}\n",
        dynamic:
          "[http.routers.web]\n  rule = 'Host(`t.example.org`)'\n  service = 'web'\n[[http.services.web.loadBalancer.servers]]\n  url = 'http://app:8080'\n",
      },
    );
    expect(told(files, "edge.route-encrypted")).toMatch(/^\w+: /);
  });
});

// covers: A3 N6 | compose
describe("OAuth2 Proxy goes by the option", () => {
  test.each(["./oauth2-proxy", "./oauth2-proxy.yaml"])("its file from %s is read as TOML.", (host) => {
    const text = 'email_domains = ["*"]\nprovider = "google"\ncookie_secret = "c"\nskip_auth_routes = [".*"]\n';
    const more = "    command: [--config=/etc/oauth2-proxy.cfg]\n";
    const volume = `${host}:/etc/oauth2-proxy.cfg:ro`;
    const files = program("quay.io/oauth2-proxy/oauth2-proxy:v7.12.0", [volume], { [host.slice(2)]: text }, more);
    expect(told(files)).toMatch(/^\w+: /);
  });
});
