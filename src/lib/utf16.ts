/** How much of a text is looked at. */
const looked = 512;
/** Fewer bytes without a mark say nothing. */
const fewest = 16;

/**
 * Whether bytes are text as Windows programs save it under the name "Unicode": a byte order mark of UTF-16, or, without
 * one, zeros in nearly every second byte and nowhere else, as letters of the Latin alphabet have them.
 */
export function isUtf16(bytes: Uint8Array): boolean {
  if (bytes.length < 2 || bytes.length % 2 !== 0) return false;
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  const head = bytes.subarray(0, looked);
  return bytes.length >= fewest && mostlyZeros(head, 0) !== mostlyZeros(head, 1);
}

function mostlyZeros(bytes: Uint8Array, from: 0 | 1): boolean {
  let zeros = 0;
  for (let at = from; at < bytes.length; at += 2) {
    if (bytes[at] === 0) zeros++;
    // A zero beside a zero is no letter of either order.
    if (bytes[at] === 0 && bytes[at ^ 1] === 0) return false;
  }
  return zeros * 2 > bytes.length * 0.9;
}
