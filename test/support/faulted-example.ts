import { fileURLToPath } from 'node:url'
import { createLocalUsers, LocalIdentity } from '../../src/adapters/local/local-users.ts'
import { RunWatch } from '../../src/adapters/local/run-watch.ts'
import { SqliteAnchors } from '../../src/adapters/sqlite/sqlite-anchors.ts'
import { SqliteRecords } from '../../src/adapters/sqlite/sqlite-records.ts'
import { registerApp } from '../../src/app.ts'
import { type Client, createClient } from '../../src/cli/client.ts'
import { countMoves, showReport } from '../../src/cli/show-report.ts'
import { sealPlan } from '../../src/domain/canonical.ts'
import { PlanId, replicaId } from '../../src/domain/ids.ts'
import type { Plan } from '../../src/domain/plan.ts'
import { makePlan } from '../../src/domain/planner.ts'
import { OPEN_POLICY } from '../../src/domain/policy.ts'
import type { RehearsalReport } from '../../src/domain/rehearsal.ts'
import { hasEnded, type Run } from '../../src/domain/run.ts'
import type { HostClock } from '../../src/host/host.ts'
import { SeededFaults, startTestHost, type TestHost } from '../../src/host/testkit.ts'
import type { DecisionRequest, ReportView } from '../../src/messages/api.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { LateParts } from '../../src/ports/late-ports.ts'
import type { Ports } from '../../src/ports/ports.ts'
import { reportView } from '../../src/queries/report-view.ts'
import { createTwin, type Twin } from '../../src/twin/twin.ts'
import type { TwinFiles } from '../../src/twin/twin-files.ts'
import { workedExample } from '../../src/twin/worked-example.ts'
import { KeptNotifications } from './kept-notifications.ts'
import { NO_PROVISIONING } from './no-provisioning.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SEED = 1
const LOOK_EVERY_MS = 2
const RUN_MS_MAX = 600_000
const ATTEMPTS_MAX = 200
const LOOKS_MAX = 500
const UNHEARD_LOOKS = 100
/** Two weeks are looked at more seldom than the policy asks for, so that many seeds can be run. */
const EVALUATE_EVERY = 'PT6H'
const SWEEP_MS = 3_600_000
/** Time runs only while a person is asked; a jump of hours there would be a slow person, not a fault. */
const CLOCK_JUMP_MS = 60_000

export interface Example {
  readonly files: TwinFiles
  readonly plan: Plan
  readonly startMs: number
}

export interface ExampleEnd {
  readonly status: string
  /** The table as people see it, and how many replicas moved how often. */
  readonly report: ReportView
  readonly text: string
  readonly once: number
  readonly epochs: readonly string[]
  readonly crashes: number
}

/** What must be the same under faults: the rows of the table as people see it, and where each replica is after how many moves. */
export function worthSeeing({ status, text, once, epochs }: ExampleEnd): string[] {
  const rows = text.split('\n').filter((line) => /^ {2}\S+ {2}(registry|dataproxy)/.test(line))
  return [`${status}, ${once} moved once`, ...rows, ...epochs]
}

/** The largest difference of a figure of two tables, in points: approvals come at other moments, so decimals may differ. */
export function apart(a: ExampleEnd, b: ExampleEnd): number {
  const figures = ({ report }: ExampleEnd) =>
    report.rows.flatMap(({ before, after }) => [
      ...[before.hotNodeP95, before.max, before.poolAverage],
      ...[after.hotNodeP95, after.max, after.poolAverage],
    ])
  const others = figures(b)
  return Math.max(...figures(a).map((figure, at) => Math.abs((figure ?? 0) - (others[at] ?? 0))))
}

/** The worked example with its plan, which is made once: planning writes nothing, so no fault can change it. */
export function theExample(): Example {
  const files = workedExample({ seed: SEED, metered: false })
  const { startMs, bins, binMs } = files.load
  const nowMs = startMs + bins * binMs
  const context = {
    policy: { ...OPEN_POLICY, evaluateEvery: EVALUATE_EVERY },
    requestedBy: 'operator',
    pastMoves: [],
  }
  const planId = PlanId.parse('plan-example')
  return { files, plan: sealPlan(makePlan({ ...files, nowMs }, {}, { ...context, planId })), startMs: nowMs }
}

/** What the example runs over: all but the region itself, which stands behind it. */
export interface Platform extends Omit<LateParts, 'checks'> {
  stop(): Promise<void>
}

export type PlatformOver = (region: {
  readonly twin: Twin
  readonly files: TwinFiles
  readonly clock: Clock
}) => Promise<Platform>

const overTwin: PlatformOver = async ({ twin }) => {
  const records = new SqliteRecords(':memory:')
  const anchors = new SqliteAnchors(':memory:')
  return {
    ports: { ...twin, records },
    ...{ anchors, provisioning: NO_PROVISIONING },
    stop: async () => {
      records.close()
      anchors.close()
    },
  }
}

/** Runs the example as `npm start -- --yes` does, from the start to the report, on a host that `faults` disturb. */
export async function runExample(
  example: Example,
  { faults, over = overTwin }: { readonly faults?: SeededFaults; readonly over?: PlatformOver } = {},
): Promise<ExampleEnd> {
  const { files, plan, startMs } = example
  const notifications = new KeptNotifications()
  const held: { clock?: HostClock } = {}
  const clock = { nowMs: () => held.clock?.nowMs() ?? startMs }
  const twin = createTwin({ files, database: ':memory:', clock, seed: SEED })
  const platform = await over({ twin, files, clock })
  const { records } = platform.ports
  const watch = new RunWatch(records, () => {})
  const ports: Ports = { ...platform.ports, records: watch.records, clock }
  const users = createLocalUsers()
  await persist(() => records.create('plans', plan.id, plan))
  await persist(() => records.create('rehearsals', plan.id, passed(plan, startMs)))
  const phase = { isOver: false }
  const test = await startTestHost({
    appDir: ROOT,
    startAtMs: startMs,
    settings: {
      // Looks at the whole region on a schedule are apart from a run, and dear.
      SCAN_SCHEDULE: '0 0 0 1 1 *',
      // Two weeks have 4,032 times five minutes.
      RECONCILE_SCHEDULE: '0 0 * * * *',
      SWEEP_SCHEDULE: '30 0 * * * *',
    },
    mayAdvance: () => phase.isOver || watch.mayHurry(),
    ...(faults ? { faults } : {}),
    load: (host) => {
      held.clock = host.clock
      registerApp({
        ports,
        identity: new LocalIdentity(users),
        policies: {},
        provisioning: platform.provisioning,
        rehearse: () => Promise.reject(new Error('the plan was rehearsed before')),
        pages: { read: async () => undefined },
        anchors: platform.anchors,
        notifications,
      })
    },
  })
  try {
    const token = (name: string) => users.find((user) => user.name === name)?.token ?? name
    const run = await approveToEnd({ test, ports, plan, token })
    phase.isOver = true
    const report = await settledReport(ports, plan, run)
    const bindings = await Promise.all(
      plan.moves.map(({ registry }) =>
        persist(() => ports.catalog.binding(replicaId(registry, plan.region))),
      ),
    )
    return {
      status: run.status.kind,
      report,
      text: showReport(report),
      once: countMoves(report).once,
      epochs: bindings.map((binding) => `${binding?.replica} ${binding?.homeStamp} ${binding?.epoch}`),
      crashes: test.crashes,
    }
  } finally {
    await test.stop()
    await platform.stop()
    twin.close()
  }
}

export const exampleFaults = (seed: number) => new SeededFaults(seed, { clockJumpMs: CLOCK_JUMP_MS })

/** A rehearsal has a host of its own in a worker, which no fault of this one reaches. */
function passed({ id: planId, digest, moves }: Plan, atMs: number): RehearsalReport {
  const all = { movesDone: moves.length, movesPlanned: moves.length }
  return { planId, digest, status: 'passed', words: 'taken as passed', virtualMs: 0, ...all, pools: [], atMs }
}

interface Approving {
  readonly test: TestHost
  readonly ports: Ports
  readonly plan: Plan
  readonly token: (user: string) => string
}

/** Starts the run and approves gate after gate over HTTP; a client asks again when a crash kept it from an answer. */
async function approveToEnd(run: Approving): Promise<Run> {
  const { ports, plan } = run
  const { id, digest } = plan
  const read = async () => (await persist(() => ports.records.read('runs', id)))?.value
  const untilMs = performance.now() + RUN_MS_MAX
  await insist(run, 'operator', async (client) => (await read()) ?? client.start(id, digest))
  const answered = new Set<string>()
  let unheard = 0
  for (;;) {
    const now = await read()
    if (now && hasEnded(now.status)) return now
    if (now?.status.kind === 'held' || performance.now() > untilMs)
      throw new Error(`the run stands at ${JSON.stringify(now?.status)}: ${now?.waiting?.what}`)
    if (now?.status.kind === 'awaitingApproval' && !answered.has(now.status.gate)) {
      const { gate } = now.status
      const approval: DecisionRequest = {
        digest,
        gates: [gate],
        answer: 'approve',
        reason: 'as npm start -- --yes does',
      }
      await insist(run, 'approver', async (client) => {
        const { batches } = await client.status(id)
        if (batches.find((batch) => batch.gate === gate)?.state === 'waiting')
          await client.decide(id, approval)
      })
      answered.add(gate)
      unheard = 0
    } else if (now?.status.kind === 'awaitingApproval' && ++unheard % UNHEARD_LOOKS === 0) {
      // The answer is on record but its event got lost: the sweep comes by, here without an hour of real time.
      await advance(run.test)
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
}

async function advance(test: TestHost): Promise<void> {
  try {
    await test.advance(SWEEP_MS)
  } catch {
    // The host has just crashed; the next look tries again.
  }
}

async function insist(
  { test, token }: Approving,
  user: string,
  act: (client: Client) => Promise<unknown>,
): Promise<void> {
  await persist(() => act(createClient({ baseUrl: test.host.baseUrl, token: async () => token(user) })))
}

/** Somebody who does not give up: what stands between may fail at any time. */
async function persist<T>(act: () => Promise<T>): Promise<T> {
  let last: unknown
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    try {
      return await act()
    } catch (error) {
      last = error
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
    }
  }
  throw last
}

/** The report as soon as the hours that it compares with are over. */
async function settledReport(ports: Ports, plan: Plan, run: Run): Promise<ReportView> {
  for (let look = 0; look < LOOKS_MAX; look++) {
    const report = await persist(() => reportView(ports, plan, run))
    if (report.shiftMs !== null && report.sameWeekday) return report
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
  throw new Error(`the report of ${plan.id} is not whole after ${LOOKS_MAX} looks`)
}
