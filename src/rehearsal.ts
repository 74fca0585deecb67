import { fileURLToPath } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import { SqliteRecords } from './adapters/sqlite/sqlite-records.ts'
import { registerRuns } from './app.ts'
import { approversMin } from './domain/approval.ts'
import { batchesOf } from './domain/plan.ts'
import { hasEnded, type Run } from './domain/run.ts'
import { createHost, type Host } from './host/host.ts'
import { orchestrationOf, outlineOf } from './messages/outline.ts'
import type { Ports } from './ports/ports.ts'
import type { Records } from './ports/records.ts'
import type { RehearsalJob, Rehearse } from './ports/rehearsal.ts'
import { reportView } from './queries/report-view.ts'
import { createTwin } from './twin/twin.ts'

const SEED = 1
const LOOK_EVERY_MS = 20
const RUN_MS_MAX = 110_000
const APP_FOLDER = fileURLToPath(new URL('..', import.meta.url))

/** Runs a plan's own orchestrations over a twin, every gate answered beforehand, time skipped ahead. */
export const rehearse: Rehearse = async (job) => {
  const records = new SqliteRecords(':memory:')
  let ports: Ports | undefined
  const host = await createHost({
    appDir: APP_FOLDER,
    hub: 'memory',
    clock: 'skip',
    startAtMs: job.nowMs,
    port: 0,
    // The thread has no environment, and a deployed package no local.settings.json.
    settings: { TASKHUB_NAME: 'rehearsal' },
    load: ({ clock }) => {
      const { fleet, region, cpu, load } = job
      const twin = createTwin({
        files: { fleet, region, cpu, load },
        database: ':memory:',
        clock,
        seed: SEED,
      })
      const { catalog, metrics, traffic, capacity, interlocks, provisioning } = twin
      ports = { catalog, metrics, traffic, capacity, interlocks, records, clock }
      registerRuns({ ports, policies: { '*': job.plan.policy }, provisioning, rehearse: refuse })
    },
  })
  try {
    if (!ports) throw new Error('the host did not load the app')
    await answerAll(records, job, host.clock.nowMs())
    return await runThrough(host, ports, job)
  } finally {
    await host.stop()
  }
}

const refuse: Rehearse = () => Promise.reject(new Error('a rehearsal rehearses nothing itself'))

async function answerAll(records: Records, { plan }: RehearsalJob, nowMs: number): Promise<void> {
  await records.create('plans', plan.id, plan)
  await records.create('controls', plan.id, { planId: plan.id, hold: null, rollback: null, abort: null })
  await records.create('runs', plan.id, {
    planId: plan.id,
    digest: plan.digest,
    region: plan.region,
    startedBy: 'rehearsal',
    startedAtMs: nowMs,
    updatedAtMs: nowMs,
    status: { kind: 'starting' },
    waiting: null,
  })
  for (const { gate, phase } of batchesOf(plan)) {
    for (let person = 1; person <= approversMin(plan.policy, phase); person += 1) {
      const id = `${plan.id}/${gate}/00${person}`
      await records.create('decisions', id, {
        id,
        planId: plan.id,
        digest: plan.digest,
        gates: [gate],
        answer: 'approve',
        by: `rehearsal ${person} (nobody)`,
        reason: 'rehearsal',
        atMs: nowMs,
        expiresAtMs: null,
      })
    }
  }
}

async function runThrough(
  host: Host,
  ports: Ports,
  { plan }: RehearsalJob,
): Promise<Awaited<ReturnType<Rehearse>>> {
  const startMs = host.clock.nowMs()
  const url = `${host.baseUrl}/runtime/webhooks/durabletask/orchestrators/${orchestrationOf(plan)}/${plan.id}?code=${host.systemKey}`
  const started = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(outlineOf(plan)),
  })
  if (started.status !== 202) throw new Error(`the rehearsal's run was not taken: HTTP ${started.status}`)
  const run = await settled(ports, plan.id)
  const view = await reportView(ports, plan, run)
  const movesDone = view.moves.filter(
    (move) => move.direction === 'forward' && move.outcome?.kind === 'done',
  ).length
  const passed = run.status.kind === 'completed' && movesDone === plan.moves.length
  const why = 'reason' in run.status ? `: ${run.status.reason}` : ''
  return {
    status: passed ? 'passed' : 'failed',
    words: passed
      ? `all ${movesDone} moves landed, every observation was better or equal`
      : `the run ended as ${run.status.kind}${why}, with ${movesDone} of ${plan.moves.length} moves`,
    virtualMs: host.clock.nowMs() - startMs,
    movesDone,
    movesPlanned: plan.moves.length,
    pools: view.rows.map(({ stamp, pool, before, after }) => ({ stamp, pool, before, after })),
  }
}

/** Waits for the run's end; a run that waits for a person has ended as far as a rehearsal goes. */
async function settled({ records }: Pick<Ports, 'records'>, planId: string): Promise<Run> {
  const deadlineMs = Date.now() + RUN_MS_MAX
  for (;;) {
    const run = (await records.read('runs', planId))?.value
    if (run && (hasEnded(run.status) || run.waiting?.person)) return run
    if (!run || Date.now() > deadlineMs)
      throw new Error(`the rehearsal was not over after ${RUN_MS_MAX / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
}

if (parentPort) {
  const port = parentPort
  const job: RehearsalJob = workerData
  rehearse(job).then(
    (outcome) => port.postMessage(outcome),
    (error: unknown) =>
      port.postMessage({
        status: 'failed',
        words: error instanceof Error ? error.message : String(error),
        virtualMs: 0,
        movesDone: 0,
        movesPlanned: job.plan.moves.length,
        pools: [],
      }),
  )
}
