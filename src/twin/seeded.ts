/** A pure function of a seed and up to three whole numbers to [0, 1): the twin's only source of chance. */
export function unitAt(seed: number, a: number, b = 0, c = 0): number {
  return hashAt(seed, a, b, c) / 0x1_0000_0000
}

/** As `unitAt`, close to normal with mean 0 and standard deviation 1, within +-3.5. */
export function normalAt(seed: number, a: number, b = 0, c = 0): number {
  const bits = hashAt(seed, a, b, c)
  const sum = (bits & 0xff) + ((bits >>> 8) & 0xff) + ((bits >>> 16) & 0xff) + (bits >>> 24)
  // Four bytes together have mean 510 and variance 4 (256^2 - 1) / 12.
  return (sum - 510) / 147.8
}

/** A whole number that stands for a text (FNV-1a). */
export function numberOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

function hashAt(seed: number, a: number, b: number, c: number): number {
  let hash = mix(Math.imul(seed, 0x9e3779b1) ^ 0x85ebca6b)
  hash = mix(hash ^ Math.imul(a | 0, 0xc2b2ae35))
  hash = mix(hash ^ Math.imul(b | 0, 0x27d4eb2f))
  return mix(hash ^ Math.imul(c | 0, 0x165667b1)) >>> 0
}

/** The finalizer of MurmurHash3, 32 bit. */
function mix(value: number): number {
  let hash = value
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
