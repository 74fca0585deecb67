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
  /** The last day's hot-node P95, hour by hour, to be looked at; null is a missing hour. */
  hours: z.array(z.number().nullable()).optional(),
  /** The verdict in a plain sentence, with its numbers. */
  words: z.string().optional(),
})
export type PoolScan = z.infer<typeof PoolScan>

/** What telemetry shows of a stamp, or of one of its replicas, without any CPU. */
export const ReactiveRule = z.enum(['outage', 'errors', 'throttling', 'low-throughput'])
export const Reaction = z.object({
  stamp: StampId,
  registry: z.string().nullable(),
  rule: ReactiveRule,
  sinceMs: z.number(),
  /** Percent, or a count where there were none; and from where on the rule holds. */
  measured: z.number(),
  limit: z.number(),
  words: z.string(),
})
export type Reaction = z.infer<typeof Reaction>

/** Why a stamp needs something: what its nodes show, what its requests show, or what others told. */
export const NeedRule = z.enum(['hot', 'dominated', ...ReactiveRule.options, 'alert', 'customer-report'])
export type NeedRule = z.infer<typeof NeedRule>

export const Need = z.object({ stamp: StampId, rule: NeedRule, detail: z.string() })
export type Need = z.infer<typeof Need>

/** A signal of a pool that can't be judged by: what is missing, since when, and when there will be enough; null is unknown. */
export const Readiness = z.object({
  stamp: StampId,
  /** Null where the stamp as a whole is meant. */
  pool: PoolRole.nullable(),
  signal: z.enum(['node CPU', 'replica load', 'past load']),
  sinceMs: z.number().nullable(),
  readyMs: z.number().nullable(),
  words: z.string(),
})
export type Readiness = z.infer<typeof Readiness>

/** One look at a region. `needsAction` names the stamps that need something, with why. */
export const Scan = z.object({
  region: RegionName,
  atMs: z.int(),
  pools: z.array(PoolScan),
  needsAction: z.array(Need),
  reactions: z.array(Reaction).optional(),
  readiness: z.array(Readiness).optional(),
  /** Requests of the hour before the scan, and how many failed. */
  served: z.object({ requests: z.number(), errors: z.number() }).optional(),
  /** Stamps whose load of the last minutes is known: only these can be told to be fine. */
  heard: z.array(StampId).optional(),
})
export type Scan = z.infer<typeof Scan>
