import { fileURLToPath } from 'node:url'
import { SqliteAnchors } from '../../src/adapters/sqlite/sqlite-anchors.ts'
import { SqliteRecords } from '../../src/adapters/sqlite/sqlite-records.ts'
import { registerRuns } from '../../src/app.ts'
import { AuditedRecords } from '../../src/audit/audited-records.ts'
import { AuditTrail } from '../../src/audit/trail.ts'
import type { AuditVerdict } from '../../src/domain/audit.ts'
import { sealPlan } from '../../src/domain/canonical.ts'
import { PlanId, replicaId, StampId } from '../../src/domain/ids.ts'
import type { Plan } from '../../src/domain/plan.ts'
import { OPEN_POLICY, Policy } from '../../src/domain/policy.ts'
import { makeRightSizing } from '../../src/domain/right-size.ts'
import type { MoveRecord, Run } from '../../src/domain/run.ts'
import type { HostClock, HostOptions } from '../../src/host/host.ts'
import { startTestHost, type TestHost } from '../../src/host/testkit.ts'
import { outlineOf } from '../../src/messages/outline.ts'
import type { Ports } from '../../src/ports/ports.ts'
import { relievedPools } from '../../src/queries/headroom.ts'
import { createTwin, type Twin } from '../../src/twin/twin.ts'
import { acmePlan, recordStart } from './answered-run.ts'
import { runHandles } from './run-handles.ts'
import { DATA_ENDS_MS, smallRegion } from './small-region.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** Enough to go down in several steps. */
export const SHARED_NODES = 6
const DAY_MS = 86_400_000
/** A forecast takes a week of whole days after the move. */
const SETTLED_DAYS = 9

/** A region whose dominating customer has moved away a while ago, and the plan that lowers what it left behind. */
export interface RightSizing {
  readonly testHost: TestHost
  readonly plan: Plan
  readonly ports: Ports
  readonly twin: Twin
  /** The minimum of a relieved stamp's pool now. */
  minimum(stamp: string): Promise<number>
  /** Waits until the run's record is as wanted. */
  until(wanted: (run: Run) => boolean): Promise<Run>
  audit(): Promise<AuditVerdict>
  stop(): Promise<void>
}

export async function startRightSizing(
  options: Pick<HostOptions, 'faults'> & {
    readonly answered?: 'all' | 'none'
    readonly policy?: Readonly<Record<string, unknown>>
    /** What the app gets in place of the twin's ports. */
    readonly ports?: (ports: Ports) => Ports
    /** Done after the plan was made and before its run begins. */
    readonly before?: (at: {
      readonly ports: Ports
      readonly plan: Plan
      readonly twin: Twin
    }) => Promise<void>
  } = {},
): Promise<RightSizing> {
  const records = new SqliteRecords(':memory:')
  const anchors = new SqliteAnchors(':memory:')
  const held: { clock?: HostClock; ms: number } = { ms: DATA_ENDS_MS }
  const clock = { nowMs: () => held.clock?.nowMs() ?? held.ms }
  const twin = createTwin({
    files: smallRegion(undefined, SHARED_NODES),
    database: ':memory:',
    clock,
    seed: 1,
  })
  const { catalog, metrics, traffic, capacity, interlocks } = twin
  const ports: Ports = { catalog, metrics, traffic, capacity, interlocks, records, clock }
  await moveAway(ports, acmePlan())
  held.ms += SETTLED_DAYS * DAY_MS
  const policy = Policy.parse({ ...OPEN_POLICY, ...options.policy })
  const context = { planId: PlanId.parse('plan-lower'), requestedBy: 'operator', nowMs: held.ms, policy }
  const plan = sealPlan(makeRightSizing(acmePlan(), await relievedPools(ports, acmePlan(), policy), context))
  await recordStart(ports, plan, options.answered ?? 'all')
  await options.before?.({ ports, plan, twin })
  const given = options.ports?.(ports) ?? ports
  const testHost = await startTestHost({
    appDir: ROOT,
    startAtMs: held.ms,
    ...(options.faults ? { faults: options.faults } : {}),
    load: (host) => {
      held.clock = host.clock
      const audited = new AuditedRecords(records, new AuditTrail({ records, anchors, clock }))
      registerRuns({
        ports: { ...given, records: audited },
        policies: {},
        provisioning: twin.provisioning,
        rehearse: () => Promise.reject(new Error('not in this test')),
      })
    },
  })
  await testHost.start('right-size', plan.id, outlineOf(plan, { lateMs: 0 }))
  return {
    testHost,
    ...{ plan, ports, twin },
    minimum: async (stamp) => (await capacity.pools(StampId.parse(stamp)))[0]?.minNodes ?? 0,
    ...runHandles({ records, anchors, clock, twin, testHost }, plan.id),
  }
}

/** Moves everybody as a plan would have, with what is on record of it. */
export async function moveAway({ catalog, traffic, records, clock }: Ports, plan: Plan): Promise<void> {
  for (const { registry, from, to, phase, batch } of plan.moves) {
    const replica = replicaId(registry, plan.region)
    const key = `${plan.id}/${replica}/001`
    const stamp = StampId.parse(to)
    const { binding } = await catalog.rebind({ replica, to: stamp, expectedEpoch: 1, moveKey: key })
    await traffic.setRoute({ replica, to: stamp, moveKey: key, epoch: binding.epoch })
    const atMs = clock.nowMs()
    const steps = [{ step: 'rebind', kind: 'done', atMs, detail: '' } as const]
    const done: MoveRecord = {
      ...{ planId: plan.id, replica, gate: `${phase}-${batch}`, from, to: stamp, direction: 'forward' },
      ...{ key, steps, outcome: { kind: 'done', atMs } },
    }
    await records.create('moves', key, done)
  }
}
