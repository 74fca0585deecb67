import { z } from 'zod'
import { PoolRole } from './fleet.ts'
import { RegionName, StampId } from './ids.ts'
import { Figures } from './plan.ts'

export const PoolVerdict = z.enum(['cool', 'warm', 'hot', 'insufficient-data'])
export type PoolVerdict = z.infer<typeof PoolVerdict>

/** One customer's share of a pool's load and of its variance, 0..1. */
export const Dominance = z.object({ customer: z.string(), loadShare: z.number(), varianceShare: z.number() })
export type Dominance = z.infer<typeof Dominance>

/** What a scan says of one pool. `byAverage` and `byMax` are what these figures would have decided alone. */
export const PoolScan = z.object({
  stamp: StampId,
  pool: PoolRole,
  figures: Figures,
  coverage: z.object({ expectedBins: z.int(), presentBins: z.int() }),
  window: z.object({ startMs: z.number(), endMs: z.number(), binMs: z.number() }).nullable(),
  verdict: PoolVerdict,
  byAverage: PoolVerdict,
  byMax: PoolVerdict,
  dominatedBy: Dominance.nullable(),
  /** The verdict in a plain sentence, with its numbers. */
  words: z.string().optional(),
})
export type PoolScan = z.infer<typeof PoolScan>

/** One look at a region. `needsAction` names the stamps that need something, with why. */
export const Scan = z.object({
  region: RegionName,
  atMs: z.int(),
  pools: z.array(PoolScan),
  needsAction: z.array(z.object({ stamp: StampId, rule: z.enum(['hot', 'dominated']), detail: z.string() })),
})
export type Scan = z.infer<typeof Scan>
