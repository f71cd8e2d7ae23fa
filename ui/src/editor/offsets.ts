// Offsets: Unicode scalar values on the wire, UTF-16 units in CodeMirror. Converts at the edge, a row
// at a time. Knows nothing of rows or documents.

const SURROGATE = /[\ud800-\udfff]/;

/** How many scalar values `text` has. */
export function pointsIn(text: string): number {
  return SURROGATE.test(text) ? pointsAt(text, text.length) : text.length;
}

/** Scalar values before UTF-16 unit `unit`; a unit inside a pair counts as before the pair. */
export function pointsAt(text: string, unit: number): number {
  const end = Math.min(unit, text.length);
  let points = 0;
  for (let at = 0; at < end; points++) {
    const width = pairAt(text, at) ? 2 : 1;
    if (at + width > end) break;
    at += width;
  }
  return points;
}

/** The UTF-16 unit of scalar value `point`; the text's end when there are not so many. */
export function unitAt(text: string, point: number): number {
  if (!SURROGATE.test(text)) return Math.min(point, text.length);
  let at = 0;
  for (let left = point; left > 0 && at < text.length; left--) at += pairAt(text, at) ? 2 : 1;
  return at;
}

/** Whether `unit` stands between the two halves of one character. */
export function splitsPair(text: string, unit: number): boolean {
  return unit > 0 && unit < text.length && pairAt(text, unit - 1);
}

/** `text` with `remove` scalar values behind `at` replaced by `insert`. */
export function splice(text: string, at: number, remove: number, insert: string): string {
  const from = unitAt(text, at);
  const to = remove === 0 ? from : from + unitAt(text.slice(from), remove);
  return text.slice(0, from) + insert + text.slice(to);
}

/** The smallest single replacement that turns one text into another, in UTF-16 units. */
export function difference(
  before: string,
  after: string,
): { readonly from: number; readonly to: number; readonly insert: string } {
  const shortest = Math.min(before.length, after.length);
  let start = 0;
  while (start < shortest && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  if (splitsPair(before, start) || splitsPair(after, start)) start--;
  let end = 0;
  while (
    end < shortest - start &&
    before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end)
  )
    end++;
  if (splitsPair(before, before.length - end) || splitsPair(after, after.length - end)) end--;
  return { from: start, to: before.length - end, insert: after.slice(start, after.length - end) };
}

function pairAt(text: string, unit: number): boolean {
  const high = text.charCodeAt(unit);
  if (high < 0xd800 || high > 0xdbff) return false;
  const low = text.charCodeAt(unit + 1);
  return low >= 0xdc00 && low <= 0xdfff;
}
