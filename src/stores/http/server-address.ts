import { RingwallError } from "../../lib/error.ts";
import { isLocalhost } from "../../lib/own-address.ts";

/**
 * The address of a server that is given secrets: `https`, or `http` on this machine itself. Throws `invalid` for any
 * other, and for one with a user, a query or a fragment in it. `called` names the server in sentences.
 */
export function serverAddress(text: string, called: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new RingwallError("invalid", `The address of ${called} is no URL.`, {
      hint: "Expected something like https://secrets.example.org:8200.",
    });
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new RingwallError("invalid", `The address of ${called} holds more than a host, a port and a path.`, {
      hint: "Credentials belong into files that the declaration names, never into an address.",
    });
  }
  if (url.protocol === "https:" || (url.protocol === "http:" && isLocalhost(url.hostname))) return url;
  throw new RingwallError(
    "invalid",
    `${called} is to be asked over ${url.protocol.slice(0, -1)}, which anybody on the way can read.`,
    {
      hint: "Use https, with `ca` for a certificate authority of your own; http is taken on this machine alone.",
    },
  );
}
