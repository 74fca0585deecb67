import { expectedOf } from '../domain/baseline.ts'
import { type Comparison, MOVED } from '../domain/comparison.ts'
import { BLOCK_MS, blocksOf, type Span } from '../domain/outcome-blocks.ts'
import type { MoveRecord } from '../domain/run.ts'
import type { RegionLoad } from '../domain/series.ts'
import type { ServedErrors } from '../domain/served-errors.ts'
import type { Ports } from '../ports/ports.ts'
import { everyValue } from '../ports/records.ts'

/** A look at a batch: `load` is the region's from the end of the batch's moves up to the look. */
interface SeenLoad {
  readonly region: string
  readonly comparison: Comparison
  readonly load: RegionLoad
  readonly voids: readonly Span[]
  readonly atMs: number
}

/**
 * Counts how many requests of a batch's moved registries failed since the first of them began to move, beside as many as were
 * to be expected. Undefined where nobody measures errors, or where there is no past to expect anything from.
 */
export async function servedErrors(ports: Ports, look: SeenLoad): Promise<ServedErrors | undefined> {
  const { region, comparison, load, voids, atMs } = look
  const { sinceMs, moved, groups, controls } = comparison
  const baseline = groups
    .find(({ subject }) => subject === MOVED)
    ?.baselines.find(({ measure }) => measure === 'errors')?.baseline
  const measured = moved.filter((name) => load.series.some((one) => one.registry === name && one.errors))
  const fromMs = baseline && measured.length > 0 ? await begunMs(ports, comparison) : undefined
  if (!baseline || fromMs === undefined) return undefined
  // Up to where the first whole block of the later load begins, so that none is counted twice or lost between the two.
  const blockMs = Math.max(BLOCK_MS, load.binMs)
  const toMs = Math.min(atMs, Math.ceil(sinceMs / blockMs) * blockMs)
  const during = await ports.metrics.load({ region, fromMs, toMs })
  const served = { fromMs, toMs: atMs, moves: measured.length, requests: 0, errors: 0, expected: 0 }
  for (const span of [during, load]) {
    const now = blocksOf(span, new Set(measured), 'errors', voids)
    if (!now) continue
    const unmoved = blocksOf(span, new Set(controls), 'errors', voids)
    for (const [at, block] of expectedOf(now, unmoved, { ...baseline, floor: 0 }).entries()) {
      if (!block) continue
      served.requests += now.of[at] ?? 0
      served.errors += block.count
      served.expected += block.expected
    }
  }
  return served.requests > 0 ? served : undefined
}

/** When the first of a batch's moves began that this look is about; undefined where none is on record. */
async function begunMs({ records }: Ports, { planId, gate, moved }: Comparison): Promise<number | undefined> {
  const moves = await everyValue(records, 'moves', `${planId}/`)
  const latest = new Map<string, MoveRecord>()
  for (const move of moves)
    if (move.direction === 'forward' && move.gate === gate) latest.set(move.replica, move)
  const begun = [...latest.values()].flatMap(({ replica, begunMs: atMs }) =>
    moved.some((name) => replica.startsWith(`${name}@`)) && atMs !== undefined ? [atMs] : [],
  )
  return begun.length === 0 ? undefined : Math.min(...begun)
}
