import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SqliteAnchors } from '../../src/adapters/sqlite/sqlite-anchors.ts'
import { SqliteRecords } from '../../src/adapters/sqlite/sqlite-records.ts'
import { registerRuns } from '../../src/app.ts'
import { AuditedRecords } from '../../src/audit/audited-records.ts'
import { AuditTrail } from '../../src/audit/trail.ts'
import type { AuditVerdict } from '../../src/domain/audit.ts'
import { sealPlan } from '../../src/domain/canonical.ts'
import { PlanId } from '../../src/domain/ids.ts'
import { batchesOf, type Plan } from '../../src/domain/plan.ts'
import { makePlan } from '../../src/domain/planner.ts'
import { OPEN_POLICY } from '../../src/domain/policy.ts'
import type { Run } from '../../src/domain/run.ts'
import type { HostClock, HostOptions } from '../../src/host/host.ts'
import { startTestHost, type TestHost } from '../../src/host/testkit.ts'
import { outlineOf } from '../../src/messages/outline.ts'
import type { Ports } from '../../src/ports/ports.ts'
import { createTwin, type Twin, type TwinFault } from '../../src/twin/twin.ts'
import { runHandles } from './run-handles.ts'
import { DATA_ENDS_MS, smallRegion } from './small-region.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A run whose gates are all answered beforehand, on a host that may crash; region and records outlive its crashes. */
export interface AnsweredRun {
  readonly testHost: TestHost
  readonly plan: Plan
  readonly ports: Ports
  readonly twin: Twin
  run(): Promise<Run>
  /** Anchors the audit as the timer would, and checks it. */
  audit(): Promise<AuditVerdict>
  stop(): Promise<void>
}

export async function startAnsweredRun(
  options: Pick<HostOptions, 'faults'> & {
    readonly answered?: 'all' | 'none'
    /** The orchestration that is started under the plan's id; its own where nothing else is said. */
    readonly orchestrator?: string
    /** Of the twin. */
    readonly seed?: number
    /** What goes wrong from the beginning. */
    readonly trouble?: readonly TwinFault[]
    /** Where hub and records are kept, as a host for people keeps them. */
    readonly stateDir?: string
  } = {},
): Promise<AnsweredRun> {
  const { stateDir } = options
  const records = new SqliteRecords(stateDir ? join(stateDir, 'records.db') : ':memory:')
  const anchors = new SqliteAnchors(':memory:')
  const held: { clock?: HostClock } = {}
  const clock = { nowMs: () => held.clock?.nowMs() ?? DATA_ENDS_MS }
  const files = smallRegion()
  const twin = createTwin({ files, database: ':memory:', clock, seed: options.seed ?? 1 })
  for (const fault of options.trouble ?? []) twin.inject(fault)
  const { catalog, metrics, traffic, capacity, interlocks } = twin
  const ports: Ports = { catalog, metrics, traffic, capacity, interlocks, records, clock }
  const plan = acmePlan()
  await recordStart(ports, plan, options.answered ?? 'all')
  const testHost = await startTestHost({
    appDir: ROOT,
    startAtMs: DATA_ENDS_MS,
    ...(stateDir ? { hub: join(stateDir, 'hub.db') } : {}),
    ...(options.faults ? { faults: options.faults } : {}),
    load: (host) => {
      held.clock = host.clock
      // Each start of the host is a process of its own, which knows of the chain what is on record.
      const audited = new AuditedRecords(records, new AuditTrail({ records, anchors, clock }))
      registerRuns({
        ports: { ...ports, records: audited },
        policies: {},
        provisioning: twin.provisioning,
        rehearse: () => Promise.reject(new Error('not in this test')),
      })
    },
  })
  await testHost.start(options.orchestrator ?? 'rebalance', plan.id, outlineOf(plan, { lateMs: 0 }))
  return {
    testHost,
    plan,
    ports,
    twin,
    run: async () => {
      await testHost.ended([plan.id])
      const run = await records.read('runs', plan.id)
      if (!run) throw new Error('the run is not on record')
      return run.value
    },
    ...runHandles({ records, anchors, clock, twin, testHost }, plan.id),
  }
}

let made: Plan | undefined

/** Made once: it is the same each time. */
export function acmePlan(): Plan {
  made ??= makeAcmePlan()
  return made
}

function makeAcmePlan(): Plan {
  const data = { ...smallRegion(), nowMs: DATA_ENDS_MS }
  const context = { policy: OPEN_POLICY, requestedBy: 'operator', pastMoves: [] }
  return sealPlan(makePlan(data, { customer: 'acme' }, { ...context, planId: PlanId.parse('plan-answered') }))
}

export async function recordStart({ records }: Ports, plan: Plan, answered: 'all' | 'none'): Promise<void> {
  const atMs = DATA_ENDS_MS
  const times = { startedAtMs: atMs, updatedAtMs: atMs }
  const { id: planId, digest, region } = plan
  await records.create('plans', planId, plan)
  await records.create('controls', planId, { planId, hold: null, rollback: null, abort: null })
  const started = { planId, digest, region, startedBy: 'operator', ...times, waiting: null }
  await records.create('runs', planId, { ...started, status: { kind: 'starting' } })
  for (const { gate } of answered === 'all' ? batchesOf(plan) : []) {
    const id = `${planId}/${gate}/001`
    const by = { answer: 'approve', by: 'approver', reason: 'beforehand', atMs, expiresAtMs: null } as const
    await records.create('decisions', id, { id, planId, digest, gates: [gate], ...by })
  }
}
