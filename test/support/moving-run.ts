import { createAdmitMoves } from '../../src/activities/admission.ts'
import { createPrepare, createRebind, createRoute, createVerify } from '../../src/activities/cutover-steps.ts'
import { createCheckDrain } from '../../src/activities/drain.ts'
import { createFailMove } from '../../src/activities/landed.ts'
import { SqliteRecords } from '../../src/adapters/sqlite/sqlite-records.ts'
import { GateId, type ReplicaId, replicaId } from '../../src/domain/ids.ts'
import type { Plan } from '../../src/domain/plan.ts'
import type { RunStatus } from '../../src/domain/run.ts'
import type { EffectOutcome } from '../../src/messages/activities.ts'
import type { MoveStep } from '../../src/messages/outline.ts'
import type { Ports } from '../../src/ports/ports.ts'
import { createTwin, type Twin } from '../../src/twin/twin.ts'
import { HandClock } from '../twin/a-twin.ts'
import { acmePlan, recordStart } from './answered-run.ts'
import { DATA_ENDS_MS, REGION, smallRegion } from './small-region.ts'

const STEP_MS = 1000
const DRAINED_MS = 3 * 3_600_000
const LOOK_EVERY_MS = 30_000
const LOOKS_MAX = 100

/** A run at one batch, every gate answered, whose steps a test makes one by one: no orchestration decides. */
export interface MovingRun {
  readonly ports: Ports
  readonly twin: Twin
  readonly clock: HandClock
  readonly plan: Plan
  readonly gate: string
  /** A replica of that batch. */
  readonly replica: ReplicaId
  at(status: RunStatus): Promise<void>
  step(move: Partial<MoveStep>): MoveStep
  /** Asks for admission as its run would, and waits for the nodes that it asks for. */
  prepare(step: MoveStep): Promise<EffectOutcome>
  rebind(step: MoveStep): Promise<EffectOutcome>
  route(step: MoveStep): Promise<EffectOutcome>
  drain: ReturnType<typeof createCheckDrain>
  verify(step: MoveStep): Promise<EffectOutcome>
  fail: ReturnType<typeof createFailMove>
  /** All steps of one move, with the time that they take. */
  whole(step: MoveStep): Promise<void>
  judgeWorse(): Promise<void>
}

/** At the batch of `registry`, or at its first. */
export async function aMovingRun(registry?: string): Promise<MovingRun> {
  const records = new SqliteRecords(':memory:')
  const clock = new HandClock(DATA_ENDS_MS)
  const twin = createTwin({ files: smallRegion(), database: ':memory:', clock, seed: 1 })
  const { catalog, metrics, traffic, capacity, interlocks } = twin
  const ports: Ports = { catalog, metrics, traffic, capacity, interlocks, records, clock }
  const plan = acmePlan()
  await recordStart(ports, plan, 'all')
  const first = plan.moves.find((move) => registry === undefined || move.registry === registry)
  const gate = GateId.parse(`${first?.phase}-${first?.batch}`)
  const replica = replicaId(first?.registry ?? '', REGION)
  const at = async (status: RunStatus) => {
    const stored = await records.read('runs', plan.id)
    if (!stored) throw new Error('the run is not on record')
    await records.replace('runs', plan.id, { ...stored.value, status }, stored.etag)
  }
  await at({ kind: 'moving', gate, sinceMs: clock.ms })
  const drain = createCheckDrain(ports)
  const run = {
    ports,
    ...{ twin, clock, plan, gate, replica, at, drain },
    step: (move: Partial<MoveStep>): MoveStep => ({
      ...{ planId: plan.id, digest: plan.digest, gate, replica, direction: 'forward', sequence: 1 },
      ...move,
    }),
    prepare: async (step: MoveStep) => {
      if (step.direction === 'forward') await createAdmitMoves(ports)({ ...step, replicas: [step.replica] })
      for (let look = 0; look < LOOKS_MAX; look += 1) {
        const outcome = await createPrepare(ports)(step)
        if (outcome.kind !== 'waiting') return outcome
        clock.ms += LOOK_EVERY_MS
      }
      throw new Error('it never was ready')
    },
    rebind: createRebind(ports),
    route: createRoute(ports),
    verify: createVerify(ports),
    fail: createFailMove(ports),
    judgeWorse: async () => {
      const id = `${plan.id}/${gate}/${clock.ms}`
      await records.create('evaluations', id, { gate, atMs: clock.ms, verdict: 'worse', words: 'worse' })
    },
  }
  const whole = async (step: MoveStep) => {
    for (const [passMs, make] of [
      [STEP_MS, run.prepare],
      [STEP_MS, run.rebind],
      [DRAINED_MS, run.route],
      [STEP_MS, drain],
      [STEP_MS, run.verify],
    ] as const) {
      const outcome = await make(step)
      if (outcome.kind === 'refused') throw new Error(outcome.reason)
      clock.ms += passMs
    }
  }
  return { ...run, whole }
}
