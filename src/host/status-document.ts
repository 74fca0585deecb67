import { EventType, eventTypeNames, type HistoryEvent, type StatusName, statusNames } from './history.ts'
import type { InstanceRow } from './hub-store.ts'

export interface StatusDocument {
  readonly name: string
  readonly instanceId: string
  readonly runtimeStatus: StatusName
  readonly input: unknown
  readonly customStatus: unknown
  readonly output: unknown
  readonly createdTime: string
  readonly lastUpdatedTime: string
  readonly historyEvents?: readonly Readonly<Record<string, unknown>>[]
}

/** What the management API shows of an instance, before its history. */
export function statusDocument(row: InstanceRow, options: { readonly showInput: boolean }): StatusDocument {
  return {
    name: row.name,
    instanceId: row.id,
    runtimeStatus: row.status,
    input: options.showInput ? shown(row.input) : null,
    customStatus: shown(row.customStatus),
    output: shown(row.output),
    createdTime: wholeSeconds(row.createdMs),
    lastUpdatedTime: wholeSeconds(row.updatedMs),
  }
}

/**
 * JSON is shown as the value that it is, any other text as text. Of a text that begins with a JSON value the rest is
 * dropped, as Json.NET does. The real host writes `undefined` where this one writes null.
 */
export function shown(text: string | null): unknown {
  const trimmed = text?.trim()
  if (trimmed === undefined || trimmed === 'undefined') return null
  for (const part of [trimmed, firstValue(trimmed)]) {
    const read = part === undefined ? undefined : parsed(part)
    if (read) return read.value
  }
  return trimmed
}

const scalar = /^(?:(?:true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?=[\s,\]})/])|"(?:[^"\\]|\\.)*")/

function firstValue(text: string): string | undefined {
  return scalar.exec(text)?.[0] ?? firstContainer(text)
}

function firstContainer(text: string): string | undefined {
  let depth = 0
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[^"]/g)) {
    if (token === '{' || token === '[') depth += 1
    if (token === '}' || token === ']') depth -= 1
    if (depth === 0) return index > 0 ? text.slice(0, index + 1) : undefined
  }
  return undefined
}

function parsed(json: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(json) }
  } catch {
    return undefined
  }
}

function wholeSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

export interface HistoryView {
  readonly showInput: boolean
  readonly showOutput: boolean
}

/** The cooked history: what was scheduled is folded into what completed it, ids and bookkeeping are left out. */
export function historyEvents(events: readonly HistoryEvent[], view: HistoryView): Record<string, unknown>[] {
  const scheduled = new Map<number, HistoryEvent>()
  for (const event of events) if (isScheduling(event)) scheduled.set(event.EventId, event)
  const completed = new Set(events.map((event) => event.TaskScheduledId))
  return events
    .filter(
      ({ EventType: type }) =>
        type !== EventType.OrchestratorStarted && type !== EventType.OrchestratorCompleted,
    )
    .filter((event) => !(isScheduling(event) && completed.has(event.EventId)))
    .map((event) => cooked(event, scheduled, view))
    .map(({ Input, ...rest }) => (view.showInput && Input !== undefined ? { ...rest, Input } : rest))
}

function isScheduling({ EventType: type }: HistoryEvent): boolean {
  return type === EventType.TaskScheduled || type === EventType.SubOrchestrationInstanceCreated
}

function cooked(
  event: HistoryEvent,
  scheduled: ReadonlyMap<number, HistoryEvent>,
  view: HistoryView,
): Record<string, unknown> {
  const base = {
    EventType: eventTypeNames.get(event.EventType) ?? String(event.EventType),
    Timestamp: event.Timestamp,
  }
  const input = { Input: event.Input ?? null }
  switch (event.EventType) {
    case EventType.ExecutionStarted:
      return {
        ...base,
        ...{ Correlation: null, ...input, ParentTraceContext: event.ParentTraceContext ?? null },
        ScheduledStartTime: null,
        ...{ Generation: 0, GenerateNewTrace: false, FunctionName: event.Name },
      }
    case EventType.ExecutionCompleted:
      return {
        ...base,
        OrchestrationStatus: statusNames[event.OrchestrationStatus ?? 0],
        ...result(event, view),
        FailureDetails: event.FailureDetails ?? null,
      }
    case EventType.TaskCompleted:
    case EventType.SubOrchestrationInstanceCompleted:
      return { ...base, ...result(event, view), ...origin(event, scheduled) }
    case EventType.TaskFailed:
    case EventType.SubOrchestrationInstanceFailed: {
      const { Reason, Details, FailureDetails = null } = event
      return { ...base, Reason, Details, FailureDetails, ...origin(event, scheduled) }
    }
    case EventType.TaskScheduled:
      return { ...base, Name: event.Name, ...input }
    case EventType.SubOrchestrationInstanceCreated:
      return { ...base, Name: event.Name, InstanceId: event.InstanceId, ...input }
    case EventType.TimerCreated:
    case EventType.TimerFired:
      return { ...base, FireAt: event.FireAt }
    case EventType.EventRaised:
    case EventType.EventSent:
      return { ...base, Name: event.Name, Input: event.Input ?? null }
    case EventType.ExecutionTerminated:
      return { ...base, Input: event.Input ?? null }
    default:
      return { ...base, Reason: event.Reason ?? null }
  }
}

function result(event: HistoryEvent, view: HistoryView): Record<string, unknown> {
  return view.showOutput ? { Result: shown(event.Result ?? null) } : {}
}

function origin(event: HistoryEvent, scheduled: ReadonlyMap<number, HistoryEvent>): Record<string, unknown> {
  const start = scheduled.get(event.TaskScheduledId ?? -1)
  if (!start) return {}
  const input = { Input: start.Input ?? null }
  return { ScheduledTime: start.Timestamp.replace(/Z$/, '+00:00'), FunctionName: start.Name, ...input }
}
