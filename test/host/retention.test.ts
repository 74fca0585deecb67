import { statSync } from 'node:fs'
import { join } from 'node:path'
import * as df from 'durable-functions'
import { expect, it } from 'vitest'
import { openHost } from '../../src/host/host.ts'
import { instance, start, until } from './driving.ts'
import { appFolder, jan1Ms } from './small-host.ts'

it('ended instances are purged after their time, running ones never, and the file shrinks', async () => {
  const hub = join(appFolder(), 'hub.db')
  const { host, runtime } = await openHost({
    ...{
      appDir: appFolder(),
      hub,
      clock: 'real',
      startAtMs: jan1Ms,
      port: 0,
      retention: { endedForMs: 3_600_000 },
    },
    load: () => {
      // biome-ignore lint/correctness/useYield: the SDK takes an orchestrator only as a generator
      df.app.orchestration('Keep', function* (context) {
        return context.df.getInput()
      })
      df.app.orchestration('Wait', function* (context) {
        return yield context.df.waitForExternalEvent('go')
      })
    },
  })
  await start(host, 'Wait', 'waits', null)
  for (let i = 0; i < 40; i++) await start(host, 'Keep', `k${i}`, 'x'.repeat(100_000))
  await until(
    () => instance(host, 'k39'),
    ({ runtimeStatus }) => runtimeStatus === 'Completed',
  )
  await host.whenIdle()
  expect(await runtime.retention?.sweep()).toBe(0)
  await host.clock.advance(3_600_000)
  expect(await runtime.retention?.sweep()).toBe(40)
  expect((await instance(host, 'waits')).runtimeStatus).toBe('Running')
  await host.stop()
  expect(statSync(hub).size).toBeLessThan(1_000_000)
})
