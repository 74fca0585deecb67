import assert from 'node:assert/strict'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { apiScenarios } from './conformance-api.ts'
import { valueScenarios } from './conformance-values.ts'
import { control, end, instance, raise, type Status, start, type Target, until } from './driving.ts'

/** Something that holds on every Functions host that runs `apps/conformance`, wherever it is. */
export interface Scenario {
  readonly name: string
  run(host: Target, id: string): Promise<void>
}

const shows = (host: Target, id: string, status: string) =>
  until(
    () => instance(host, id),
    ({ customStatus }) => customStatus === status,
  )
const types = ({ historyEvents = [] }: Status) => historyEvents.map(({ EventType }) => EventType)

/** Starts an orchestrator and expects it to complete with an output. */
function gives(name: string, input: unknown, output: unknown): Scenario['run'] {
  return async (host, id) => {
    assert.equal(await start(host, name, id, input), 202)
    const { runtimeStatus, output: got } = await end(host, id)
    assert.deepEqual([runtimeStatus, got], ['Completed', output])
  }
}

export const scenarios: readonly Scenario[] = [
  { name: 'activities run one after another', run: gives('ChainOf', 1, 4) },
  {
    name: 'an activity gets a boolean as a word and null as nothing',
    run: gives('TypesSeen', null, ['string', 'number', 'string', 'undefined', 'object', 'object']),
  },
  {
    name: 'a failure has two blanks before its message',
    run: gives('Caught', null, "Activity function 'Boom' failed:  boom"),
  },
  {
    name: 'an exhausted retry leaves one timer more, due at once',
    run: async (host, id) => {
      await start(host, 'RetryIds', id, null)
      assert.deepEqual(types(await end(host, id)), [
        ...['ExecutionStarted', 'TaskFailed', 'TimerCreated', 'TimerFired'],
        ...['TaskFailed', 'TimerCreated', 'TimerFired', 'TaskCompleted', 'ExecutionCompleted'],
      ])
    },
  },
  {
    name: 'an orchestrator that returned stays Running until its timer has fired',
    run: async (host, id) => {
      await start(host, 'FailsWhile', id, null)
      assert.equal((await shows(host, id, 'caught')).runtimeStatus, 'Running')
      assert.equal((await end(host, id)).output, 'early')
    },
  },
  {
    name: 'of two waits the newer gets the first event',
    run: async (host, id) => {
      await start(host, 'Waits', id, null)
      await shows(host, id, 'waiting')
      for (const value of [1, 2]) assert.equal(await raise(host, id, 'e', value), 202)
      assert.deepEqual((await end(host, id)).output, [2, 1])
    },
  },
  {
    name: 'events that come in a burst are carried over continue-as-new',
    run: async (host, id) => {
      await start(host, 'Rounds', id, { left: 3, seen: [] })
      for (const value of [1, 2, 3]) await raise(host, id, 'e', value)
      assert.deepEqual((await end(host, id)).output, [1, 2, 3])
    },
  },
  { name: 'continue-as-new puts quotes around a text', run: gives('Text', 'a', '"b"') },
  {
    name: 'a child has its own instance, and its failure is its parent to catch',
    run: async (host, id) => {
      await start(host, 'Family', id, null)
      assert.deepEqual((await end(host, id)).output, [4, "Orchestrator function 'Throws' failed: by itself"])
      assert.equal((await instance(host, `${id}-child`)).output, 4)
    },
  },
  {
    name: 'a suspended instance shows the reason and goes on when resumed',
    run: async (host, id) => {
      await start(host, 'Waits', id, null)
      await shows(host, id, 'waiting')
      assert.equal(await control(host, id, 'suspend', 'why'), 202)
      const suspended = await until(
        () => instance(host, id),
        ({ runtimeStatus }) => runtimeStatus === 'Suspended',
      )
      assert.equal(suspended.output, 'why')
      for (const value of [1, 2]) await raise(host, id, 'e', value)
      assert.equal(await control(host, id, 'suspend'), 500)
      assert.equal(await control(host, id, 'resume', 'on'), 202)
      assert.deepEqual((await end(host, id)).output, [2, 1])
    },
  },
  {
    name: 'an open timer keeps an instance Running, terminate ends it, then all is 410',
    run: async (host, id) => {
      await start(host, 'Open', id, null)
      await until(
        () => instance(host, id),
        ({ runtimeStatus }) => runtimeStatus === 'Running',
      )
      await raise(host, id, 'go', 1)
      assert.equal((await shows(host, id, 'returned')).runtimeStatus, 'Running')
      assert.equal(await start(host, 'Open', id, null), 409)
      assert.equal(await control(host, id, 'terminate', 'enough'), 202)
      assert.equal((await end(host, id)).output, 'enough')
      for (const verb of ['terminate', 'suspend', 'resume']) assert.equal(await control(host, id, verb), 410)
      assert.equal(await raise(host, id, 'go', 1), 410)
    },
  },
  {
    name: 'HTTP functions get decoded route parameters and merged queries',
    run: async ({ baseUrl }) => {
      const response = await fetch(`${baseUrl}/api/ECHO/a%20b?q=1&q=2`, { method: 'POST', body: 'text' })
      const { url: _, query: __, ...seen } = await response.json()
      assert.deepEqual(seen, { params: { a: 'a b' }, q: '1,2', body: 'text' })
    },
  },
  ...apiScenarios,
  ...valueScenarios,
]

/** Runs all scenarios and says which did not hold. */
export async function runConformance(host: Target, report: (line: string) => void): Promise<string[]> {
  const run = Date.now().toString(36)
  const failed: string[] = []
  for (const [i, { name, run: play }] of scenarios.entries()) {
    try {
      await play(host, `conformance-${run}-${i}`)
      report(`pass ${name}`)
    } catch (error) {
      failed.push(`${name}: ${error instanceof Error ? error.message : error}`)
      report(`FAIL ${name}`)
    }
  }
  return failed
}

// node test/host/conformance.ts --base http://127.0.0.1:7071 --code KEY
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const options = {
    base: { type: 'string', default: 'http://127.0.0.1:7071' },
    code: { type: 'string', default: '' },
  } as const
  const { base, code } = parseArgs({ options }).values
  const failed = await runConformance({ baseUrl: base, systemKey: code }, (line) =>
    process.stdout.write(`${line}\n`),
  )
  for (const line of failed) process.stdout.write(`${line}\n`)
  process.exitCode = failed.length ? 1 : 0
}
