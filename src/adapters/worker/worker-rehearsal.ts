import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import { FaultKind, RehearsalReport, RehearsedFault } from '../../domain/rehearsal.ts'
import type { RehearsalJob, RehearsalWork, Rehearse } from '../../ports/rehearsal.ts'

const RUN_MS_MAX = 120_000
const HEAP_MB_MAX = 1024

const Outcome = RehearsalReport.omit({ planId: true, digest: true, atMs: true })
type Outcome = z.infer<typeof Outcome>
const Faults = z.array(RehearsedFault)

/** Rehearses in two worker threads at once, the plan and the standard faults: own modules, an empty environment, limits of time and memory. */
export function createWorkerRehearsal(entry: URL): Rehearse {
  return async (job) => {
    const [plan, faults] = await Promise.all([
      answerOf(entry, { part: 'plan', job }, Outcome),
      answerOf(entry, { part: 'faults', job }, Faults),
    ])
    const known = typeof faults === 'string' ? unknownFaults(faults) : faults
    return withFaults(typeof plan === 'string' ? failed(job, plan) : plan, known)
  }
}

/** A fault that the plan's own run does not get over safely fails the rehearsal: such a plan is not started. */
export function withFaults(outcome: Outcome, faults: readonly RehearsedFault[]): Outcome {
  const unsafe = faults.find((one) => one.outcome === 'unsafe')
  const status = unsafe ? 'failed' : outcome.status
  const words = unsafe ? `${outcome.words}; but under ${unsafe.fault}: ${unsafe.words}` : outcome.words
  return { ...outcome, status, words, faults: [...faults] }
}

function unknownFaults(words: string): RehearsedFault[] {
  return FaultKind.options.map((fault) => ({ fault, outcome: 'unknown', words }))
}

function failed({ plan }: RehearsalJob, words: string): Outcome {
  const moves = { movesDone: 0, movesPlanned: plan.moves.length }
  return { status: 'failed', words, virtualMs: 0, ...moves, pools: [] }
}

/** What a thread answers, or why it gave no answer. */
function answerOf<T>(entry: URL, work: RehearsalWork, schema: z.ZodType<T>): Promise<T | string> {
  return new Promise((resolve) => {
    const worker = new Worker(entry, {
      workerData: work,
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
    })
    const end = (answer: T | string) => {
      clearTimeout(timer)
      resolve(answer)
      void worker.terminate()
    }
    const late = `the rehearsal was not over after ${RUN_MS_MAX / 1000} s`
    const timer = setTimeout(() => end(late), RUN_MS_MAX)
    worker.once('message', (message) => {
      const answer = schema.safeParse(message)
      end(answer.success ? answer.data : 'the rehearsal gave an answer that is no report')
    })
    worker.once('error', (error) =>
      end(`the rehearsal broke off: ${error instanceof Error ? error.message : String(error)}`),
    )
    worker.once('exit', () => end('the rehearsal ended without a report'))
  })
}
