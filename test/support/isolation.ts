import { fileURLToPath } from 'node:url'
import { SqliteAnchors } from '../../src/adapters/sqlite/sqlite-anchors.ts'
import { SqliteRecords } from '../../src/adapters/sqlite/sqlite-records.ts'
import { registerRuns } from '../../src/app.ts'
import { AuditedRecords } from '../../src/audit/audited-records.ts'
import { AuditTrail } from '../../src/audit/trail.ts'
import type { AuditVerdict } from '../../src/domain/audit.ts'
import { sealPlan } from '../../src/domain/canonical.ts'
import type { Controls } from '../../src/domain/controls.ts'
import { PlanId, StampId } from '../../src/domain/ids.ts'
import { withNamedStamp } from '../../src/domain/new-stamp.ts'
import type { Plan } from '../../src/domain/plan.ts'
import { makePlan } from '../../src/domain/planner.ts'
import { OPEN_POLICY, Policy } from '../../src/domain/policy.ts'
import type { Run } from '../../src/domain/run.ts'
import type { HostClock, HostOptions } from '../../src/host/host.ts'
import { startTestHost, type TestHost } from '../../src/host/testkit.ts'
import { outlineOf } from '../../src/messages/outline.ts'
import type { Ports } from '../../src/ports/ports.ts'
import type { Provisioning } from '../../src/ports/provisioning.ts'
import { createTwin, type Twin, type TwinFault } from '../../src/twin/twin.ts'
import { recordStart } from './answered-run.ts'
import { runHandles } from './run-handles.ts'
import { DATA_ENDS_MS, smallRegion } from './small-region.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
export const MADE = StampId.parse('isolated-acme')

/** A region without a stamp for its dominating customer, and the run that makes one and moves the customer there. */
export interface Isolation {
  readonly testHost: TestHost
  readonly plan: Plan
  readonly ports: Ports
  readonly twin: Twin
  until(wanted: (run: Run) => boolean): Promise<Run>
  /** Puts an order on record as the API would; the run finds it when it next looks. */
  order(change: (controls: Controls) => Controls): Promise<void>
  audit(): Promise<AuditVerdict>
  stop(): Promise<void>
}

/** The small region's two shared stamps. */
export function sharedStamps() {
  const files = smallRegion()
  const regions = files.fleet.regions.map((region) => ({
    ...region,
    stamps: region.stamps.filter(({ kind }) => kind === 'shared'),
  }))
  return {
    ...files,
    fleet: { ...files.fleet, regions },
    cpu: files.cpu.filter(({ stamp }) => stamp !== 's-c'),
    nowMs: DATA_ENDS_MS,
  }
}

export function isolationPlan(policy: Readonly<Record<string, unknown>> = {}): Plan {
  const context = {
    policy: Policy.parse({ ...OPEN_POLICY, ...policy }),
    requestedBy: 'operator',
    pastMoves: [],
  }
  const planId = PlanId.parse('plan-isolate')
  return sealPlan(
    withNamedStamp(makePlan(sharedStamps(), { customer: 'acme' }, { ...context, planId }), MADE),
  )
}

export async function startIsolation(
  options: Pick<HostOptions, 'faults'> & {
    readonly answered?: 'all' | 'none'
    /** The orchestration that is started under the plan's id; its own where nothing else is said. */
    readonly orchestrator?: string
    readonly policy?: Readonly<Record<string, unknown>>
    readonly trouble?: readonly TwinFault[]
    readonly ports?: (ports: Ports, twin: Twin) => Ports
    readonly provisioning?: (provisioning: Provisioning, twin: Twin) => Provisioning
  } = {},
): Promise<Isolation> {
  const records = new SqliteRecords(':memory:')
  const anchors = new SqliteAnchors(':memory:')
  const held: { clock?: HostClock } = {}
  const clock = { nowMs: () => held.clock?.nowMs() ?? DATA_ENDS_MS }
  const { nowMs: _, ...files } = sharedStamps()
  const twin = createTwin({ files, database: ':memory:', clock, seed: 1 })
  for (const fault of options.trouble ?? []) twin.inject(fault)
  const { catalog, metrics, traffic, capacity, interlocks } = twin
  const ports: Ports = { catalog, metrics, traffic, capacity, interlocks, records, clock }
  const plan = isolationPlan(options.policy)
  await recordStart(ports, plan, options.answered ?? 'all')
  const given = options.ports?.(ports, twin) ?? ports
  const provisioning = options.provisioning?.(twin.provisioning, twin) ?? twin.provisioning
  const testHost = await startTestHost({
    appDir: ROOT,
    startAtMs: DATA_ENDS_MS,
    ...(options.faults ? { faults: options.faults } : {}),
    load: (host) => {
      held.clock = host.clock
      const audited = new AuditedRecords(records, new AuditTrail({ records, anchors, clock }))
      registerRuns({
        ports: { ...given, records: audited },
        policies: {},
        provisioning,
        rehearse: () => Promise.reject(new Error('not in this test')),
      })
    },
  })
  await testHost.start(options.orchestrator ?? 'isolate', plan.id, outlineOf(plan, { lateMs: 0 }))
  return {
    ...{ testHost, plan, ports, twin },
    order: async (change) => {
      const stored = await records.read('controls', plan.id)
      if (!stored) throw new Error('there are no controls')
      await records.replace('controls', stored.id, change(stored.value), stored.etag)
    },
    ...runHandles({ records, anchors, clock, twin, testHost }, plan.id),
  }
}
