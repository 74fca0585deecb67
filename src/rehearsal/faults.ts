import { cutDownCpu, cutDownLoad, cutDownPlan } from '../domain/cut-down.ts'
import { replicaId, StampId } from '../domain/ids.ts'
import type { Plan } from '../domain/plan.ts'
import { FaultKind, type RehearsedFault } from '../domain/rehearsal.ts'
import type { MoveRecord, Run } from '../domain/run.ts'
import { everyValue } from '../ports/records.ts'
import type { RehearsalJob } from '../ports/rehearsal.ts'
import { type Hearing, openTwinRun, type TwinRun } from './twin-run.ts'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
/** So many times hotter than predicted, with the errors that come of it. */
const WORSE_TIMES = 6
const GAP_MS = 48 * HOUR_MS
const FAILED_REBINDS = 2

interface Rehearsed {
  /** What goes wrong before the run begins. */
  readonly before?: (run: TwinRun) => void
  readonly hearing?: Hearing
  /** What is to be thought of the run's end. */
  readonly judge: (run: TwinRun, end: Run) => Promise<Omit<RehearsedFault, 'fault'>>
}

/** Puts one batch of a plan through the standard faults, each on a twin of its own. The same job gives the same answer. */
export async function rehearseFaults(job: RehearsalJob): Promise<RehearsedFault[]> {
  const found: RehearsedFault[] = []
  for (const fault of FaultKind.options) found.push({ fault, ...(await rehearseFault(job, fault)) })
  return found
}

async function rehearseFault(job: RehearsalJob, fault: FaultKind): Promise<Omit<RehearsedFault, 'fault'>> {
  const plan = cutDownPlan(job.plan, fault)
  if (!plan) return { outcome: 'unknown', words: 'the plan moves nothing' }
  const homes = new Map(
    job.fleet.registries.map(({ name, replicas }) => [
      String(name),
      replicas.find(({ region }) => region === job.region)?.homeStamp,
    ]),
  )
  const load = cutDownLoad(job.load, plan.moves, (registry) => homes.get(registry))
  const { before, hearing = {}, judge } = FAULTS[fault]()
  let run: TwinRun | undefined
  try {
    const hub = fault === 'kill' ? 'file' : 'memory'
    run = await openTwinRun({ ...job, plan, load, cpu: job.cpu.map(cutDownCpu) }, { ...hearing, hub })
    before?.(run)
    const end = await run.run('report')
    // What never moved was put to no test.
    if (!(await hasMoved(run)))
      return { outcome: 'unknown', words: `the batch did not move: ${wordsOf(end)}` }
    return await judge(run, end)
  } catch (error) {
    return { outcome: 'unknown', words: error instanceof Error ? error.message : String(error) }
  } finally {
    await run?.stop()
  }
}

const FAULTS: Readonly<Record<FaultKind, () => Rehearsed>> = {
  'destination-worse': () => ({
    hearing: onceObserving(({ twin, plan }) => {
      for (const stamp of destinationsOf(plan))
        twin.inject({ kind: 'destination-worse', stamp, factor: WORSE_TIMES })
    }),
    judge: judgeWorse,
  }),
  'signal-gap': () => ({
    hearing: onceObserving(({ twin, plan, ports }) => {
      const fromMs = ports.clock.nowMs()
      for (const stamp of destinationsOf(plan))
        twin.inject({ kind: 'silent-source', stamp, fromMs, untilMs: fromMs + GAP_MS })
    }),
    judge: judgeGap,
  }),
  'rebind-fails': () => ({
    before: ({ twin }) => twin.inject({ kind: 'rebind-fails', times: FAILED_REBINDS }),
    judge: async (run, end) => movedOnce(run, end, `${FAILED_REBINDS} re-binds failed and were made again`),
  }),
  'dns-laggards': () => ({
    before: ({ twin, plan }) => {
      for (const replica of replicasOf(plan)) twin.inject({ kind: 'slow-drain', replica })
    },
    judge: judgeLaggards,
  }),
  kill: () => {
    let isKilled = false
    return {
      hearing: {
        onMove: (move, { host }) => {
          // Between a re-bind's intent and what is known of its outcome: there most could be done twice or not at all.
          if (isKilled || !move.steps.some(({ step, kind }) => step === 'rebind' && kind === 'intent')) return
          isKilled = true
          setImmediate(() => void host.crash())
        },
      },
      judge: async (run, end) =>
        isKilled
          ? movedOnce(run, end, 'killed while a re-bind was under way, and started anew')
          : { outcome: 'unknown', words: `nothing was under way to be killed: ${wordsOf(end)}` },
    }
  },
}

/** Does something the first time that a batch is observed. */
function onceObserving(act: (run: TwinRun) => void): Hearing {
  let isDone = false
  return {
    onRun: ({ status }, run) => {
      if (isDone || status.kind !== 'observing') return
      isDone = true
      act(run)
    },
  }
}

async function hasMoved({ plan, ports }: TwinRun): Promise<boolean> {
  const moves = await everyValue(ports.records, 'moves', `${plan.id}/`)
  return moves.some(({ direction, outcome }) => direction === 'forward' && outcome?.kind === 'done')
}

async function judgeWorse(run: TwinRun, end: Run): Promise<Omit<RehearsedFault, 'fault'>> {
  if (end.waiting?.kind === 'report')
    return { outcome: 'unnoticed', words: 'nothing showed it within two hours, and the batch passed' }
  const looks = await everyValue(run.ports.records, 'evaluations', `${run.plan.id}/`)
  const verdictMs = looks.find(({ verdict }) => verdict === 'worse')?.atMs
  const astray = await notHome(run)
  if (verdictMs === undefined) return { outcome: 'unsafe', words: `it was not judged: ${wordsOf(end)}` }
  if (astray.length > 0)
    return { outcome: 'unsafe', words: `${astray.join(', ')} did not come home: ${wordsOf(end)}` }
  const moves = await everyValue(run.ports.records, 'moves', `${run.plan.id}/`)
  const landedMs = Math.max(...moves.flatMap((move) => doneMs(move, 'forward', 'verify')))
  const routedMs = Math.max(...moves.flatMap((move) => doneMs(move, 'reverse', 'route')))
  const noticed = Math.round((verdictMs - landedMs) / MINUTE_MS)
  const words = `noticed after ${noticed} min; ${counted(run.plan)} went home, all traffic led there within ${minutes(routedMs - verdictMs)}; the run holds for a person`
  return { outcome: 'safe', words }
}

async function judgeGap(_run: TwinRun, end: Run): Promise<Omit<RehearsedFault, 'fault'>> {
  if (end.waiting?.kind === 'report')
    return { outcome: 'unsafe', words: 'the batch passed although nothing was known of its destination' }
  return { outcome: 'safe', words: `the batch did not pass: ${wordsOf(end).split('; ')[0]}` }
}

async function judgeLaggards(run: TwinRun, end: Run): Promise<Omit<RehearsedFault, 'fault'>> {
  const moved = await movedOnce(run, end, '')
  if (moved.outcome !== 'safe') return moved
  const forwardings = await everyValue(run.ports.records, 'forwardings')
  if (forwardings.length === 0)
    return { outcome: 'safe', words: 'all clients had left before the drain’s deadline' }
  const lasting = Math.max(...forwardings.map(({ sinceMs, expiresAtMs }) => expiresAtMs - sinceMs))
  const of = `${forwardings.length} of ${run.plan.moves.length}`
  const words = `at the drain’s deadline the old home goes on serving ${of}, for ${Math.round(lasting / HOUR_MS)} h at most, and the report names who is left`
  return { outcome: 'safe', words }
}

/** Whether every replica is at its destination after exactly one re-bind, and the batch passed. */
async function movedOnce(
  { plan, ports }: TwinRun,
  end: Run,
  how: string,
): Promise<Omit<RehearsedFault, 'fault'>> {
  const bindings = await Promise.all(replicasOf(plan).map((replica) => ports.catalog.binding(replica)))
  const wrong = bindings.filter(
    (binding, at) => binding?.homeStamp !== plan.moves[at]?.to || binding?.epoch !== 2,
  )
  if (end.waiting?.kind !== 'report')
    return { outcome: 'unsafe', words: `the batch did not pass: ${wordsOf(end)}` }
  if (wrong.length > 0)
    return {
      outcome: 'unsafe',
      words: `${wrong.map((binding) => binding?.replica).join(', ')} did not move exactly once`,
    }
  return { outcome: 'safe', words: `${how}; ${counted(plan)} moved exactly once` }
}

async function notHome({ plan, ports }: TwinRun): Promise<string[]> {
  const astray: string[] = []
  for (const { registry, from } of plan.moves) {
    const replica = replicaId(registry, plan.region)
    const [binding, route] = [await ports.catalog.binding(replica), await ports.traffic.route(replica)]
    if (binding?.homeStamp !== from || route?.stamp !== from) astray.push(registry)
  }
  return astray
}

function doneMs({ direction, steps }: MoveRecord, of: MoveRecord['direction'], name: string): number[] {
  return steps.flatMap(({ step, kind, atMs }) =>
    direction === of && step === name && kind === 'done' ? [atMs] : [],
  )
}

function replicasOf(plan: Plan) {
  return plan.moves.map(({ registry }) => replicaId(registry, plan.region))
}

function destinationsOf(plan: Plan): StampId[] {
  return [...new Set(plan.moves.map(({ to }) => to))].map((stamp) => StampId.parse(stamp))
}

function counted({ moves }: Plan): string {
  return moves.length === 1 ? (moves[0]?.registry ?? '') : `${moves.length} registries`
}

function minutes(ms: number): string {
  return ms < MINUTE_MS ? 'a minute' : `${Math.ceil(ms / MINUTE_MS)} min`
}

function wordsOf({ status }: Run): string {
  return 'reason' in status ? status.reason : `it stood at ${status.kind}`
}
