import type { FaultPoints } from './fault-points.ts'
import type { InFlight } from './in-flight.ts'
import type { Message } from './messages.ts'

/** How late a late message is at most. In turns of the event loop, so that a seed gives the same run again. */
const lateTurns = 30

type Enqueue = (instanceId: string, message: Message) => void

/** For tests: brings messages to their instances late, out of order, twice or not at all. */
export class UnsureDelivery {
  readonly #faults: FaultPoints
  readonly #inFlight: InFlight
  readonly #enqueue: Enqueue
  /** Messages that the next one to their instance shall overtake. */
  readonly #waiting = new Map<string, () => void>()

  constructor(faults: FaultPoints, inFlight: InFlight, enqueue: Enqueue) {
    this.#faults = faults
    this.#inFlight = inFlight
    this.#enqueue = enqueue
  }

  deliver(instanceId: string, message: Message): void {
    switch (this.#faults.deliver?.(message.event)) {
      case 'lost':
        this.#inFlight.lose()
        return
      case 'late':
        this.#hold(instanceId, message)
        return
      case 'overtaken':
        if (this.#waiting.has(instanceId)) break
        this.#waiting.set(instanceId, this.#hold(instanceId, message))
        return
      case 'twice':
        this.#enqueue(instanceId, message)
    }
    this.#enqueue(instanceId, message)
    const release = this.#waiting.get(instanceId)
    if (!release) return
    this.#waiting.delete(instanceId)
    this.#faults.overtook?.()
    release()
  }

  /** Delivers after so many turns, or at once when the answered function is called. */
  #hold(instanceId: string, message: Message): () => void {
    this.#inFlight.enter()
    let isOver = false
    const release = () => {
      if (isOver) return
      isOver = true
      if (this.#waiting.get(instanceId) === release) this.#waiting.delete(instanceId)
      this.#enqueue(instanceId, message)
      this.#inFlight.leave()
    }
    afterTurns(lateTurns, release)
    return release
  }
}

function afterTurns(turns: number, act: () => void): void {
  if (turns === 0) act()
  else setImmediate(() => afterTurns(turns - 1, act))
}
