import { boolean, failing, type HclValue, list, text } from "../value/value.ts";
import { type Arguments, type HclFunctions, total } from "./define.ts";
import { formatAddress, type Network, parseAddress, parseNetwork } from "./network-address.ts";

function withNetwork(given: Arguments, make: (network: Network) => string | undefined): HclValue {
  const network = parseNetwork(given.text(0));
  if (network === undefined) return failing("the text is no network such as 10.0.0.0/24", given.place);
  const made = make(network);
  return made === undefined
    ? failing("there is no such address or network in it", given.place)
    : text(made, given.place);
}

/** The network with some more bits, the `number`-th of them. */
function subnet({ address, prefix, bits }: Network, newBits: number, number: bigint): string | undefined {
  const length = prefix + newBits;
  if (length > bits || newBits < 0 || number < 0n || number >> BigInt(newBits) !== 0n) return undefined;
  return `${formatAddress(address | (number << BigInt(bits - length)), bits)}/${length}`;
}

function host({ address, prefix, bits }: Network, number: bigint): string | undefined {
  const size = 1n << BigInt(bits - prefix);
  const offset = number < 0n ? size + number : number;
  return offset < 0n || offset >= size ? undefined : formatAddress(address | offset, bits);
}

function subnets(given: Arguments): HclValue {
  const network = parseNetwork(given.text(0));
  if (network === undefined) return failing("the text is no network such as 10.0.0.0/24", given.place);
  const made: HclValue[] = [];
  let next = network.address;
  const end = network.address + (1n << BigInt(network.bits - network.prefix));
  for (let at = 1; at < given.count; at++) {
    const length = network.prefix + given.number(at);
    if (length > network.bits || given.number(at) < 1) return failing("there is no such network in it", given.place);
    const size = 1n << BigInt(network.bits - length);
    const start = ((next + size - 1n) / size) * size;
    if (start + size > end) return failing("the networks do not fit", given.place);
    made.push(text(`${formatAddress(start, network.bits)}/${length}`, given.place));
    next = start + size;
  }
  return list(made, given.place);
}

function contains(given: Arguments): HclValue {
  const network = parseNetwork(given.text(0));
  const inner = parseNetwork(given.text(1)) ?? single(given.text(1));
  if (network === undefined || inner === undefined) return failing("the text is no address", given.place);
  const shift = BigInt(network.bits - network.prefix);
  const within = network.bits === inner.bits && network.prefix <= inner.prefix;
  return boolean(within && inner.address >> shift === network.address >> shift, given.place);
}

function single(written: string): Network | undefined {
  const parsed = parseAddress(written);
  return parsed === undefined ? undefined : { ...parsed, prefix: parsed.bits };
}

function whole(value: number): bigint {
  return BigInt(Math.trunc(value));
}

export const addressFunctions: HclFunctions = {
  cidrcontains: total({ takes: ["text", "text"] }, contains),
  cidrhost: total({ takes: ["text", "number"] }, (given) =>
    withNetwork(given, (network) => host(network, whole(given.number(1)))),
  ),
  cidrnetmask: total({ takes: ["text"] }, (given) =>
    withNetwork(given, ({ prefix, bits }) =>
      bits === 32 ? formatAddress(((1n << 32n) - 1n) ^ ((1n << BigInt(32 - prefix)) - 1n), 32) : undefined,
    ),
  ),
  cidrsubnet: total({ takes: ["text", "number", "number"] }, (given) =>
    withNetwork(given, (network) => subnet(network, given.number(1), whole(given.number(2)))),
  ),
  cidrsubnets: total({ takes: ["text"], rest: "number" }, subnets),
};
