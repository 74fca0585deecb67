import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SqliteRecords } from '../adapters/sqlite/sqlite-records.ts'
import { registerRuns } from '../app.ts'
import { approversMin } from '../domain/approval.ts'
import { batchesOf, type Plan } from '../domain/plan.ts'
import { hasEnded, MoveRecord, Run } from '../domain/run.ts'
import type { HostClock } from '../host/host.ts'
import { startTestHost, type TestHost } from '../host/testkit.ts'
import { orchestrationOf, outlineOf } from '../messages/outline.ts'
import { HeardRecords } from '../ports/heard-records.ts'
import type { Ports } from '../ports/ports.ts'
import type { Collection, Records } from '../ports/records.ts'
import type { RehearsalJob } from '../ports/rehearsal.ts'
import { createTwin, type Twin } from '../twin/twin.ts'

const SEED = 1
const RUN_MS_MAX = 110_000
/** Sources, build and bundle lie at different depths below host.json. */
const DEPTH_MAX = 3

/** Hears what a run writes: its own record, and its moves. */
export interface Hearing {
  readonly onRun?: (run: Run, twinRun: TwinRun) => void
  readonly onMove?: (move: MoveRecord, twinRun: TwinRun) => void
}

/** A plan's own orchestrations over a twin of its region, every gate answered beforehand, time skipped ahead. */
export interface TwinRun {
  readonly plan: Plan
  readonly ports: Ports
  readonly twin: Twin
  readonly host: TestHost
  /** Starts the run and waits for its end; one that waits for a person, or for its report where asked, has ended here. */
  run(until: 'end' | 'report'): Promise<Run>
  stop(): Promise<void>
}

export async function openTwinRun(
  job: RehearsalJob,
  { hub, ...hearing }: Hearing & { readonly hub: 'memory' | 'file' },
): Promise<TwinRun> {
  const { plan, fleet, region, cpu, load } = job
  const kept = new SqliteRecords(':memory:')
  const held: { clock?: HostClock; run?: TwinRun } = {}
  const over = { at: 'end' as 'end' | 'report', ...Promise.withResolvers<Run>() }
  const clock = { nowMs: () => held.clock?.nowMs() ?? job.nowMs }
  const records = new HeardRecords(kept, (collection, value) => hear(collection, value))
  const twin = createTwin({ files: { fleet, region, cpu, load }, database: ':memory:', clock, seed: SEED })
  const { catalog, metrics, traffic, capacity, interlocks, provisioning } = twin
  const ports: Ports = { catalog, metrics, traffic, capacity, interlocks, records, clock }
  function hear(collection: Collection, value: unknown): void {
    if (!held.run) return
    if (collection === 'moves') hearing.onMove?.(MoveRecord.parse(value), held.run)
    if (collection !== 'runs') return
    const run = Run.parse(value)
    hearing.onRun?.(run, held.run)
    if (isOver(run, over.at)) over.resolve(run)
  }
  await recordStart(records, plan, job.nowMs)
  const host = await startTestHost({
    appDir: appFolder(),
    ...(hub === 'memory' ? { hub } : {}),
    startAtMs: job.nowMs,
    // The thread has no environment, and a deployed package no local.settings.json.
    settings: { TASKHUB_NAME: 'rehearsal' },
    load: (loaded) => {
      held.clock = loaded.clock
      const refuse = () => Promise.reject(new Error('a rehearsal rehearses nothing itself'))
      registerRuns({ ports, policies: { '*': plan.policy }, provisioning, rehearse: refuse })
    },
  })
  held.run = {
    ...{ plan, ports, twin, host },
    run: async (until) => {
      over.at = until
      await host.start(orchestrationOf(plan), plan.id, outlineOf(plan, ports.metrics))
      return within(RUN_MS_MAX, over.promise)
    },
    stop: async () => {
      await host.stop()
      twin.close()
      kept.close()
    },
  }
  return held.run
}

/** A run that waits for a person has ended as far as a rehearsal goes; one whose batches have all passed may have, too. */
function isOver({ status, waiting }: Run, until: 'end' | 'report'): boolean {
  return hasEnded(status) || waiting?.person === true || (until === 'report' && waiting?.kind === 'report')
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the rehearsal was not over after ${ms / 1000} s`)), ms)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

async function recordStart(records: Records, plan: Plan, atMs: number): Promise<void> {
  const { id: planId, digest, region } = plan
  await records.create('plans', planId, plan)
  await records.create('controls', planId, { planId, hold: null, rollback: null, abort: null })
  await records.create('runs', planId, {
    ...{ planId, digest, region, startedBy: 'rehearsal', startedAtMs: atMs, updatedAtMs: atMs },
    ...{ status: { kind: 'starting' }, waiting: null },
  })
  for (const { gate, phase } of batchesOf(plan)) {
    for (let person = 1; person <= approversMin(plan.policy, phase); person += 1) {
      const id = `${planId}/${gate}/00${person}`
      const by = `rehearsal ${person} (nobody)`
      const answer = { answer: 'approve', by, reason: 'rehearsal', atMs, expiresAtMs: null } as const
      await records.create('decisions', id, { id, planId, digest, gates: [gate], ...answer })
    }
  }
}

function appFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  for (let up = 0; up < DEPTH_MAX && !existsSync(join(folder, 'host.json')); up += 1) folder = dirname(folder)
  return folder
}
