import { type HistoryEvent, played, playedText } from './history.ts'
import type { InstanceRow } from './hub-store.ts'
import type { InstanceState } from './instances.ts'

/** Events, and the same as JSON joined by commas: what the hub keeps and the worker's payload is put together from. */
export type Past = Pick<InstanceState, 'events' | 'text'>

export function asPast(events: readonly HistoryEvent[]): Past {
  return { events, text: events.map((event) => JSON.stringify(event)).join(',') }
}

interface Kept {
  readonly event: HistoryEvent
  readonly text: string
}

/** An event as the history keeps it. */
export function kept(event: HistoryEvent): Kept {
  return keptAs(event)
}

/** The same for an event whose JSON is known. */
export function keptAs(event: HistoryEvent, text = JSON.stringify(event)): Kept {
  const later = played(event)
  return { event: later, text: later === event ? text : playedText(text) }
}

/** An instance after an episode, and what the episode adds to its history. */
export function extended(
  row: InstanceRow,
  past: Past,
  all: readonly Kept[],
): { readonly after: InstanceState; readonly added: string } {
  const added = all.map(({ text }) => text).join(',')
  const events = [...past.events, ...all.map(({ event }) => event)]
  return { after: { row, events, text: joined(past.text, added) }, added }
}

export function joined(past: string, fresh: string): string {
  return past === '' ? fresh : `${past},${fresh}`
}
