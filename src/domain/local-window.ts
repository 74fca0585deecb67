import type { Window } from './hot-series.ts'
import { findPeakWindow } from './peak-window.ts'
import type { Policy } from './policy.ts'
import type { CpuSamples } from './series.ts'
import { lastLocalStart } from './zone.ts'

const HOUR_MS = 3_600_000

/** What of a policy decides where a pool's peak window lies. */
export type PeakRule = Pick<Policy, 'peakHours' | 'minCoverage' | 'peakStart' | 'peakZone'>

/**
 * A pool's peak window at `nowMs`: given by the policy as a local start time and zone, or else found in the last 24 h.
 * Null where none is found that has the minimum coverage; a given one is what it is.
 */
export function peakWindowOf(
  samples: CpuSamples,
  rule: PeakRule,
  at: { readonly binMs: number; readonly nowMs: number },
): Window | null {
  const { peakHours: hours, minCoverage, peakStart, peakZone } = rule
  if (peakStart === undefined) return findPeakWindow(samples, { hours, minCoverage, ...at })
  const startMs = lastLocalStart(peakStart, peakZone ?? 'UTC', at.nowMs - hours * HOUR_MS)
  // A start between two bins belongs to the bin that it lies in (R2).
  const binnedMs = Math.floor(startMs / at.binMs) * at.binMs
  return { startMs: binnedMs, endMs: binnedMs + hours * HOUR_MS, binMs: at.binMs }
}
