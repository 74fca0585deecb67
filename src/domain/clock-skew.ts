/** Shifts that are looked at, bins each way; fewer than two bins are the time that work takes. */
const SHIFT_MAX = 30
const SHIFT_MIN = 2
/** Load that goes with CPU so well as it stands is on one clock with it. */
const AGREES_FROM = 0.5
/** Shifted it must agree at least so well to be called late or early. */
const SHIFTED_FROM = 0.8

/**
 * By how many bins load runs behind CPU (negative: ahead of it), where they agree badly as they stand and well when
 * shifted; 0 where nothing speaks for wrong clocks. Both over the same bins, NaN is missing.
 */
export function clockSkew(load: Float64Array, cpu: Float64Array): number {
  if (correlation(load, cpu, 0) >= AGREES_FROM) return 0
  let best = { shift: 0, agrees: 0 }
  for (let shift = -SHIFT_MAX; shift <= SHIFT_MAX; shift += 1) {
    const agrees = correlation(load, cpu, shift)
    if (agrees > best.agrees) best = { shift, agrees }
  }
  return Math.abs(best.shift) >= SHIFT_MIN && best.agrees >= SHIFTED_FROM ? best.shift : 0
}

/** Of load `shift` bins later with CPU; 0 where either does not change. */
function correlation(load: Float64Array, cpu: Float64Array, shift: number): number {
  const s = { n: 0, x: 0, y: 0, xx: 0, yy: 0, xy: 0 }
  for (let bin = Math.max(0, -shift); bin < Math.min(cpu.length, cpu.length - shift); bin += 1) {
    const [x, y] = [load[bin + shift] ?? Number.NaN, cpu[bin] ?? Number.NaN]
    if (Number.isNaN(x + y)) continue
    s.n += 1
    s.x += x
    s.y += y
    s.xx += x * x
    s.yy += y * y
    s.xy += x * y
  }
  const [spreadX, spreadY] = [s.n * s.xx - s.x * s.x, s.n * s.yy - s.y * s.y]
  if (!(spreadX > 1e-9 * s.n * s.xx && spreadY > 1e-9 * s.n * s.yy)) return 0
  return (s.n * s.xy - s.x * s.y) / Math.sqrt(spreadX * spreadY)
}
