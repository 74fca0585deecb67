import { parentPort, workerData } from 'node:worker_threads'
import type { RehearsedStep } from './domain/rehearsal.ts'
import type { Run } from './domain/run.ts'
import type { RehearsalJob, RehearsalWork, Rehearse } from './ports/rehearsal.ts'
import { reportView } from './queries/report-view.ts'
import { rehearseFaults } from './rehearsal/faults.ts'
import { openTwinRun, type TwinRun } from './rehearsal/twin-run.ts'

/** So many steps of a calendar are kept; a plan of more batches says so. */
const STEPS_MAX = 2000

/** Runs a plan's own orchestrations over a twin to their end, every gate answered beforehand, time skipped ahead. */
export const rehearse: Rehearse = async (job) => {
  const calendar: RehearsedStep[] = []
  let moved = 0
  const note = ({ status, updatedAtMs }: Run) => {
    const gate = 'gate' in status ? status.gate : null
    const last = calendar.at(-1)
    if (calendar.length >= STEPS_MAX || (last?.kind === status.kind && last.gate === gate)) return
    const words = 'reason' in status ? status.reason : ''
    calendar.push({ atMs: updatedAtMs, kind: status.kind, gate, movesDone: moved, words })
  }
  const run = await openTwinRun(job, {
    hub: 'memory',
    onRun: note,
    onMove: ({ direction, outcome }) => {
      if (direction === 'forward' && outcome?.kind === 'done') moved += 1
    },
  })
  try {
    return { ...(await reported(run, job, await run.run('end'))), calendar }
  } finally {
    await run.stop()
  }
}

async function reported(
  { ports }: TwinRun,
  { plan, nowMs }: RehearsalJob,
  run: Run,
): Promise<Awaited<ReturnType<Rehearse>>> {
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
    virtualMs: run.updatedAtMs - nowMs,
    movesDone,
    movesPlanned: plan.moves.length,
    pools: view.rows.map(({ stamp, pool, before, after }) => ({ stamp, pool, before, after })),
  }
}

/** What the thread answers with; that it could not be done is an answer, too. */
async function answer({ part, job }: RehearsalWork): Promise<unknown> {
  if (part === 'faults') return rehearseFaults(job)
  return rehearse(job).catch((error: unknown) => ({
    status: 'failed',
    words: error instanceof Error ? error.message : String(error),
    virtualMs: 0,
    movesDone: 0,
    movesPlanned: job.plan.moves.length,
    pools: [],
  }))
}

if (parentPort) {
  const port = parentPort
  const work: RehearsalWork = workerData
  void answer(work).then((message) => port.postMessage(message))
}
