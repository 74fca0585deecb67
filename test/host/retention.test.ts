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

it('a hub whose ended instances are purged again and again stays small while it runs', async () => {
  const hub = join(appFolder(), 'hub.db')
  const sizes: number[] = []
  const { host, runtime } = await openHost({
    ...{ appDir: appFolder(), hub, clock: 'skip', startAtMs: jan1Ms, port: 0 },
    retention: { endedForMs: 0 },
    load: () => {
      // biome-ignore lint/correctness/useYield: the SDK takes an orchestrator only as a generator
      df.app.orchestration('Keep', function* (context) {
        return context.df.getInput()
      })
    },
  })
  const rounds = 6
  const perRound = 30
  const bytesEach = 100_000
  for (let round = 0; round < rounds; round++) {
    const ids = Array.from({ length: perRound }, (_, i) => `${round}-${i}`)
    await Promise.all(ids.map((id) => start(host, 'Keep', id, 'x'.repeat(bytesEach))))
    await host.whenIdle()
    expect(await runtime.retention?.sweep()).toBe(perRound)
    sizes.push(statSync(hub).size + statSync(`${hub}-wal`).size)
  }
  await host.stop()
  // Each instance is on disk several times: as input, as output and in its history.
  expect(Math.max(...sizes)).toBeLessThan(6 * perRound * bytesEach)
  expect(sizes.at(-1)).toBeLessThan(1_000_000)
})
