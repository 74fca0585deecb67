import { randomUUID } from 'node:crypto'
import type { Decision } from './decision.ts'
import { failedByHost } from './ending.ts'
import {
  completedEvent,
  createdEvent,
  type End,
  endOf,
  parentEvent,
  statusAfter,
  versionMismatch,
} from './episode-end.ts'
import type { FunctionApp } from './function-app.ts'
import { EventType, type HistoryEvent, isFinal, newEvent } from './history.ts'
import { extended, joined, kept, keptAs, type Past } from './history-text.ts'
import type { InstanceRow } from './hub-store.ts'
import { type InstanceState, lastEpisodeMs } from './instances.ts'
import type { Invoker } from './invocation.ts'
import type { Leniences } from './leniences.ts'
import { failedByHistory } from './repeated-tasks.ts'
import { timeSpanText } from './settings.ts'
import type { Slots } from './slots.ts'
import { type ExecutionTrace, noTrace, ownContext, spanBelow } from './trace-context.ts'
import { type Versioning, versionVerdict } from './versioning.ts'
import { Walk, type WalkLimits, type WalkResult } from './walk.ts'
import { type WorkerAnswer, workerAnswer } from './worker-answer.ts'

export interface EpisodeHost {
  readonly app: FunctionApp
  readonly invoker: Invoker
  readonly limits: WalkLimits
  readonly versioning: Versioning
  readonly storeInputs: boolean
  readonly leniences: Leniences
  /** How many orchestrators may run at once. */
  readonly orchestrators: Slots
  readonly nowMs: () => number
}

/** All that one episode changes; it is committed as a whole or not at all. */
export interface EpisodeResult {
  readonly before: InstanceState
  readonly after: InstanceState
  /** Whether the history was started anew, by continue-as-new. */
  readonly renewed: boolean
  /** The JSON of the events that are new in the history, joined by commas. */
  readonly added: string
  readonly decisions: readonly Decision[]
  /** For the parent, once this instance has ended. */
  readonly toParent: HistoryEvent | undefined
}

const generationsMax = 10_000

/** Runs the episode that some received events cause, through all generations that follow at once. */
export async function runEpisode(
  host: EpisodeHost,
  before: InstanceState,
  received: readonly HistoryEvent[],
): Promise<EpisodeResult> {
  let generation: Generation = { row: before.row, past: before, received, carriedStatus: null }
  for (let count = 0; count < generationsMax; count++) {
    const { next, ...ran } = await runGeneration(host, generation)
    if (!next) return { before, ...ran, renewed: count > 0 }
    generation = next
  }
  return givenUp(host, before, generation)
}

/** The real host would never end this episode, and nothing of it would ever be stored. */
function givenUp(host: EpisodeHost, before: InstanceState, generation: Generation): EpisodeResult {
  const { row } = generation
  const text = `it continued as new ${generationsMax} times without waiting for anything.`
  const end = endOf(failedByHost(row.name, text), undefined)
  return { before, ...endedUnasked(generation, end, host.nowMs()), renewed: true }
}

/** Ends a generation without a word of the worker. */
function endedUnasked({ row, past, received }: Generation, end: End, atMs: number): Omit<Ran, 'next'> {
  const started = newEvent(EventType.OrchestratorStarted, atMs)
  const events = [
    started,
    ...received,
    completedEvent(end, atMs),
    newEvent(EventType.OrchestratorCompleted, atMs),
  ]
  const ended = { ...row, status: end.status, output: end.output, updatedMs: atMs }
  return { ...extended(ended, past, events.map(kept)), decisions: [], toParent: parentEvent(row, end, atMs) }
}

interface Generation {
  readonly row: InstanceRow
  readonly past: Past
  readonly received: readonly HistoryEvent[]
  /** The custom status that the generation before left; it lasts through the first episode. */
  readonly carriedStatus: string | null
}

interface Ran extends Pick<EpisodeResult, 'after' | 'added'> {
  readonly decisions: readonly Decision[]
  readonly toParent: HistoryEvent | undefined
  readonly next: Generation | undefined
}

async function runGeneration(host: EpisodeHost, generation: Generation): Promise<Ran> {
  const { row, past } = generation
  // Each episode of an instance is later than the one before, as on the real host, also while the clock stands still.
  const atMs = Math.max(host.nowMs(), lastEpisodeMs(past.events) + 1)
  if (versionVerdict(host.versioning, row.version) === 'Fail')
    return { ...endedUnasked(generation, versionMismatch, atMs), next: undefined }
  const started = newEvent(EventType.OrchestratorStarted, atMs)
  const fresh = [started, ...generation.received.map((event) => ({ ...event, IsPlayed: false }))]
  const freshTexts = fresh.map((event) => JSON.stringify(event))

  const answer = await askWorker(host, generation, { events: fresh, text: freshTexts.join(',') })
  const walk = walked(host, generation, { fresh, answer })

  const { ending } = walk
  if (ending?.kind === 'continuedAsNew') {
    return {
      ...idle(generation),
      next: nextGeneration(generation, { input: ending.input, walk, answer, atMs }),
    }
  }
  const decisions = ending?.kind === 'terminated' ? [] : traced(walk.decisions, traceOf(generation))
  const scheduled = decisions.map((decision) => createdEvent(decision, atMs, host))
  const end = ending && endOf(ending, answer.failure)
  const completed = end ? [completedEvent(end, atMs)] : []
  const own = [...scheduled, ...completed, newEvent(EventType.OrchestratorCompleted, atMs)]
  const customStatus = answer.state.customStatus ?? generation.carriedStatus
  const nextRow = { ...row, ...statusAfter(row, fresh, end), customStatus, updatedMs: atMs }
  return {
    ...extended(nextRow, past, [...fresh.map((event, i) => keptAs(event, freshTexts[i])), ...own.map(kept)]),
    decisions,
    toParent: end && parentEvent(row, end, atMs),
    next: undefined,
  }
}

function walked(
  { limits, leniences }: EpisodeHost,
  { row, past }: Generation,
  { fresh, answer }: { fresh: readonly HistoryEvent[]; answer: WorkerAnswer },
): WalkResult {
  const { state, failure } = answer
  const { name, executionId } = row
  const history = [...past.events, ...fresh]
  if (failure && leniences.repeatedTasks) return failedByHistory(history, failure)
  const options = { name, executionId, takenIds: takenIds(row), state, limits, leniences, failure }
  return new Walk(options).run(history)
}

function idle({ row, past }: Generation): Ran {
  return { after: { row, ...past }, added: '', decisions: [], toParent: undefined, next: undefined }
}

export async function askWorker(
  host: EpisodeHost,
  generation: Generation,
  fresh: Past,
): Promise<WorkerAnswer> {
  const { row, past } = generation
  const trace = traceOf(generation)
  const orchestrator = host.app.find('orchestration', row.name)
  if (!orchestrator) return notRun(row.name, host.app.missing('orchestration', row.name))
  const started = past.events.find(isStart) ?? fresh.events.find(isStart)
  if (started?.Input?.trim() === '') {
    const text = `Exception while executing function: Functions.${row.name}`
    return notRun(row.name, `One or more errors occurred. (${text})`)
  }
  const rest = {
    input: jsonOrText(started?.Input ?? null),
    instanceId: row.id,
    isReplaying: started?.IsPlayed ?? false,
    parentInstanceId: row.parent?.OrchestrationInstance.InstanceId ?? null,
    upperSchemaVersion: 1,
    upperSchemaVersionNew: 3,
    longRunningTimerIntervalDuration: timeSpanText(host.limits.longTimerStepMs),
    maximumShortTimerDuration: timeSpanText(host.limits.shortTimerMaxMs),
    defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
  }
  const payload = `{"history":[${joined(past.text, fresh.text)}],${JSON.stringify(rest).slice(1)}`
  const invocation = { input: { string: payload }, trace: trace ? ownContext(trace) : noTrace }
  const outcome = await host.orchestrators.run(() => host.invoker.invoke(orchestrator, invocation))
  return workerAnswer(row.name, outcome, host.leniences)
}

function isStart({ EventType: type }: HistoryEvent): boolean {
  return type === EventType.ExecutionStarted
}

/** The trace that this execution is a span of, if it was started in one. */
function traceOf({ past, received }: Pick<Generation, 'past' | 'received'>): ExecutionTrace | undefined {
  const trace = (past.events.find(isStart) ?? received.find(isStart))?.ParentTraceContext
  return trace && 'Id' in trace ? trace : undefined
}

function traced(decisions: readonly Decision[], trace: ExecutionTrace | undefined): readonly Decision[] {
  if (!trace) return decisions
  return decisions.map((decision) =>
    decision.kind === 'timer' ? decision : { ...decision, trace: spanBelow(ownContext(trace)) },
  )
}

function notRun(name: string, error: string): WorkerAnswer {
  const data = JSON.stringify({ isDone: false, actions: [[]], error })
  return workerAnswer(name, { kind: 'failed', message: `$OutOfProcData$:${data}`, stack: '' })
}

export function takenIds({ id, parent }: InstanceRow): string[] {
  return parent ? [id, parent.OrchestrationInstance.InstanceId] : [id]
}

function nextGeneration(
  generation: Generation,
  { input, walk, answer, atMs }: { input: unknown; walk: WalkResult; answer: WorkerAnswer; atMs: number },
): Generation {
  const { row, received } = generation
  const trace = traceOf(generation)
  const executionId = randomUUID()
  const text = input === undefined || input === null ? null : JSON.stringify(input)
  const started = newEvent(EventType.ExecutionStarted, atMs, {
    Name: row.name,
    Version: row.version,
    Input: text,
    OrchestrationInstance: { InstanceId: row.id, ExecutionId: executionId },
    ParentInstance: row.parent,
    ScheduledStartTime: null,
    Tags: received.find(({ Tags }) => Tags)?.Tags ?? null,
    ...(trace ? { ParentTraceContext: trace } : {}),
  })
  return {
    // Without a new input or output the status goes on showing the one before.
    row: { ...row, executionId, input: text ?? row.input, createdMs: atMs, status: 'Running' },
    past: { events: [], text: '' },
    received: [started, ...walk.carried],
    carriedStatus: answer.state.customStatus ?? row.customStatus,
  }
}

/** A stored input is JSON; anything else is passed on as the text it is. */
function jsonOrText(text: string | null): unknown {
  if (text === null) return null
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

export function acceptsMessages(row: InstanceRow): boolean {
  return !isFinal(row.status)
}
