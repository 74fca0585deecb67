import { app, type InvocationContext, type Timer } from '@azure/functions'
import * as df from 'durable-functions'
import { hasEnded, type Run } from '../domain/run.ts'
import { outlineOf } from '../messages/outline.ts'
import type { Ports } from '../ports/ports.ts'
import { decisionsOn } from '../queries/decisions.ts'

const RUNS_MAX = 1000
/** A run that was recorded but whose orchestration never began is begun after this long. */
const START_GRACE_MS = 60_000

/** The timers: scans on their cadence, and a sweep that wakes what missed its event. */
export function registerTimers(ports: Ports): void {
  const durableClient = df.input.durableClient()
  const register = (name: string, schedule: string, work: (client: df.DurableClient) => Promise<void>) =>
    app.timer(name, {
      schedule,
      extraInputs: [durableClient],
      handler: (_tick: Timer, context: InvocationContext) => work(df.getClient(context)),
    })
  register('scanRegions', '%SCAN_SCHEDULE%', async (client) => {
    for (const region of (await ports.catalog.fleet()).regions)
      await startScan(client, region.name, ports.clock.nowMs())
  })
  register('sweepRuns', '30 */5 * * * *', (client) => sweep(ports, client))
}

/** Starts a look at a region; the id holds the minute, so that a repeated tick starts nothing twice. */
export async function startScan(client: df.DurableClient, region: string, nowMs: number): Promise<string> {
  const instanceId = `scan-${region}-${Math.floor(nowMs / 1000)}`
  await client.startNew('scan-region', { instanceId, input: { region } })
  return instanceId
}

/** Raises again what a run may have missed, and begins runs whose start was recorded but got lost. */
async function sweep(ports: Ports, client: df.DurableClient): Promise<void> {
  for (const { value: run } of await ports.records.list('runs', { limit: RUNS_MAX })) {
    if (hasEnded(run.status)) continue
    if (run.status.kind === 'starting' && ports.clock.nowMs() - run.startedAtMs > START_GRACE_MS)
      await begin(ports, client, run)
    else if (run.waiting && (await hasNews(ports, run)))
      await client.raiseEvent(run.waiting.instance, run.waiting.event, {})
  }
}

async function begin(ports: Ports, client: df.DurableClient, run: Run): Promise<void> {
  const plan = (await ports.records.read('plans', run.planId))?.value
  const known = await client.getStatus(run.planId).catch(() => undefined)
  if (plan && !known) await client.startNew('rebalance', { instanceId: plan.id, input: outlineOf(plan) })
}

/** Whether a record was written since the run began to wait that could end the wait. */
async function hasNews({ records }: Pick<Ports, 'records'>, run: Run): Promise<boolean> {
  const sinceMs = run.waiting?.sinceMs ?? 0
  const controls = (await records.read('controls', run.planId))?.value
  if (controls?.rollback ?? controls?.abort) return true
  if (run.status.kind === 'held') return controls?.hold === null
  if (controls?.hold && controls.hold.atMs >= sinceMs) return true
  if (run.status.kind !== 'awaitingApproval') return false
  return (await decisionsOn({ records }, run.planId, run.status.gate)).some(
    (decision) => decision.atMs >= sinceMs,
  )
}
