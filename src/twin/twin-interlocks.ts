import type { Interlocks } from '../ports/interlocks.ts'
import type { Region } from './region.ts'

/** The interlocks that were injected into the simulated region. */
export function twinInterlocks(region: Region): Interlocks {
  return {
    between: async ({ region: name, fromMs, toMs }) =>
      region.faults.flatMap(({ fault }) => {
        if (fault.kind !== 'interlock' || fault.interlock.region !== name) return []
        const { interlock } = fault
        const overlaps =
          interlock.fromMs <= toMs && (interlock.untilMs === null || interlock.untilMs > fromMs)
        return overlaps ? [interlock] : []
      }),
  }
}
