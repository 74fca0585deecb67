import { expect, test } from 'vitest'
import { replicaId, StampId } from '../../src/domain/ids.ts'
import type { MoveRecord } from '../../src/domain/run.ts'
import { type AnsweredRun, startAnsweredRun } from '../support/answered-run.ts'
import { REGION } from '../support/small-region.ts'

/** `RESTAMP_SEEDS=100 npm test -- test/scenarios/bad-destination` for more; `RESTAMP_SEED=n` to begin with, alone unless said otherwise. */
const FIRST = process.env.RESTAMP_SEED
const COUNT = Number(process.env.RESTAMP_SEEDS ?? (FIRST ? 1 : 12))
const SEEDS = Array.from({ length: COUNT }, (_, at) => Number(FIRST ?? 1) + at)
const MINUTE_MS = 60_000
const HOME_WITHIN_MS = 5 * MINUTE_MS
/** Clients that outlive a DNS answer's time to live are at the old place for up to a quarter of an hour. */
const STRAGGLERS_MAX = 0.03
const SEED_MS_MAX = 20_000
const GATES = ['tail-1', 'tail-1', 'medium-1', 'tail-1', 'medium-1', 'top-1']

test(
  `a destination that makes things worse has its traffic home within 5 virtual minutes of the verdict, ${SEEDS.length} seeds`,
  async () => {
    let slowestMs = 0
    let mostLeft = 0
    for (const seed of SEEDS) {
      const seen = await reversalUnder(seed)
      const again = `RESTAMP_SEED=${seed} npm test -- test/scenarios/bad-destination`
      expect(seen.homes, again).toEqual(seen.before)
      expect(seen.routes, again).toEqual(seen.before)
      expect(seen.routedAfterMs, again).toBeLessThanOrEqual(HOME_WITHIN_MS)
      expect(seen.badBefore, again).toBeGreaterThan(0.5)
      expect(seen.badAfter, again).toBeLessThan(STRAGGLERS_MAX)
      slowestMs = Math.max(slowestMs, seen.routedAfterMs)
      mostLeft = Math.max(mostLeft, seen.badAfter)
    }
    process.stdout.write(
      `${SEEDS.length} bad destinations: all routed home within ${slowestMs / 1000} s of the verdict; after 5 minutes at most ${(100 * mostLeft).toFixed(2)} % of requests still arrived there\n`,
    )
  },
  SEED_MS_MAX * SEEDS.length,
)

interface Reversal {
  readonly before: readonly string[]
  readonly homes: readonly (string | undefined)[]
  readonly routes: readonly (string | undefined)[]
  readonly routedAfterMs: number
  /** The share of the moved replicas' requests that met the bad destination: in the 5 minutes up to the verdict, and from 5 minutes after it. */
  readonly badBefore: number
  readonly badAfter: number
}

/** A run whose destination is so many times hotter than predicted, with a catalog that fails some re-binds, too. */
async function reversalUnder(seed: number): Promise<Reversal> {
  const factor = 2.5 + (seed % 9) * 0.25
  const run = await startAnsweredRun({ seed })
  try {
    // It turns bad under the tail, the middle or a top talker.
    const gate = GATES[seed % GATES.length] ?? 'tail-1'
    await until(async () => ((await movesOf(run)).some((move) => move.gate === gate) ? true : undefined))
    run.twin.inject({ kind: 'destination-worse', stamp: StampId.parse('s-c'), factor })
    const verdictMs = await judged(run)
    if (seed % 3 > 0) run.twin.inject({ kind: 'rebind-fails', times: seed % 3 })
    const moves = await reversed(run)
    await until(async () => run.ports.clock.nowMs() > verdictMs + 2 * HOME_WITHIN_MS || undefined)
    const backwards = moves.filter(({ direction }) => direction === 'reverse')
    const routed = backwards.map(
      ({ steps }) => steps.find(({ step, kind }) => step === 'route' && kind === 'done')?.atMs ?? Number.NaN,
    )
    const replicas = backwards.map(({ replica }) => replica)
    return {
      before: backwards.map(({ to }) => to),
      homes: await Promise.all(
        replicas.map(async (replica) => (await run.ports.catalog.binding(replica))?.homeStamp),
      ),
      routes: await Promise.all(
        replicas.map(async (replica) => (await run.ports.traffic.route(replica))?.stamp ?? undefined),
      ),
      routedAfterMs: Math.max(...routed) - verdictMs,
      badBefore: await shareOfErrors(run, { replicas, factor, fromMs: verdictMs - HOME_WITHIN_MS }),
      badAfter: await shareOfErrors(run, { replicas, factor, fromMs: verdictMs + HOME_WITHIN_MS }),
    }
  } finally {
    await run.stop()
  }
}

const LOOKS_MAX = 5_000

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
    const found = await look()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  throw new Error('waited in vain')
}

function judged({ ports, plan }: AnsweredRun): Promise<number> {
  return until(async () => {
    const looks = await ports.records.list('evaluations', { prefix: `${plan.id}/`, limit: 1000 })
    const worse = looks.find(({ value }) => value.verdict === 'worse')?.value.atMs
    const run = worse === undefined ? await ports.records.read('runs', plan.id) : undefined
    if (run?.value.status.kind === 'held') throw new Error(`held unjudged: ${run.value.status.reason}`)
    return worse
  })
}

function reversed(run: AnsweredRun): Promise<MoveRecord[]> {
  return until(async () => {
    const { status } = (await run.ports.records.read('runs', run.plan.id))?.value ?? {}
    if (status?.kind !== 'held') return undefined
    expect(status.reason).toContain('was reversed')
    return movesOf(run)
  })
}

async function movesOf({ ports, plan }: AnsweredRun): Promise<MoveRecord[]> {
  const moves = await ports.records.list('moves', { prefix: `${plan.id}/`, limit: 1000 })
  return moves.map(({ value }) => value)
}

/** The twin fails 2 % of a stamp's requests for each time that it is hotter: so many of all met the bad one. */
async function shareOfErrors(
  { ports }: AnsweredRun,
  at: { readonly replicas: readonly string[]; readonly factor: number; readonly fromMs: number },
): Promise<number> {
  const load = await ports.metrics.load({
    region: REGION,
    fromMs: at.fromMs,
    toMs: at.fromMs + HOME_WITHIN_MS,
  })
  const sum = (column: 'errors' | 'requests') =>
    load.series
      .filter(({ registry }) => at.replicas.includes(replicaId(registry, REGION)))
      .flatMap((series) => [...(series[column] ?? [])])
      .reduce((total, value) => total + value, 0)
  return sum('errors') / (0.02 * (at.factor - 1) * sum('requests'))
}
