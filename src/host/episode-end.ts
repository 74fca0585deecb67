import type { Decision } from './decision.ts'
import { EventType, type HistoryEvent, isoTime, newEvent, type StatusName, statusNumber } from './history.ts'
import type { InstanceRow } from './hub-store.ts'
import { taskTrace } from './trace-context.ts'
import { jsonText } from './typed-data.ts'
import type { Versioning } from './versioning.ts'
import type { WalkResult } from './walk.ts'
import type { OrchestratorFailure } from './worker-answer.ts'

/** How an instance ended. */
export interface End {
  readonly status: Extract<StatusName, 'Completed' | 'Failed' | 'Terminated'>
  /** What history keeps as the result. */
  readonly result: string | null
  /** What the status document shows. */
  readonly output: string | null
  readonly details: string | null
  readonly failure: OrchestratorFailure | undefined
}

/** How an instance ends whose version the host does not run, where it is not to be left as it is. */
export const versionMismatch: End = mismatch()

function mismatch(): End {
  const details = {
    ErrorType: 'VersionMismatch',
    ErrorMessage: 'Orchestration version did not comply with Worker Versioning',
    StackTrace: null,
    InnerFailure: null,
    IsNonRetriable: true,
    Properties: null,
  }
  const output = `${details.ErrorType}: ${details.ErrorMessage}`
  const failure = { reason: output, details: null, output, failureDetails: details }
  return { status: 'Failed', result: null, output, details: null, failure }
}

export function endOf(
  ending: Exclude<WalkResult['ending'], undefined>,
  failure: OrchestratorFailure | undefined,
): End {
  switch (ending.kind) {
    case 'completed':
      return {
        status: 'Completed',
        result: ending.output,
        output: ending.output,
        details: null,
        failure: undefined,
      }
    case 'terminated':
      return {
        status: 'Terminated',
        result: ending.reason,
        output: ending.reason,
        details: null,
        failure: undefined,
      }
    case 'failed': {
      const own = ending.cause === 'orchestrator' ? failure : undefined
      return {
        status: 'Failed',
        result: ending.reason,
        output: own?.output ?? ending.reason,
        details: ending.details,
        failure: own,
      }
    }
    case 'continuedAsNew':
      throw new Error('A generation that continues as new has no end.')
  }
}

/** Trap, copied: where nothing is written, the row goes on showing what was written before. */
export function statusAfter(
  row: InstanceRow,
  events: readonly HistoryEvent[],
  end: End | undefined,
): Pick<InstanceRow, 'status' | 'output'> {
  if (end) return { status: end.status, output: end.output ?? row.output }
  const turn = events.findLast(
    ({ EventType: type }) => type === EventType.ExecutionSuspended || type === EventType.ExecutionResumed,
  )
  if (turn) {
    const suspended = turn.EventType === EventType.ExecutionSuspended
    return { status: suspended ? 'Suspended' : 'Running', output: turn.Reason ?? row.output }
  }
  return { status: row.status === 'Pending' ? 'Running' : row.status, output: row.output }
}

/** `storeInputs` keeps the inputs of activities and children in the history, too. */
export function createdEvent(
  decision: Decision,
  atMs: number,
  { storeInputs, versioning }: { readonly storeInputs: boolean; readonly versioning: Versioning },
): HistoryEvent {
  const EventId = decision.id
  switch (decision.kind) {
    case 'activity':
      return {
        ...newEvent(EventType.TaskScheduled, atMs, {
          Name: decision.name,
          Version: '',
          Input: storeInputs ? jsonText(decision.input) : null,
          ...(decision.trace ? { ParentTraceContext: taskTrace(decision.trace) } : {}),
        }),
        EventId,
      }
    case 'timer':
      return { ...newEvent(EventType.TimerCreated, atMs, { FireAt: isoTime(decision.fireAtMs) }), EventId }
    case 'child': {
      const { name, instanceId, version, trace } = decision
      const more = {
        Name: name,
        Version: version ?? versioning.defaultVersion,
        InstanceId: instanceId,
        Input: storeInputs ? jsonText(decision.input) : null,
        ...(trace ? { ClientSpanId: trace.traceParent.split('-')[2] ?? '' } : {}),
      }
      return { ...newEvent(EventType.SubOrchestrationInstanceCreated, atMs, more), EventId }
    }
  }
}

export function completedEvent({ status, result, failure }: End, atMs: number): HistoryEvent {
  return newEvent(EventType.ExecutionCompleted, atMs, {
    OrchestrationStatus: statusNumber(status),
    Result: result,
    FailureDetails: failure?.failureDetails ?? null,
  })
}

/** What a parent hears of its child's end; a terminated child has no details, which breaks the parent's replay. */
export function parentEvent({ parent }: InstanceRow, end: End, atMs: number): HistoryEvent | undefined {
  if (!parent) return undefined
  const TaskScheduledId = parent.TaskScheduleId
  if (end.status === 'Completed') {
    return newEvent(EventType.SubOrchestrationInstanceCompleted, atMs, {
      TaskScheduledId,
      Result: end.result,
    })
  }
  return newEvent(EventType.SubOrchestrationInstanceFailed, atMs, {
    TaskScheduledId,
    Reason: end.result,
    Details: end.details,
    FailureDetails: end.failure?.failureDetails ?? null,
  })
}
