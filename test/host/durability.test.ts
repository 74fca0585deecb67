import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { instance, raise, seeded, start, until } from './driving.ts'
import { type ServedApp, serveApp } from './served-app.ts'

const orders = join(import.meta.dirname, 'apps/orders')

describe('a killed host', () => {
  let dir = ''
  let app: ServedApp | undefined
  const serve = async () => {
    app = await serveApp(orders, {
      hub: join(dir, 'hub.db'),
      clock: 'skip',
      settings: { EFFECTS: join(dir, 'effects') },
    })
    return app
  }

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'durability-'))
  })
  afterEach(async () => {
    await app?.kill()
    rmSync(dir, { recursive: true, force: true })
  })

  for (const seed of [1, 2]) {
    it(`ends its orchestrations as an undisturbed one would, killed at moments of seed ${seed}`, async () => {
      const random = seeded(seed)
      const ids = Array.from({ length: 20 }, (_, i) => `order-${i}`)
      let host = await serve()
      for (const id of ids) await start(host, 'Order', id, { lines: ['a', 'b', 'c'], rounds: 3 })
      await start(host, 'Approval', 'approval', null)
      expect(await raise(host, 'approval', 'answer', 'yes')).toBe(202)
      for (let kills = 0; kills < 5; kills++) {
        await new Promise((resolve) => setTimeout(resolve, random() * 40))
        await host.kill()
        host = await serve()
      }
      for (const id of ids) {
        const done = await until(
          () => instance(host, id),
          ({ runtimeStatus }) => runtimeStatus === 'Completed',
        )
        expect(done.output).toEqual({ packed: ['packed a', 'packed b', 'packed c'], paid: { charged: id } })
      }
      const approval = await until(
        () => instance(host, 'approval'),
        ({ runtimeStatus }) => runtimeStatus === 'Completed',
      )
      expect(approval.output).toBe('yes')
      // Each of three rounds charged each order at least once.
      const charges = readFileSync(join(dir, 'effects'), 'utf8').split('\n')
      for (const id of ids)
        expect(charges.filter((line) => line === `charge ${id}`).length).toBeGreaterThanOrEqual(3)
    })
  }

  it('goes on at its own virtual time', async () => {
    let host = await serve()
    await start(host, 'Order', 'one', { lines: ['a'] })
    const before = await until(
      () => instance(host, 'one'),
      ({ runtimeStatus }) => runtimeStatus === 'Completed',
    )
    await host.kill()
    host = await serve()
    await start(host, 'Order', 'two', { lines: ['a'] })
    const after = await instance(host, 'two')
    expect(Date.parse(after.createdTime)).toBeGreaterThanOrEqual(Date.parse(before.createdTime) + 89_000)
  })
})
