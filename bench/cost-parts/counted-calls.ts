import { AsyncLocalStorage } from 'node:async_hooks'
import { HubStore } from '../../src/host/hub-store.ts'
import { type Invocation, Invoker } from '../../src/host/invocation.ts'
import type { Ports } from '../../src/ports/ports.ts'

/** What a kind of work asked for, however often it was done. */
export class Tally {
  kind = 'orchestration'
  times = 0
  /** Messages that the scheduler sends to the app, each an action on its bill. */
  actions = 0
  /** Calls by port and method, such as `metrics.cpu`. */
  readonly calls = new Map<string, number>()
  requestUnits = 0
}

const OUTSIDE = 'outside of functions'
/** Events of a history whose arrival at the app is an action. What begins a child is counted as that child's start. */
const ACTION_EVENTS: ReadonlySet<string> = new Set([
  'ExecutionStarted',
  'TaskScheduled',
  'TaskCompleted',
  'TaskFailed',
  'SubOrchestrationInstanceCompleted',
  'SubOrchestrationInstanceFailed',
  'TimerFired',
  'EventRaised',
  'ExecutionSuspended',
  'ExecutionResumed',
])
const MS_OF_ANSWER = 24 * 3_600_000

const tallies = new Map<string, Tally>()
const current = new AsyncLocalStorage<string>()

/** What was counted, by the function that it was done for; orchestrations under their own names. */
export function counted(): ReadonlyMap<string, Tally> {
  return tallies
}

/** From here on every invocation and every event of a history is counted, in this process. */
export function countInvocations(nameOfEvent: (type: number) => string | undefined): void {
  const { invoke } = Invoker.prototype
  Invoker.prototype.invoke = function (this: Invoker, target, invocation: Invocation) {
    if (target.kind !== 'orchestration') {
      const tally = tallyOf(target.name)
      tally.kind = target.kind
      tally.times += 1
    }
    return current.run(target.name, () => invoke.call(this, target, invocation))
  }
  const orchestrations = new Map<string, string>()
  const { appendHistory } = HubStore.prototype
  HubStore.prototype.appendHistory = function (this: HubStore, instanceId, seq, text) {
    const events: { EventType: number; Name?: string }[] = JSON.parse(`[${text}]`)
    for (const { EventType, Name } of events) {
      const kind = nameOfEvent(EventType) ?? ''
      if (kind === 'ExecutionStarted' && Name) orchestrations.set(instanceId, Name)
      const tally = tallyOf(orchestrations.get(instanceId) ?? OUTSIDE)
      if (kind === 'ExecutionStarted') tally.times += 1
      if (ACTION_EVENTS.has(kind)) tally.actions += 1
    }
    appendHistory.call(this, instanceId, seq, text)
  }
}

/** The same ports; each call is counted, and records are weighed in request units of Cosmos DB. */
export function countedPorts(ports: Ports): Ports {
  const { catalog, metrics, traffic, capacity, interlocks, records, clock } = ports
  return {
    catalog: countedPort('catalog', catalog),
    metrics: countedPort('metrics', metrics),
    traffic: countedPort('traffic', traffic),
    capacity: countedPort('capacity', capacity),
    interlocks: countedPort('interlocks', interlocks),
    records: countedPort('records', records),
    clock,
  }
}

function countedPort<T extends object>(port: string, inner: T): T {
  return new Proxy(inner, {
    get(target, key) {
      const method = Reflect.get(target, key, target)
      if (typeof method !== 'function' || typeof key !== 'string') return method
      return (...args: unknown[]) => {
        const answer: unknown = method.apply(target, args)
        note(`${port}.${key}`, args)
        if (port !== 'records' || !(answer instanceof Promise)) return answer
        return answer.then((value) => {
          tallyOf(current.getStore() ?? OUTSIDE).requestUnits += unitsOf(key, args, value)
          return value
        })
      }
    },
  })
}

function note(call: string, [query]: readonly unknown[]): void {
  const { calls } = tallyOf(current.getStore() ?? OUTSIDE)
  calls.set(call, (calls.get(call) ?? 0) + (call === 'metrics.cpu' ? answersOf(query) : 1))
}

/** One answer of the metrics API holds a day of a scale set. */
function answersOf(query: unknown): number {
  if (!(query instanceof Object && 'fromMs' in query && 'toMs' in query)) return 1
  return Math.max(1, Math.ceil((Number(query.toMs) - Number(query.fromMs)) / MS_OF_ANSWER))
}

// Azure's guide: a point read of 1 kB costs 1 unit and one of 100 kB 10; a write 5.5 and 50. Reads count twice under strong
// consistency; a query costs 2.3 at least, and here what reading its rows would.
function unitsOf(method: string, args: readonly unknown[], value: unknown): number {
  if (method === 'read') return 2 * (1 + 0.09 * kilobytes(value))
  if (method === 'list') return 2 * (2.3 + 0.09 * kilobytes(value))
  return 5.5 + 0.45 * kilobytes(args[2])
}

function kilobytes(value: unknown): number {
  return Math.max(0, Buffer.byteLength(JSON.stringify(value) ?? '') / 1024 - 1)
}

function tallyOf(name: string): Tally {
  const tally = tallies.get(name) ?? new Tally()
  tallies.set(name, tally)
  return tally
}
