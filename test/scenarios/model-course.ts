import fc from 'fast-check'
import { courses } from './model-actions.ts'
import { auditProblems, leftovers } from './model-end-rules.ts'
import type { Mishap } from './model-region.ts'
import { ModelRun } from './model-run.ts'
import { setups } from './model-setup.ts'
import { approveAll, lift, type Model, raiseAutonomy, Step, startPlan } from './model-steps.ts'
import type { ModelTally } from './model-tally.ts'

const HOUR_MS = 3_600_000
const DRIVES_MAX = 6
const REPORT_MS = 8 * 24 * HOUR_MS
/** An abort lands within so many looks of an hour, also out of a wait that retries. */
const ABORT_LOOKS_MAX = 20
/** An activity is asked so often before its failure is told. */
const ATTEMPTS_MAX = 8

export const worlds = fc.record({
  setup: setups,
  course: courses,
  /** Who answers each gate before it is asked. */
  eager: fc.constantFrom([], ['approver'], ['approver', 'deputy'], ['approver', 'deputy']),
  /** How long such answers are good. */
  eagerForMs: fc.constantFrom(null, null, HOUR_MS / 2, 3 * HOUR_MS),
  /** A registry that opted out, or a stamp with a rollout on it, from the beginning on. */
  unmoved: fc.constantFrom(null, null, null, 'reg0', 'reg1', 'a9'),
  /** What becomes of the first re-binds. */
  failing: fc.constantFrom<Mishap[]>([], [], [], [], [], ['stolen'], ['taken'], ['after'], ['robbed']),
  /** How many of the first moves turn out to be bad while they are observed. */
  spoils: fc.constantFrom(0, 0, 1, 2),
  /** So many ways home get no answer from the catalog until people have seen what comes of it. */
  stuck: fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 2),
  /** So many of the first moves are followed by half a day without telemetry of their destination. */
  blinds: fc.constantFrom(0, 0, 0, 0, 1),
  /** Who asks for the autonomy that the policy allows, and who confirms it. */
  raisers: fc.constantFrom(
    null,
    ['operator', 'approver'],
    ['operator', 'approver'],
    ['approver', 'approver'],
  ),
  /** How long people let pass between two looks while they drive a run on. */
  pace: fc.constantFrom([2 * HOUR_MS], [600_000, HOUR_MS]),
  end: fc.constantFrom('abort', 'rollback', 'drive'),
})
type World = typeof worlds extends fc.Arbitrary<infer W> ? W : never

/** One course over one world, from the start of a run until every run has ended; throws where a rule was broken. */
export async function runCourse(
  { setup, course, eager, eagerForMs, unmoved, failing, spoils, stuck, blinds, raisers, pace, end }: World,
  seed: number,
  tally?: ModelTally,
): Promise<void> {
  const real = await ModelRun.start(setup, seed)
  const [first] = setup.plans
  const model: Model = { started: new Set([0]) }
  try {
    if (raisers) await raiseAutonomy(real, raisers)
    await startPlan(real, first)
    real.region.failing.push(...failing)
    real.region.spoils = spoils
    real.region.stuck = stuck
    real.metrics.blinds = blinds
    if (unmoved === 'a9') real.region.rollOut(unmoved)
    else if (unmoved) real.region.optOut(unmoved)
    if (first) await approveAll(real, first, eager, eagerForMs)
    await fc.asyncModelRun(
      () => ({ model, real }),
      course.map((action) => new Step(action)),
    )
    await calm(real)
    if (end === 'drive') await drive(real, pace)
    if (end === 'rollback' || real.region.isStuck) await rollBackAll(real)
    real.region.unstick()
    await abortAll(real)
    real.rules.mustHold('the end')
    const problems = [
      ...(await leftovers(real)),
      ...setup.plans.flatMap(({ id }) => auditProblems(real.records, id)),
    ]
    if (problems.length > 0) throw new Error(`at the end: ${problems.join('; ')}`)
  } finally {
    tally?.add(real)
    await real.host.stop()
  }
}

/** All that is in the way goes away, but for what is bad at a destination: that goes with a reversal. */
async function calm(real: ModelRun): Promise<void> {
  real.region.endInterlocks()
  await lift(real)
}

/** People do what is asked of them until everything has ended, or for long enough. */
async function drive(real: ModelRun, pace: readonly number[]): Promise<void> {
  for (let round = 0; round < DRIVES_MAX; round += 1) {
    const left = real.setup.plans.filter((plan) => real.isUnderWay(plan))
    if (left.length === 0) return
    for (const plan of left) {
      const stands = real.status(plan)?.kind
      if (stands === 'held') await real.ask('operator', `plans/${plan.id}/resume`, {})
      // Not at once: whether a gate asks anew after a reversal shows only where nobody has answered again.
      if (stands === 'awaitingApproval') await approveAll(real, plan, ['approver', 'deputy'])
    }
    for (const ms of [90_000, 240_000, ...pace]) await real.pass(ms)
    await outlast(real)
    // What is left of these is the wait for the same weekday, which the report compares with.
    if (left.every((plan) => real.isReporting(plan))) await real.pass(REPORT_MS)
    real.rules.mustHold(`round ${round} of driving on`)
  }
}

async function rollBackAll(real: ModelRun): Promise<void> {
  for (const plan of real.setup.plans)
    if (real.isUnderWay(plan)) await real.ask('operator', `plans/${plan.id}/rollback`, {})
  await real.pass(HOUR_MS)
  await outlast(real)
}

/** While a way home is stuck, all attempts at it go by, one with each leap; then the catalog answers again. */
async function outlast(real: ModelRun): Promise<void> {
  if (!real.region.isStuck) return
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) await real.pass(70_000)
  real.region.unstick()
}

/** Whoever wants a run ended gets it ended. */
async function abortAll(real: ModelRun): Promise<void> {
  const left = () => real.setup.plans.filter((plan) => real.isUnderWay(plan))
  for (let look = 0; left().length > 0; look += 1) {
    for (const { id } of left()) await real.ask('operator', `plans/${id}/abort`, {})
    if (look >= ABORT_LOOKS_MAX) {
      const seen = left().map((plan) => `${plan.id} is ${JSON.stringify(real.status(plan))}`)
      throw new Error(`an abort does not land: ${seen.join(', ')}`)
    }
    await real.pass(look < 2 ? 300_000 : HOUR_MS)
  }
}
