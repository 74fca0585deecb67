const SURROGATES_FROM = 0xd800
const ABOVE_SURROGATES = 0xe000

/** Compares two names by code points. The language's own `<` goes by UTF-16 units, which differs above U+FFFF. */
export function compareCodePoints(a: string, b: string): number {
  const shared = Math.min(a.length, b.length)
  for (let at = 0; at < shared; at += 1) {
    const left = a.charCodeAt(at)
    const right = b.charCodeAt(at)
    if (left !== right) return weight(left) - weight(right)
  }
  return a.length - b.length
}

// A surrogate stands for a code point above all that fit in one unit, so it must sort behind these.
function weight(unit: number): number {
  return unit >= SURROGATES_FROM && unit < ABOVE_SURROGATES ? unit + 0x10000 : unit
}
