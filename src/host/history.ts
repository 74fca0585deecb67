import type { ExecutionTrace, TaskTrace } from './trace-context.ts'

/** History event types of the Durable Task Framework that this host writes. */
export const EventType = {
  ExecutionStarted: 0,
  ExecutionCompleted: 1,
  ExecutionTerminated: 3,
  TaskScheduled: 4,
  TaskCompleted: 5,
  TaskFailed: 6,
  SubOrchestrationInstanceCreated: 7,
  SubOrchestrationInstanceCompleted: 8,
  SubOrchestrationInstanceFailed: 9,
  TimerCreated: 10,
  TimerFired: 11,
  OrchestratorStarted: 12,
  OrchestratorCompleted: 13,
  EventSent: 14,
  EventRaised: 15,
  ExecutionSuspended: 19,
  ExecutionResumed: 20,
} as const

export const eventTypeNames: ReadonlyMap<number, string> = new Map(
  Object.entries(EventType).map(([name, number]) => [number, name]),
)

export const statusNames = [
  'Running',
  'Completed',
  'ContinuedAsNew',
  'Failed',
  'Canceled',
  'Terminated',
  'Pending',
  'Suspended',
] as const
export type StatusName = (typeof statusNames)[number]

export function statusNumber(name: StatusName): number {
  return statusNames.indexOf(name)
}

export function isFinal(status: StatusName): boolean {
  return status === 'Completed' || status === 'Failed' || status === 'Terminated' || status === 'Canceled'
}

export interface FailureDetails {
  readonly ErrorType: string
  readonly ErrorMessage: string
  readonly StackTrace?: string | null
  readonly InnerFailure?: FailureDetails | null
  readonly IsNonRetriable: boolean
  readonly Properties?: unknown
}

export interface ParentInstance {
  readonly OrchestrationInstance: { readonly InstanceId: string; readonly ExecutionId: string }
  readonly TaskScheduleId: number
  readonly Name: string
  readonly Version: string | null
}

/** One history event on the wire and in the hub. Which of the optional members are there depends on the type. */
export interface HistoryEvent {
  readonly EventType: number
  readonly EventId: number
  readonly IsPlayed: boolean
  readonly Timestamp: string
  readonly Name?: string
  readonly Version?: string | null
  readonly Input?: string | null
  readonly InstanceId?: string
  readonly OrchestrationInstance?: { readonly InstanceId: string; readonly ExecutionId: string }
  readonly ParentInstance?: ParentInstance | null
  readonly ScheduledStartTime?: string | null
  readonly Tags?: unknown
  readonly ParentTraceContext?: ExecutionTrace | TaskTrace
  readonly ClientSpanId?: string
  readonly OrchestrationStatus?: number
  readonly Result?: string | null
  readonly Reason?: string | null
  readonly Details?: string | null
  readonly FailureDetails?: FailureDetails | null
  readonly TaskScheduledId?: number
  readonly TimerId?: number
  readonly FireAt?: string
}

const appendedByHost = new Set<number>([
  EventType.ExecutionCompleted,
  EventType.TaskScheduled,
  EventType.SubOrchestrationInstanceCreated,
  EventType.TimerCreated,
  EventType.OrchestratorStarted,
  EventType.OrchestratorCompleted,
  EventType.EventSent,
])

/** An event as later episodes see it: what was received counts as played, what the host appended never does. */
export function played(event: HistoryEvent): HistoryEvent {
  return appendedByHost.has(event.EventType) ? event : { ...event, IsPlayed: true }
}

/** The same for its JSON, in which the flag comes before all that users write. */
export function playedText(text: string): string {
  return text.replace('"IsPlayed":false', '"IsPlayed":true')
}

export function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}

/** An event without a task id, new at the given moment. */
export function newEvent(type: number, atMs: number, more: Partial<HistoryEvent> = {}): HistoryEvent {
  return { EventType: type, EventId: -1, IsPlayed: false, Timestamp: isoTime(atMs), ...more }
}

/** A second suspension must not wait for the resume, as it would then suspend again. */
export function actsWhileSuspended(event: HistoryEvent): boolean {
  const type = event.EventType
  return (
    type === EventType.ExecutionStarted ||
    type === EventType.ExecutionSuspended ||
    type === EventType.ExecutionResumed ||
    type === EventType.ExecutionTerminated
  )
}
