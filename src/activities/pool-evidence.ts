import type { Stamp } from '../domain/fleet.ts'
import { hotSeries, percentile } from '../domain/hot-node.ts'
import type { Span } from '../domain/outcome-blocks.ts'
import { isVoid } from '../domain/outcome-blocks.ts'
import type { PoolEvidence } from '../domain/outcome-guard.ts'
import type { Lowering, Move, Plan } from '../domain/plan.ts'
import type { Policy } from '../domain/policy.ts'
import type { Ports } from '../ports/ports.ts'
import { binnedWindow, type PoolKey, signalsOver } from '../queries/telemetry.ts'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
/** Hot minutes are judged in spans of so long, each anew; so much CPU a look reads. */
const SPAN_MS = 6 * 3_600_000
/**
 * A source that heats by more points than this, to the target or beyond, is worse off. Below the target it may well
 * heat: autoscale takes nodes away once load has left.
 */
const SOURCE_POINTS_MAX = 10

interface PoolLook {
  readonly plan: Plan
  readonly moves: readonly Move[]
  readonly lowerings: readonly Lowering[]
  readonly sinceMs: number
  readonly atMs: number
  readonly windowMs: number
  readonly runStartedMs: number
  readonly voids: readonly Span[]
}

/** What the nodes of source and destination show, and what they must stay below. */
export async function poolEvidence(ports: Ports, look: PoolLook): Promise<PoolEvidence[]> {
  const { plan, moves, lowerings, sinceMs, atMs } = look
  // A gap is made up for by observing longer: only as much as the policy wants has to be there at a stretch.
  const now = { startMs: Math.max(sinceMs, atMs - Math.min(SPAN_MS, look.windowMs)), endMs: atMs }
  const shiftMs = Math.ceil((atMs - look.runStartedMs) / DAY_MS) * DAY_MS
  const past = { startMs: now.startMs - shiftMs, endMs: now.endMs - shiftMs }
  const stamps = (await ports.catalog.fleet()).regions.find(({ name }) => name === plan.region)?.stamps ?? []
  const heated = await heatedByRole(ports, untouched(plan, stamps), { now, past, policy: plan.policy })
  const evidence: PoolEvidence[] = []
  for (const stamp of stamps) {
    const isSource = moves.some(({ from }) => from === stamp.id)
    const isDestination = moves.some(({ to }) => to === stamp.id)
    const lowered = lowerings.filter((one) => one.stamp === stamp.id)
    const touched = stamp.pools.filter(({ role }) => lowered.some(({ pool }) => pool === role))
    for (const { role } of isSource || isDestination ? stamp.pools : touched) {
      const pool = { stamp: stamp.id, role }
      const pastHotNodeP95 = await hotNodeP95(ports, pool, past, plan.policy)
      const controlsHeatedBy = heated.get(role) ?? null
      const limit = isDestination
        ? destinationLimit(plan, stamp.id, role)
        : lowered.length > 0
          ? loweredLimit(plan)
          : sourceLimit(plan, pastHotNodeP95, controlsHeatedBy)
      evidence.push({
        ...(await hotMinutes(ports, pool, now, look)),
        ...limit,
        pastHotNodeP95,
        controlsHeatedBy,
      })
    }
  }
  return evidence
}

/** Stamps that the plan neither takes from nor gives to, and lowers no minimum of. */
function untouched(plan: Plan, stamps: readonly Stamp[]): Stamp[] {
  const lowered = (plan.lowerings ?? []).map(({ stamp }) => stamp)
  const touched = new Set<string>([...plan.moves.flatMap((move) => [move.from, move.to]), ...lowered])
  return stamps.filter(({ id }) => !touched.has(id))
}

type Limit = Pick<PoolEvidence, 'limitPercent' | 'limitWords'>

/** A destination must stay below hot, and below its prediction's band as soon as that is at the target. */
function destinationLimit({ policy, pools }: Plan, stamp: string, role: string): Limit {
  const high = pools.find((pool) => pool.stamp === stamp && pool.pool === role)?.predicted.high
  const band = high === undefined ? policy.hotPercent : Math.max(policy.targetPercent, high)
  return band < policy.hotPercent
    ? { limitPercent: band, limitWords: 'above target and prediction from' }
    : { limitPercent: policy.hotPercent, limitWords: 'hot from' }
}

/** A source's load has left: it must not heat to the target, unless pools that nothing moved on heated as well. */
function sourceLimit({ policy }: Plan, before: number | null, controlsHeatedBy: number | null): Limit {
  if (before === null) return { limitPercent: policy.hotPercent, limitWords: 'hot from' }
  const heated = before + SOURCE_POINTS_MAX + Math.max(0, controlsHeatedBy ?? 0)
  const limitPercent = Math.max(policy.targetPercent, heated)
  return { limitPercent, limitWords: 'heated, though load has left it, beyond' }
}

/** A lowered pool was proven to stay at the target or below: above it the proof was wrong, whatever the reason. */
function loweredLimit({ policy }: Plan): Limit {
  return { limitPercent: policy.targetPercent, limitWords: 'with its minimum lowered above the target of' }
}

/** By how many points pools heated where nothing moved, by role: the median; roles that can't be compared are left out. */
async function heatedByRole(
  ports: Ports,
  stamps: readonly Stamp[],
  { now, past, policy }: { readonly now: Span; readonly past: Span; readonly policy: Policy },
): Promise<Map<string, number | null>> {
  const points = new Map<string, number[]>()
  for (const { id: stamp, pools } of stamps) {
    for (const { role } of pools) {
      const then = await hotNodeP95(ports, { stamp, role }, past, policy)
      const today = await hotNodeP95(ports, { stamp, role }, now, policy)
      if (then !== null && today !== null) points.set(role, [...(points.get(role) ?? []), today - then])
    }
  }
  return new Map([...points].map(([role, some]) => [role, percentile(Float64Array.from(some), 50)]))
}

/** Null unless the span has the coverage that a judgement needs. */
async function hotNodeP95(ports: Ports, pool: PoolKey, span: Span, policy: Policy): Promise<number | null> {
  const signals = await signalsOver(ports, pool, span, policy)
  return signals.status === 'ok' ? signals.hotNodeP95 : null
}

type Seen = Omit<PoolEvidence, keyof Limit | 'pastHotNodeP95' | 'controlsHeatedBy'>

async function hotMinutes(
  { metrics }: Ports,
  pool: PoolKey,
  span: Span,
  { sinceMs, voids }: PoolLook,
): Promise<Seen> {
  const samples = await metrics.cpu({ ...pool, fromMs: span.startMs, toMs: span.endMs })
  const window = binnedWindow(samples, span.startMs, span.endMs)
  const { startMs, endMs, binMs } = window
  const voidBins = Array.from({ length: (endMs - startMs) / binMs }, (_, at) =>
    isVoid(startMs + at * binMs, voids),
  )
  const hot = hotSeries(samples, window).hot.map((value, at) => (voidBins[at] ? Number.NaN : value))
  // Each span of hours is judged anew, so that the chance of a false alarm adds up to no more than is accounted for.
  const spanStartMs = sinceMs + Math.floor((span.endMs - sinceMs) / SPAN_MS) * SPAN_MS
  return {
    subject: `${pool.stamp} ${pool.role}`,
    hot,
    binMs,
    endMs,
    judgedFrom: Math.max(0, Math.floor((spanStartMs - startMs) / binMs)),
    hotNodeP95: hot.every(Number.isNaN) ? null : percentile(hot, 95),
    voidMinutes: (voidBins.filter(Boolean).length * binMs) / MINUTE_MS,
  }
}
