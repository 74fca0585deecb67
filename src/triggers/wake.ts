import type { DurableClient } from 'durable-functions'
import type { Ports } from '../ports/ports.ts'

/** Raises the event that a run waits for, if it waits. A lost event costs time, nothing else: the sweep raises it again. */
export async function wake(
  { records }: Pick<Ports, 'records'>,
  planId: string,
  client: DurableClient,
): Promise<void> {
  const waiting = (await records.read('runs', planId))?.value.waiting
  if (!waiting) return
  try {
    await client.raiseEvent(waiting.instance, waiting.event, {})
  } catch {
    // The wait may just have ended, or the host be busy: the record stands, and the sweep will wake the run.
  }
}
