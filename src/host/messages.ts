import { acceptsMessages } from './episode.ts'
import { EventType, type HistoryEvent } from './history.ts'
import type { TaskRow } from './hub-store.ts'
import type { TimerRow } from './hub-timers.ts'
import type { InstanceState } from './instances.ts'

/** An event on its way to an instance, with what must be deleted when an episode has taken it in. */
export interface Message {
  readonly event: HistoryEvent
  readonly executionId: string | null
  readonly source: { readonly inbox: number } | { readonly task: TaskRow } | { readonly timer: TimerRow }
}

/** What an episode takes in: nothing for an ended instance, nothing of an earlier execution, one start only. */
export function accepted({ row, events }: InstanceState, messages: readonly Message[]): HistoryEvent[] {
  if (!acceptsMessages(row)) return []
  const current = messages.filter(
    ({ executionId }) => executionId === null || executionId === row.executionId,
  )
  const received = current.map(({ event }) => event)
  const starts = received.filter(({ EventType: type }) => type === EventType.ExecutionStarted)
  const others = received.filter(({ EventType: type }) => type !== EventType.ExecutionStarted)
  if (events.length > 0) return withoutRepeats(events, others)
  return starts.length ? [...starts.slice(0, 1), ...withoutRepeats([], others)] : []
}

/** A task or timer ends once: what says so again is a duplicate and takes no part in the history. */
function withoutRepeats(past: readonly HistoryEvent[], received: readonly HistoryEvent[]): HistoryEvent[] {
  const ended = new Set<number>()
  return received.filter((event) => {
    const id = endedId(event)
    if (id === undefined) return true
    if (ended.has(id) || past.some((before) => endedId(before) === id)) return false
    ended.add(id)
    return true
  })
}

function endedId(event: HistoryEvent): number | undefined {
  return event.TaskScheduledId ?? event.TimerId
}
