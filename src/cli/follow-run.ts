import { hasEnded, type Run } from '../domain/run.ts'
import type { StatusView } from '../messages/api.ts'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import { type CliIo, EXIT } from './io.ts'
import { progressLine, waitingBlock } from './show-status.ts'

const POLL_MS = 250
/** Where gates are answered at once, waiting for the next look is all that such a run waits for. */
const ANSWERING_POLL_MS = 50
const FOLLOW_MAX_MS = 60 * 86_400_000

type OnGate = (gate: string, view: StatusView) => Promise<void>

export interface Follow {
  readonly client: Client
  readonly planId: string
  readonly io: CliIo
  /** Where progress goes. */
  readonly say: (text: string) => void
  /** Called whenever the run waits for a person at a gate; looked at once for each poll. */
  readonly onGate?: OnGate
}

/** Prints a run's progress, one line for each change, until it has ended or the person leaves. */
export async function followRun({ client, planId, io, say, onGate }: Follow): Promise<StatusView> {
  const untilMs = io.nowMs() + FOLLOW_MAX_MS
  let view = await client.status(planId)
  let shown = ''
  let waitShown = ''
  while (io.nowMs() < untilMs) {
    const { run } = view
    const key = `${JSON.stringify(run?.status)} ${view.movesDone}`
    if (key !== shown) say(progressLine(view))
    shown = key
    if (run && hasEnded(run.status)) return view
    const { waiting } = view
    const wait = waiting ? `${waiting.kind} ${waiting.sinceMs}` : ''
    if (waiting?.person && !onGate && wait !== waitShown) say(waitingBlock(waiting, view.nowMs))
    waitShown = wait
    if (onGate && run) await answer(run, view, onGate)
    await io.pause(onGate ? ANSWERING_POLL_MS : POLL_MS)
    if (io.leaving.aborted) return view
    view = await client.status(planId)
  }
  return view
}

/** Where gates are answered without a person, a hold that only a person can end is the end. */
async function answer(run: Run, view: StatusView, onGate: OnGate): Promise<void> {
  if (run.status.kind === 'awaitingApproval') await onGate(run.status.gate, view)
  if (run.status.kind !== 'held' || !run.waiting?.person) return
  throw new CliError(`${run.planId} is held and waits for a person: ${run.status.reason}`, EXIT.no)
}
