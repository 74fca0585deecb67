import type fc from 'fast-check'
import { batchesOf, type Plan } from '../../src/domain/plan.ts'
import type { Action } from './model-actions.ts'
import { switchOf } from './model-effect-rules.ts'
import type { ModelRun } from './model-run.ts'

/** Which of the plans is an emergency. */
const URGENT = 1

/** What the course needs to know to leave out what makes no sense. */
export interface Model {
  readonly started: Set<number>
}

/** One action of a course; after it every rule is looked at. */
export class Step implements fc.AsyncCommand<Model, ModelRun> {
  readonly #action: Action

  constructor(action: Action) {
    this.#action = action
  }

  check({ started }: Model): boolean {
    const action = this.#action
    if (action.kind === 'emergency') return !started.has(URGENT)
    if (action.kind === 'start') return !started.has(action.plan)
    return !('plan' in action) || started.has(action.plan)
  }

  async run(model: Model, real: ModelRun): Promise<void> {
    if (this.#action.kind === 'start') model.started.add(this.#action.plan)
    if (this.#action.kind === 'emergency') model.started.add(URGENT)
    await take(this.#action, real)
    real.rules.mustHold(JSON.stringify(this.#action))
  }

  toString(): string {
    return JSON.stringify(this.#action)
  }
}

export async function startPlan(real: ModelRun, plan: Plan | undefined): Promise<void> {
  if (plan) await real.ask('operator', `plans/${plan.id}/start`, { digest: plan.digest })
}

/** Turns off whatever switch is on. */
export async function lift(real: ModelRun): Promise<void> {
  for (const scope of ['*', 'here', 'there'])
    if ((switchOf(real.records, scope)?.setting ?? 'off') !== 'off')
      await real.ask('operator', 'switches', { scope, setting: 'off' })
}

export async function approveAll(
  real: ModelRun,
  plan: Plan,
  people: readonly string[],
  forMs: number | null = null,
): Promise<void> {
  const { id, digest } = plan
  const gates = batchesOf(plan).map(({ gate }) => gate)
  const answer = { digest, gates, answer: 'approve', ...expiryOf(real, forMs) }
  for (const by of people) await real.ask(by, `plans/${id}/decisions`, answer)
}

/** Lets phases open their own gates, where the policy allows it. */
export async function raiseAutonomy(
  real: ModelRun,
  [asks = '', confirms = '']: readonly string[],
): Promise<void> {
  for (const phase of ['tail', 'medium', 'top'] as const) {
    if (real.setup.policy.autonomy[phase] !== 'autonomous') continue
    await real.ask(asks, 'autonomy', { region: 'here', phase, step: 'asked' })
    await real.ask(confirms, 'autonomy', { region: 'here', phase, step: 'confirmed' })
  }
}

function expiryOf({ nowMs }: ModelRun, forMs: number | null) {
  return forMs === null ? {} : { expiresAtMs: nowMs + forMs }
}

async function take(action: Action, real: ModelRun): Promise<void> {
  if ('plan' in action) {
    const plan = real.setup.plans[action.plan]
    return plan && ordered(action, plan, real)
  }
  switch (action.kind) {
    case 'pass':
      return real.pass(action.ms)
    case 'crash':
      return real.crash()
    case 'lift':
      return lift(real)
    case 'emergency': {
      const plan = real.setup.plans[URGENT]
      if (!plan) return
      await startPlan(real, plan)
      return approveAll(real, plan, ['approver', 'deputy'])
    }
    case 'switch':
      await real.ask('operator', 'switches', { scope: action.scope, setting: action.setting })
      return
    case 'autonomy':
      await real.ask(action.by, 'autonomy', { region: 'here', phase: action.phase, step: action.step })
      return
    default:
      return befall(action, real)
  }
}

type Ordered = Extract<Action, { plan: number }>
type Befalls = Exclude<
  Action,
  { plan: number } | { kind: 'pass' | 'crash' | 'lift' | 'switch' | 'emergency' | 'autonomy' }
>

async function ordered(action: Ordered, plan: Plan, real: ModelRun): Promise<void> {
  const path = (what: string) => `plans/${plan.id}/${what}`
  const { digest } = plan
  const gates = batchesOf(plan).map(({ gate }) => gate)
  const status = real.status(plan)
  const gate = status && 'gate' in status ? status.gate : gates[0]
  switch (action.kind) {
    case 'start':
      return startPlan(real, plan)
    case 'approve': {
      const expiry = expiryOf(real, action.forMs)
      const asked = action.gates === 'all' ? gates : [gate]
      await real.ask(action.by, path('decisions'), { digest, gates: asked, answer: 'approve', ...expiry })
      return
    }
    case 'approveOwn':
      await real.ask('operator', path('decisions'), { digest, gates, answer: 'approve' })
      return
    case 'reject':
      await real.ask(action.by, path('decisions'), { digest, gates: [gate], answer: 'reject' })
      return
    case 'contradict': {
      const answered = real.records.under('decisions', `${plan.id}/`)[0]
      if (answered)
        await real.ask('deputy', path('decisions'), { digest, gates: answered.gates, answer: 'reject' })
      return
    }
    case 'order':
      await real.ask('operator', path(action.name), {})
      return
    case 'rollback': {
      const phase = gate?.split('-')[0]
      const what = { plan: {}, gate: { gate }, phase: { phase } }[action.what]
      await real.ask('operator', path('rollback'), what)
      return
    }
    case 'skip':
      await real.ask('operator', path('skip'), {
        registry: plan.moves[action.at % plan.moves.length]?.registry,
      })
      return
    case 'observation':
      await real.ask('approver', path('observation'), {
        set: action.set,
        ...(action.set === 'extend' ? { hours: 2 } : {}),
      })
      return
    default:
      action satisfies never
  }
}

async function befall(action: Befalls, real: ModelRun): Promise<void> {
  const { region, metrics, setup, records, nowMs } = real
  const bindings = region.bindings()
  const replica = 'replica' in action ? bindings[action.replica % bindings.length]?.replica : undefined
  const stamps = setup.fleet.regions[0]?.stamps ?? []
  switch (action.kind) {
    case 'foreignRebind': {
      const home = region.binding(replica ?? '')?.homeStamp
      const others = setup.fleet.regions
        .flatMap(({ stamps: own }) => own.map(({ id }) => id))
        .filter((id) => id !== home && id[0] === home?.[0])
      const to = others[action.stamp % others.length]
      if (replica && to) region.bindByOthers(replica, to)
      return
    }
    case 'frozen': {
      // Everything stands still, and meanwhile there is something to undo and something to repair.
      await real.ask('operator', 'switches', { scope: '*', setting: 'freeze' })
      const moved = setup.plans.find((plan) => real.isUnderWay(plan))
      if (moved) await real.ask('operator', `plans/${moved.id}/rollback`, {})
      await befall({ ...action, kind: 'foreignRebind' }, real)
      await real.pass(action.ms)
      await real.ask('operator', 'switches', { scope: '*', setting: 'off' })
      return
    }
    case 'interlock': {
      const stamp = stamps[action.at % stamps.length]?.id
      const whole = { region: 'here', fromMs: nowMs, untilMs: null }
      if (action.what === 'optOut') region.optOut(`reg${action.at}`)
      else if (action.what === 'region')
        region.interlocks.push({ ...whole, kind: 'change-ticket', words: 'a change ticket' })
      else if (stamp) region.rollOut(stamp)
      return
    }
    case 'interlocksEnd':
      region.endInterlocks()
      return
    case 'badDestination':
      for (const stamp of ['a9', 'b9'])
        if (action.isBad) region.bad.set(stamp, nowMs)
        else region.bad.delete(stamp)
      return
    case 'gap':
      metrics.gaps.push({
        stamp: stamps[action.at % stamps.length]?.id ?? '',
        fromMs: nowMs,
        toMs: nowMs + action.hours * 3_600_000,
      })
      return
    case 'slowDrain':
      if (replica) region.slow.add(replica)
      return
    case 'rebindFails':
      region.failing.push(action.when)
      return
    case 'unreadable':
      records.unreadable = true
      await real.pass(action.ms)
      records.unreadable = false
      return
    default:
      action satisfies never
  }
}
