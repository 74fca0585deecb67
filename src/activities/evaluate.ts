import type { z } from 'zod'
import type { BlockSeries } from '../domain/baseline.ts'
import { type Comparison, compareWith, MeasureName, MOVED, type Sides } from '../domain/comparison.ts'
import { type ReplicaId, replicaId, StampId } from '../domain/ids.ts'
import { voidsOf } from '../domain/interlocks.ts'
import { blocksOf, reportedOf, type Span } from '../domain/outcome-blocks.ts'
import { type GroupEvidence, judgeOutcome, type ReplicaEvidence } from '../domain/outcome-guard.ts'
import { batchesOf, type Lowering, type Move, type Plan } from '../domain/plan.ts'
import { durationMs, type Policy } from '../domain/policy.ts'
import type { Evaluation } from '../domain/run.ts'
import type { RegionLoad } from '../domain/series.ts'
import { whileWarmingUp } from '../domain/warm-up.ts'
import type { Evaluate } from '../messages/activities.ts'
import type { Ports } from '../ports/ports.ts'
import { evaluationsOf } from '../queries/decisions.ts'
import { movesLeft } from '../queries/moves-left.ts'
import { knownUntilMs } from '../queries/telemetry.ts'
import { poolEvidence } from './pool-evidence.ts'
import { RecordMissing } from './record-faults.ts'
import { servedErrors } from './served-errors.ts'

const DAY_MS = 86_400_000
/** The same time of day is looked up on so many days before the run. */
const PAST_DAYS = 7
const TIME_WIDTH = 15

/** Judges a moved batch since its move, beside its own past and the unmoved ones, and keeps what it saw. */
export const createEvaluate =
  (ports: Ports) =>
  async (input: z.infer<typeof Evaluate.input>): Promise<z.infer<typeof Evaluate.output>> => {
    const plan = (await ports.records.read('plans', input.planId))?.value
    const run = (await ports.records.read('runs', input.planId))?.value
    if (plan?.digest !== input.digest || !run)
      throw new RecordMissing(`plan ${input.planId} or its run is not on record`)
    const { gate, sinceMs } = input
    const batch = batchesOf(plan).find((one) => one.gate === gate)
    const observation = plan.phases.find(({ name }) => name === batch?.phase)?.observation ?? ''
    const windowMs = durationMs(observation) ?? 0
    const look = {
      plan,
      gate,
      sinceMs,
      windowMs,
      moves: await movesLeft(ports, plan, gate),
      lowerings: batch?.lowerings ?? [],
      runStartedMs: run.startedAtMs,
    }

    const comparison = await comparisonFor(ports, look)
    const atMs = Math.max(sinceMs, knownUntilMs(ports))
    const load = await ports.metrics.load({ region: plan.region, fromMs: sinceMs, toMs: atMs })
    const pulls = await pullQuiet(ports, look, comparison)
    const voids = await voidMinutes(ports, look, atMs)
    const judged = judgeOutcome({
      sinceMs,
      atMs,
      windowMs,
      voids,
      minCoverage: plan.policy.minCoverage,
      groups: groupEvidence(comparison, { load, voids }, plan.policy),
      replicas: await replicaEvidence(ports, look, comparison, { load, pulls, voids }),
      pools: await poolEvidence(ports, { ...look, atMs, voids }),
    })
    const { verdict, words } = judged
    const lookedAtMs = ports.clock.nowMs()
    const evaluation: Evaluation = {
      ...{ final: input.final, gate, atMs: lookedAtMs, verdict, words, pulls },
      ...kept(judged, input.final),
      ...(await counted(
        ports,
        { region: plan.region, comparison, load, voids, atMs },
        { ...input, verdict },
      )),
    }
    await ports.records.create('evaluations', `${plan.id}/${gate}/${timeText(lookedAtMs)}`, evaluation)
    return { atMs: lookedAtMs, verdict: evaluation.verdict, words: evaluation.words }
  }

/** An unremarkable look in between is one of hundreds: its findings would only make every reading of records dear. */
function kept(
  { verdict, findings }: Pick<Evaluation, 'verdict' | 'findings'>,
  final: boolean,
): Pick<Evaluation, 'findings'> {
  return findings && (final || verdict !== 'betterOrEqual') ? { findings } : {}
}

/** A batch's last look counts errors, too. No verdict rests on the count, so a query that fails leaves it out. */
async function counted(
  ports: Ports,
  seen: Parameters<typeof servedErrors>[1],
  { final, verdict }: { readonly final: boolean; readonly verdict: Evaluation['verdict'] },
): Promise<Pick<Evaluation, 'served'>> {
  if (!final && verdict !== 'worse') return {}
  const served = await servedErrors(ports, seen).catch(() => undefined)
  return served ? { served } : {}
}

/** Minutes in which something outside disturbed the batch's stamps: they count as missing, so more have to be observed. */
async function voidMinutes(
  { interlocks }: Ports,
  { plan, moves, lowerings, sinceMs }: Look,
  atMs: number,
): Promise<readonly Span[]> {
  const known = await interlocks.between({ region: plan.region, fromMs: sinceMs, toMs: atMs })
  const lowered = lowerings.map(({ stamp }): string => stamp)
  return voidsOf(known, {
    stamps: [...moves.flatMap(({ from, to }) => [from, to]), ...lowered],
    ...{ sinceMs, atMs },
  })
}

interface Look {
  readonly plan: Plan
  readonly gate: string
  readonly sinceMs: number
  readonly windowMs: number
  readonly moves: readonly Move[]
  readonly lowerings: readonly Lowering[]
  readonly runStartedMs: number
}

function timeText(atMs: number): string {
  return String(atMs).padStart(TIME_WIDTH, '0')
}

/** What the batch is compared with: learned once, before the first look, and kept. */
async function comparisonFor(ports: Ports, look: Look): Promise<Comparison> {
  const { plan, gate, sinceMs, windowMs, runStartedMs: toMs } = look
  const id = `${plan.id}/${gate}/${timeText(sinceMs)}`
  const known = (await ports.records.read('comparisons', id))?.value
  if (known) return known
  const fromMs = toMs - PAST_DAYS * DAY_MS
  const past = await ports.metrics.load({ region: plan.region, fromMs, toMs })
  const batch = { planId: plan.id, gate, sinceMs, windowMs }
  await ports.records.create('comparisons', id, compareWith(past, await sidesOf(ports, look), batch))
  const kept = (await ports.records.read('comparisons', id))?.value
  if (!kept) throw new RecordMissing(`comparison ${id} was made and is not there; look again`)
  return kept
}

/** Where minimums are lowered nobody moves: those who live there are what a source's are. */
async function sidesOf({ catalog }: Ports, { plan, moves, lowerings }: Look): Promise<Sides> {
  const moved = moves.map(({ registry }) => registry)
  const planned = new Set(plan.moves.map(({ registry }) => registry))
  const from = new Set<string>([...moves.map((move) => move.from), ...lowerings.map(({ stamp }) => stamp)])
  const to = new Set<string>(moves.map((move) => move.to))
  const homes = (await catalog.fleet()).registries.flatMap(({ name, replicas }) => {
    const replica = replicas.find(({ region }) => region === plan.region)
    return replica && !moved.includes(name) ? [{ name, home: replica.homeStamp }] : []
  })
  const at = (stamps: ReadonlySet<string>) =>
    homes.flatMap(({ name, home }) => (stamps.has(home) ? [name] : []))
  return {
    moved,
    source: at(from),
    destination: at(to),
    controls: homes.flatMap(({ name, home }) =>
      planned.has(name) || from.has(home) || to.has(home) ? [] : [name],
    ),
  }
}

function groupEvidence(
  { groups, controls, sinceMs }: Comparison,
  { load, voids }: { readonly load: RegionLoad; readonly voids: readonly Span[] },
  { warmUp, warmUpLatencyTimes: times }: Policy,
): GroupEvidence[] {
  const untilMs = sinceMs + (durationMs(warmUp) ?? 0)
  const unmoved = new Set(controls)
  const controlsOf = new Map(
    MeasureName.options.map((measure) => [measure, blocksOf(load, unmoved, measure, voids)]),
  )
  return groups.flatMap(({ subject, registries, among, baselines }) =>
    baselines.map(({ measure, baseline }) => ({
      subject,
      measure,
      baseline,
      among,
      now: warmingUp(
        blocksOf(load, new Set(registries), measure, voids),
        measure === 'latency' && subject === MOVED ? { untilMs, times } : undefined,
      ),
      controls: controlsOf.get(measure) ?? null,
    })),
  )
}

function warmingUp(
  blocks: BlockSeries | null,
  tolerated: { readonly untilMs: number; readonly times: number } | undefined,
): BlockSeries | null {
  return blocks && tolerated ? whileWarmingUp(blocks, tolerated) : blocks
}

type Pulls = Record<string, 'ok' | 'failed'>

/** One synthetic pull through the new home of each moved replica that has too little traffic. */
async function pullQuiet({ traffic }: Ports, look: Look, { quiet }: Comparison): Promise<Pulls> {
  const pulls: Pulls = {}
  for (const move of look.moves) {
    if (!quiet.includes(move.registry) || move.to === 'new') continue
    const replica: ReplicaId = replicaId(move.registry, look.plan.region)
    pulls[move.registry] = (await traffic.pull(replica, StampId.parse(move.to))).ok ? 'ok' : 'failed'
  }
  return pulls
}

async function replicaEvidence(
  ports: Ports,
  { plan, gate, sinceMs }: Look,
  { moved, quiet }: Comparison,
  seen: { readonly load: RegionLoad; readonly pulls: Pulls; readonly voids: readonly Span[] },
): Promise<ReplicaEvidence[]> {
  const all = quiet.length > 0 ? await evaluationsOf(ports, plan.id, gate) : []
  const looks = all.filter(({ atMs }) => atMs >= sinceMs)
  const earlier = looks.toSorted((a, b) => a.atMs - b.atMs)
  return moved.map((registry): ReplicaEvidence => {
    if (!quiet.includes(registry)) {
      return { kind: 'busy', registry, now: reportedOf(seen.load, registry, seen.voids) }
    }
    const pulls = [...earlier.map((look) => look.pulls?.[registry]), seen.pulls[registry]]
    return { kind: 'quiet', registry, pulls: pulls.filter((pull) => pull !== undefined) }
  })
}
