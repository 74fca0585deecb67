import * as df from 'durable-functions'
import { expect, it } from 'vitest'
import { instance, start, until } from './driving.ts'
import { smallHost } from './small-host.ts'

const isOver = ({ runtimeStatus }: { runtimeStatus: string }) => /Completed|Failed/.test(runtimeStatus)

/** Runs a parent that catches whatever its child ends with. */
async function caught(child: df.OrchestrationHandler) {
  const host = await smallHost({
    load: () => {
      for (const name of ['First', 'Second']) df.app.activity(name, { handler: () => {} })
      df.app.orchestration('Child', child)
      df.app.orchestration('Parent', function* (context) {
        try {
          return yield context.df.callSubOrchestrator('Child')
        } catch (error) {
          return error instanceof Error ? error.message : ''
        }
      })
    },
  })
  await start(host, 'Parent', 'p', null)
  return until(() => instance(host, 'p'), isOver)
}

it('a parent can catch that its child no longer does what its history says', async () => {
  let episodes = 0
  const seen = await caught(function* (context) {
    episodes += 1
    yield context.df.callActivity(episodes === 1 ? 'First' : 'Second')
  })
  expect(seen.runtimeStatus).toBe('Completed')
  expect(seen.output).toMatch(/^Non-Deterministic workflow detected/)
})

it('a parent can catch that its child asked for what this host does not have', async () => {
  const seen = await caught(function* (context) {
    yield context.df.callEntity(new df.EntityId('E', 'k'), 'op')
  })
  expect(seen.runtimeStatus).toBe('Completed')
  expect(seen.output).toMatch(
    /^Orchestrator function 'Child' failed: The embedded host cannot run callEntity/,
  )
})
