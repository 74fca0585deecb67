import { app, type InvocationContext, type Timer } from '@azure/functions'
import * as df from 'durable-functions'
import type { Run } from '../domain/run.ts'
import { orchestrationOf, outlineOf } from '../messages/outline.ts'
import type { Gauges } from '../ports/gauges.ts'
import type { Log } from '../ports/log.ts'
import type { Ports } from '../ports/ports.ts'
import type { Stored } from '../ports/records.ts'
import { decisionsOn } from '../queries/decisions.ts'
import { measureFigures, measureNow } from '../queries/readings.ts'
import { runsUnderWay } from '../queries/runs.ts'
import { wake } from './wake.ts'

/** A run whose record has not changed for so long is looked at: its orchestration may never have begun. */
const START_GRACE_MS = 60_000
const RESTARTS_MAX = 5

type Work = (context: InvocationContext) => Promise<void>

/** What is looked after on a timer, apart from runs. */
export interface Upkeep {
  readonly endForwardings: () => Promise<void>
  readonly restoreMinimums: () => Promise<void>
  /** Stamps that a run left half made. */
  readonly removeStrays: () => Promise<void>
  readonly reconcile: () => Promise<void>
  /** Answers with the plans that it held. */
  readonly holdForeign: () => Promise<readonly string[]>
  readonly remind: () => Promise<void>
  readonly tellDay: () => Promise<void>
  /** Tells of each chain that could not be anchored. */
  readonly anchorRuns: (onFailure: (chain: string, error: unknown) => void) => Promise<void>
  /** Where operators watch; without it nothing is measured. */
  readonly gauges: Gauges | undefined
  readonly log: Log
}

/** The timers: scans on their cadence, a sweep that wakes what missed its event, and what ends by itself. */
export function registerTimers(ports: Ports, upkeep: Upkeep): void {
  const durableClient = df.input.durableClient()
  const register = (name: string, schedule: string, work: Work) =>
    app.timer(name, {
      schedule,
      extraInputs: [durableClient],
      handler: (_tick: Timer, context: InvocationContext) => work(context),
    })
  register('scanRegions', '%SCAN_SCHEDULE%', async (context) => {
    const client = df.getClient(context)
    for (const region of (await ports.catalog.fleet()).regions)
      await startScan(client, region.name, ports.clock.nowMs())
  })
  register('reconcile', '%RECONCILE_SCHEDULE%', async (context) => {
    await upkeep.reconcile()
    for (const planId of await upkeep.holdForeign()) await wake(ports, planId, df.getClient(context))
  })
  register('sweepRuns', '%SWEEP_SCHEDULE%', async (context) => {
    await sweep(ports, df.getClient(context), upkeep.log)
    await upkeep.endForwardings()
    await upkeep.restoreMinimums()
    await upkeep.removeStrays()
    await upkeep.anchorRuns((chain, error) =>
      upkeep.log('error', 'the audit was not anchored', { planId: chain, error: String(error) }),
    )
  })
  // Apart from the sweep: a channel that hangs keeps no run from being woken.
  register('remindPeople', '45 */15 * * * *', () => upkeep.remind())
  register('tellDay', '0 0 6 * * *', () => upkeep.tellDay())
  // Figures read whole audits, so that they are told less often than what is now.
  register('measureNow', '50 */15 * * * *', async () => upkeep.gauges?.publish(await measureNow(ports)))
  register('measureFigures', '55 10 * * * *', async () => upkeep.gauges?.publish(await measureFigures(ports)))
}

/** Starts a look at a region; the id holds the second, so that a repeated tick starts nothing twice. */
export async function startScan(client: df.DurableClient, region: string, nowMs: number): Promise<string> {
  const instanceId = `scan-${region}-${Math.floor(nowMs / 1000)}`
  await client.startNew('scan-region', { instanceId, input: { region } })
  return instanceId
}

/** Raises again what a run may have missed, and begins anew what was never begun or broke off. */
async function sweep(ports: Ports, client: df.DurableClient, log: Log): Promise<void> {
  for (const stored of await runsUnderWay(ports)) {
    try {
      await sweepRun(ports, client, stored)
    } catch (error) {
      // One run that can't be looked at now keeps no other from being woken.
      log('error', 'a run was not swept', { planId: stored.id, error: String(error) })
    }
  }
}

async function sweepRun(ports: Ports, client: df.DurableClient, stored: Stored<Run>): Promise<void> {
  const run = stored.value
  const idle = ports.clock.nowMs() - run.updatedAtMs > START_GRACE_MS
  if (idle && (await isBroken(client, run.planId))) await begin(ports, client, stored)
  else if (run.waiting && (await hasNews(ports, run))) {
    await wake(ports, run.planId, client)
  }
}

/** Whether no orchestration carries the run on: it was never begun, or the host failed it. No answer is no proof of that. */
async function isBroken(client: df.DurableClient, planId: string): Promise<boolean> {
  try {
    return (await client.getStatus(planId)).runtimeStatus === df.OrchestrationRuntimeStatus.Failed
  } catch (error) {
    return error instanceof Error && /\b404\b/.test(error.message)
  }
}

/** Begins a run's orchestration anew: all that it has done and was told is on record. After some attempts it is aborted. */
async function begin(
  ports: Ports,
  client: df.DurableClient,
  { id, value: run, etag }: Stored<Run>,
): Promise<void> {
  const plan = (await ports.records.read('plans', run.planId))?.value
  if (!plan) return
  const atMs = ports.clock.nowMs()
  const restarts = (run.restarts ?? 0) + 1
  const reason = `its orchestration broke off ${restarts} times; what has moved stays`
  const status = restarts > RESTARTS_MAX ? ({ kind: 'aborted', atMs, reason } as const) : run.status
  const next: Run = { ...run, updatedAtMs: atMs, status, restarts, waiting: null }
  if ((await ports.records.replace('runs', id, next, etag)) === 'stale' || restarts > RESTARTS_MAX) return
  await client.startNew(orchestrationOf(plan), { instanceId: plan.id, input: outlineOf(plan, ports.metrics) })
}

/** Whether a record was written since the run began to wait that could end the wait. */
async function hasNews({ records }: Pick<Ports, 'records'>, run: Run): Promise<boolean> {
  const sinceMs = run.waiting?.sinceMs ?? 0
  const controls = (await records.read('controls', run.planId))?.value
  if (controls?.rollback ?? controls?.abort ?? controls?.undo) return true
  if (run.status.kind === 'held') return controls?.hold === null
  if (controls?.hold && controls.hold.atMs >= sinceMs) return true
  if (run.status.kind === 'observing')
    return controls?.observations?.some(({ atMs }) => atMs >= run.updatedAtMs) ?? false
  if (run.status.kind !== 'awaitingApproval') return false
  return (await decisionsOn({ records }, run.planId, run.status.gate)).some(
    (decision) => decision.atMs >= sinceMs,
  )
}
