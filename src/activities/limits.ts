import type { z } from 'zod'
import { afterBatch } from '../domain/after-batch.ts'
import { binMsOf } from '../domain/hot-node.ts'
import { partsOf, replicaId, type StampId } from '../domain/ids.ts'
import { predictedNeed } from '../domain/need.ts'
import { withIdleBefore } from '../domain/newborn.ts'
import type { Move, Plan } from '../domain/plan.ts'
import type { RegionData } from '../domain/region-data.ts'
import type { CheckLimits } from '../messages/activities.ts'
import type { Ports } from '../ports/ports.ts'
import { movesLeft } from '../queries/moves-left.ts'
import { pastMoves } from '../queries/past-moves.ts'
import { knownUntilMs, regionTelemetry, signalsOver } from '../queries/telemetry.ts'
import { headroomProblems } from './lowering-limits.ts'
import { movesOf } from './move-log.ts'

const FRESH_MS = 3_600_000
/** A day and what the peak window needs beside it. */
const PREDICT_FROM_HOURS = 30

/** Hard limits on fresh telemetry, right before a batch: they hold a run, they never re-plan it. */
export const createCheckLimits =
  (ports: Ports) =>
  async ({
    planId,
    digest,
    gate,
  }: z.infer<typeof CheckLimits.input>): Promise<z.infer<typeof CheckLimits.output>> => {
    const plan = (await ports.records.read('plans', planId))?.value
    if (plan?.digest !== digest)
      return { kind: 'refused', reason: `plan ${planId} has another digest than was approved` }
    if (plan.lowerings) return answerOf(await headroomProblems(ports, plan, gate))
    const moves = await movesLeft(ports, plan, gate)
    const stamps = new Set(moves.flatMap((move) => (move.to === 'new' ? [] : [move.to])))
    const problems = [
      ...(await bindingProblems(ports, plan, gate)),
      ...(await Promise.all([...stamps].map((stamp) => destinationProblems(ports, plan, stamp)))).flat(),
      ...(await arrivalProblems(ports, plan, moves, stamps)),
    ]
    return answerOf(problems)
  }

function answerOf(problems: readonly string[]): z.infer<typeof CheckLimits.output> {
  return problems.length === 0 ? { kind: 'ok' } : { kind: 'refused', reason: problems.join('; ') }
}

/** Each replica must still be where the plan found it, or where this plan put it. */
async function bindingProblems(ports: Ports, plan: Plan, gate: string): Promise<string[]> {
  const problems: string[] = []
  for (const move of await movesLeft(ports, plan, gate)) {
    const replica = replicaId(move.registry, plan.region)
    const binding = await ports.catalog.binding(replica)
    const own = (await movesOf(ports, plan.id, replica)).some(
      ({ value }) => value.key === binding?.lastMoveKey,
    )
    if (!binding) problems.push(`${partsOf(replica).registry} is no longer in the catalog`)
    else if (binding.homeStamp !== move.from && !own) {
      problems.push(
        `${move.registry} was bound to ${binding.homeStamp} by somebody else since the plan was made`,
      )
    }
  }
  return problems
}

async function destinationProblems(ports: Ports, plan: Plan, id: StampId): Promise<string[]> {
  const stamp = (await ports.catalog.fleet()).regions
    .flatMap(({ stamps }) => stamps)
    .find((each) => each.id === id)
  if (stamp?.state !== 'active')
    return [`${id} is ${stamp?.state ?? 'not in the catalog'} and takes no replicas`]
  const endMs = knownUntilMs(ports)
  const problems: string[] = []
  for (const { role } of stamp.pools) {
    const { policy } = plan
    const seen = await signalsOver(ports, { stamp: id, role }, { startMs: endMs - FRESH_MS, endMs }, policy)
    if (seen.status !== 'ok' || seen.hotNodeP95 === null) {
      const { presentBins, expectedBins } = seen.coverage
      problems.push(
        `${id} ${role} sent ${presentBins} of the last hour's ${expectedBins} bins: insufficient data`,
      )
    } else if (seen.hotNodeP95 >= policy.hotPercent) {
      problems.push(`${id} ${role} is hot: hot-node P95 ${seen.hotNodeP95.toFixed(1)} % in the last hour`)
    }
  }
  return problems
}

/** What a destination would show with the batch on top of what is there must stay below hot, at the nodes that it will have. */
async function arrivalProblems(
  ports: Ports,
  plan: Plan,
  moves: readonly Move[],
  stamps: ReadonlySet<StampId>,
): Promise<string[]> {
  const left: Move[] = []
  for (const move of moves) {
    const binding = await ports.catalog.binding(replicaId(move.registry, plan.region))
    if (binding && binding.homeStamp !== move.to) left.push(move)
  }
  if (left.length === 0) return []
  const { policy } = plan
  const data = withNewborn(plan, await regionTelemetry(ports, plan.region, PREDICT_FROM_HOURS))
  const moved = await pastMoves(ports)
  const problems: string[] = []
  for (const stamp of stamps) {
    const nodes = await nodesToBe(ports, plan, stamp)
    const after = afterBatch(data, { stamp, moves: left, nodes, policy, pastMoves: moved })
    if (!after)
      problems.push(`what ${stamp} would show after this batch can't be predicted: insufficient data`)
    for (const pool of after ?? []) {
      if (pool.hotNodeP95 < policy.hotPercent) continue
      const shown = `hot-node P95 ${pool.hotNodeP95.toFixed(1)} % at ${pool.nodes} nodes`
      problems.push(
        `${stamp} ${pool.role} would show ${shown} after this batch, hot from ${policy.hotPercent} %; make room there or plan anew`,
      )
    }
  }
  return problems
}

/** The stamp that the plan made was not there for a whole day yet: until it was, nothing served on it. */
function withNewborn<D extends RegionData>({ isolation }: Plan, data: D): D {
  const made = isolation?.stamp
  if (made === undefined) return data
  const fromMs = data.nowMs - PREDICT_FROM_HOURS * FRESH_MS
  const cpu = data.cpu.map((pool) =>
    pool.stamp === made
      ? { ...pool, samples: withIdleBefore(pool.samples, fromMs, binMsOf(pool.samples)) }
      : pool,
  )
  return { ...data, cpu }
}

/** The nodes of a stamp once its minimums are raised to the plan's predictions. */
async function nodesToBe({ capacity }: Ports, plan: Plan, stamp: StampId): Promise<Map<string, number>> {
  const pools = await capacity.pools(stamp)
  return new Map(
    pools.map(({ role, nodes, maxNodes }) => {
      const need = predictedNeed(plan, { stamp, role }) ?? 0
      return [role, Math.max(nodes, Math.min(maxNodes, need))]
    }),
  )
}
