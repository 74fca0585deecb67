import * as df from 'durable-functions'
import type { HostClock } from '../../src/host/host.ts'
import type { TestHost } from '../../src/host/testkit.ts'

const minuteMs = 60_000
const hourMs = 3_600_000
const dayMs = 86_400_000
const retry = new df.RetryOptions(minuteMs, 3)

const nowMs = (context: df.OrchestrationContext) => context.df.currentUtcDateTime.getTime()
const later = (context: df.OrchestrationContext, ms: number) => new Date(nowMs(context) + ms)
const messageOf = (error: unknown) => (error instanceof Error ? error.message : '')

/** One orchestration of each kind, whose results do not depend on what is repeated or reordered. */
export function registerFaultyApp({ clock }: { readonly clock: HostClock }): void {
  df.app.activity('Echo', { handler: (x: unknown) => x })
  df.app.activity('Boom', {
    handler: () => {
      throw new Error('boom')
    },
  })
  // Fails by the time and not by a count of its calls, as a call may be repeated.
  df.app.activity('NotBefore', {
    handler: (ms: number) => {
      if (clock.nowMs() < ms) throw new Error('too early')
      return 'in time'
    },
  })
  registerCalls()
  registerFamilies()
  registerWaits()
}

function registerCalls(): void {
  df.app.orchestration('Chain', function* (context) {
    const x: number = yield context.df.callActivity('Echo', 1)
    const y: number = yield context.df.callActivity('Echo', x + 1)
    return [x, y]
  })
  df.app.orchestration('Fan', function* (context) {
    return yield context.df.Task.all([1, 2, 3, 4].map((n) => context.df.callActivity('Echo', n)))
  })
  df.app.orchestration('FanFails', function* (context) {
    const tasks = [context.df.callActivity('Echo', 1), context.df.callActivity('Boom')]
    try {
      return yield context.df.Task.all(tasks)
    } catch (error) {
      return [messageOf(error), yield context.df.callActivity('Echo', 'goes on')]
    }
  })
  df.app.orchestration('Retry', function* (context) {
    try {
      return yield context.df.callActivityWithRetry('Boom', retry)
    } catch (error) {
      return messageOf(error)
    }
  })
  df.app.orchestration('RetryHelps', function* (context) {
    return yield context.df.callActivityWithRetry('NotBefore', retry, nowMs(context) + 1.5 * minuteMs)
  })
  df.app.orchestration('Fails', function* (context) {
    yield context.df.callActivity('Boom')
  })
}

function registerFamilies(): void {
  df.app.orchestration('Parent', function* (context) {
    const children = ['a', 'b'].map((name) =>
      context.df.callSubOrchestrator('Chain', null, `${context.df.instanceId}-${name}`),
    )
    return yield context.df.Task.all(children)
  })
  df.app.orchestration('BadChild', function* (context) {
    try {
      return yield context.df.callSubOrchestratorWithRetry('Fails', new df.RetryOptions(minuteMs, 2))
    } catch {
      return 'both failed'
    }
  })
}

function registerWaits(): void {
  df.app.orchestration('Rounds', function* (context) {
    const left: number = context.df.getInput()
    yield context.df.createTimer(later(context, hourMs))
    if (left > 1) context.df.continueAsNew(left - 1)
    return 'rounds over'
  })
  df.app.orchestration('Far', function* (context) {
    const due = later(context, 10 * dayMs)
    yield context.df.createTimer(due)
    return nowMs(context) >= due.getTime()
  })
  df.app.orchestration('Race', function* (context) {
    const go = context.df.waitForExternalEvent('go')
    const deadline = context.df.createTimer(later(context, dayMs))
    const winner = yield context.df.Task.any([go, deadline])
    if (winner === go) deadline.cancel()
    return winner === go ? go.result : 'late'
  })
  // Each round waits for an event of its own name, as a client whose answer was lost sends it again.
  df.app.orchestration('Collect', function* (context) {
    const seen: number[] = context.df.getInput()
    context.df.setCustomStatus(`has ${seen.length}`)
    const next: number = yield context.df.waitForExternalEvent(`e${seen.length}`)
    if (seen.length < 2) context.df.continueAsNew([...seen, next])
    return [...seen, next]
  })
  df.app.orchestration('Held', function* (context) {
    return yield context.df.waitForExternalEvent('go')
  })
}

interface FaultyRun {
  readonly id: string
  readonly name: string
  readonly input?: unknown
  readonly status?: 'Failed' | 'Terminated'
  readonly output: unknown
}

const boom = "Activity function 'Boom' failed:  boom"
const twoChains = [
  [1, 2],
  [1, 2],
]

/** How each instance ends, disturbed or not. */
export const faultyRuns: readonly FaultyRun[] = [
  { id: 'chain', name: 'Chain', output: [1, 2] },
  { id: 'fan', name: 'Fan', output: [1, 2, 3, 4] },
  { id: 'fan-fails', name: 'FanFails', output: [`${boom} \n `, 'goes on'] },
  { id: 'retry', name: 'Retry', output: `${boom} \n ` },
  { id: 'retry-helps', name: 'RetryHelps', output: 'in time' },
  {
    id: 'fails',
    name: 'Fails',
    status: 'Failed',
    output: `Orchestrator function 'Fails' failed: ${boom} \n `,
  },
  { id: 'parent', name: 'Parent', output: twoChains },
  { id: 'bad-child', name: 'BadChild', output: 'both failed' },
  { id: 'rounds', name: 'Rounds', input: 3, output: 'rounds over' },
  { id: 'far', name: 'Far', output: true },
  { id: 'race', name: 'Race', output: 'gone' },
  { id: 'race-late', name: 'Race', output: 'late' },
  { id: 'collect', name: 'Collect', input: [], output: [10, 11, 12] },
  { id: 'held', name: 'Held', output: 'at last' },
  { id: 'ended', name: 'Held', status: 'Terminated', output: 'enough' },
]

/** What the app's client does, step by step, each when it sees that the one before has arrived. */
export async function driveFaultyApp(test: TestHost): Promise<void> {
  for (const { name, id, input } of faultyRuns) await test.start(name, id, input)
  await test.raise('race', 'go', 'gone')
  await test.until(['held', 'ended'], ({ status }) => status === 'Running')
  await test.act((control) => control.suspend('held', 'why'))
  await test.act((control) => control.terminate('ended', 'enough'))
  for (const round of [0, 1, 2]) {
    await test.until(['collect'], ({ customStatus }) => customStatus === `"has ${round}"`)
    await test.raise('collect', `e${round}`, 10 + round)
  }
  await test.until(['held'], ({ status }) => status === 'Suspended')
  await test.raise('held', 'go', 'at last')
  await test.act((control) => control.resume('held', 'on'))
}
