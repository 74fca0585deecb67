import { Worker } from 'node:worker_threads'
import type { z } from 'zod'
import { RehearsalReport } from '../../domain/rehearsal.ts'
import type { Rehearse } from '../../ports/rehearsal.ts'

const RUN_MS_MAX = 120_000
const HEAP_MB_MAX = 1024

const Outcome = RehearsalReport.omit({ planId: true, digest: true, atMs: true })

/** Rehearses in a worker thread: its own modules, an empty environment, limits of time and memory. */
export function createWorkerRehearsal(entry: URL): Rehearse {
  return (job) =>
    new Promise((resolve) => {
      const worker = new Worker(entry, {
        workerData: job,
        env: {},
        resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
      })
      const end = (outcome: z.infer<typeof Outcome>) => {
        clearTimeout(timer)
        resolve(outcome)
        void worker.terminate()
      }
      const fail = (words: string) =>
        end({
          status: 'failed',
          words,
          virtualMs: 0,
          movesDone: 0,
          movesPlanned: job.plan.moves.length,
          pools: [],
        })
      const timer = setTimeout(
        () => fail(`the rehearsal was not over after ${RUN_MS_MAX / 1000} s`),
        RUN_MS_MAX,
      )
      worker.once('message', (message) => {
        const outcome = Outcome.safeParse(message)
        if (outcome.success) end(outcome.data)
        else fail('the rehearsal gave an answer that is no report')
      })
      worker.once('error', (error) =>
        fail(`the rehearsal broke off: ${error instanceof Error ? error.message : String(error)}`),
      )
      worker.once('exit', () => fail('the rehearsal ended without a report'))
    })
}
