import { createHash } from 'node:crypto'
import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { openHubFile } from '../../src/host/hub-file.ts'
import { HubRefused } from '../../src/host/hub-refused.ts'
import { serveApp } from './served-app.ts'
import { appFolder, smallHost } from './small-host.ts'

const orders = join(import.meta.dirname, 'apps/orders')
const load = () => {}
const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

async function refusalOf(hub: string): Promise<string> {
  try {
    await smallHost({ hub, load })
  } catch (error) {
    expect(error).toBeInstanceOf(HubRefused)
    return error instanceof Error ? error.message : ''
  }
  throw new Error('The hub was not refused.')
}

describe('a hub is refused', () => {
  it('while another process holds it, naming that process, and free once it was killed', async () => {
    const hub = join(appFolder(), 'hub.db')
    const first = await serveApp(orders, { hub })
    expect(await refusalOf(hub)).toContain(`in use by process ${first.pid}`)
    await first.kill()
    await (await smallHost({ hub, load })).stop()
  })

  it('while another host of this process holds it', async () => {
    const hub = join(appFolder(), 'hub.db')
    await smallHost({ hub, load })
    expect(await refusalOf(hub)).toContain('in use by')
  })

  it.each([
    ['text', (path: string) => writeFileSync(path, 'notes of somebody, no database\n'.repeat(20))],
    [
      'a database of another program',
      (path: string) => new DatabaseSync(path).exec('CREATE TABLE t (a); INSERT INTO t VALUES (1)'),
    ],
  ])('and left as it is when it is %s', async (_what, make) => {
    const hub = join(appFolder(), 'hub.db')
    make(hub)
    const before = [digest(hub), statSync(hub).mtimeMs]
    expect(await refusalOf(hub)).toMatch(/not a hub of this host and was left as it is/)
    expect([digest(hub), statSync(hub).mtimeMs]).toEqual(before)
  })

  it('and left as it is when it is corrupt', async () => {
    const hub = join(appFolder(), 'hub.db')
    await (await smallHost({ hub, load })).stop()
    const bytes = readFileSync(hub)
    bytes.fill(0x5a, 4096, 12_000)
    writeFileSync(hub, bytes)
    const before = digest(hub)
    expect(await refusalOf(hub)).toMatch(/corrupt .* left as it is/)
    expect(digest(hub)).toBe(before)
  })

  it('and left as it is when it is corrupt and its writer was killed', async () => {
    const hub = join(appFolder(), 'hub.db')
    await (await smallHost({ hub, load })).stop()
    const app = await serveApp(orders, { hub })
    await app.kill()
    expect(statSync(`${hub}-wal`).size).toBeGreaterThan(0)
    const bytes = readFileSync(hub)
    bytes.fill(0x5a, 8192, 30_000)
    writeFileSync(hub, bytes)
    const before = [digest(hub), digest(`${hub}-wal`)]
    expect(await refusalOf(hub)).toMatch(/corrupt .* left as it is/)
    expect([digest(hub), digest(`${hub}-wal`)]).toEqual(before)
  })

  it('and left as it is when a newer version of the host wrote it', async () => {
    const hub = join(appFolder(), 'hub.db')
    const file = openHubFile(hub)
    file.database.exec('PRAGMA user_version = 99')
    file.close()
    const before = [digest(hub), statSync(hub).mtimeMs]
    expect(await refusalOf(hub)).toMatch(/schema version 99.*use a newer version/)
    expect([digest(hub), statSync(hub).mtimeMs]).toEqual(before)
  })

  it('and left as it is when a newer version of the host wrote it and was killed', async () => {
    const hub = join(appFolder(), 'hub.db')
    await (await smallHost({ hub, load })).stop()
    const newer = new DatabaseSync(hub)
    newer.exec('PRAGMA wal_autocheckpoint = 0; PRAGMA user_version = 99')
    const killed = join(appFolder(), 'hub.db')
    for (const part of ['', '-wal']) copyFileSync(hub + part, killed + part)
    newer.close()
    const before = [digest(killed), digest(`${killed}-wal`)]
    expect(await refusalOf(killed)).toMatch(/schema version 99/)
    expect([digest(killed), digest(`${killed}-wal`)]).toEqual(before)
  })

  it('when its path is a folder', async () => {
    expect(await refusalOf(appFolder())).toMatch(/is not a file/)
  })
})

it('a port in use is refused in one sentence, the hub unharmed', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const hub = join(appFolder(), 'hub.db')
  await expect(smallHost({ hub, port, load })).rejects.toThrow(`Port ${port} is in use`)
  server.close()
  await smallHost({ hub, load })
})

it('a full disk stops the host, which then answers nothing, and loses nothing committed', async () => {
  const hub = join(appFolder(), 'hub.db')
  let broken: HubRefused | undefined
  const host = await smallHost({
    hub,
    load,
    onBroken: (error) => {
      broken = error
    },
    faults: {
      commit: (phase, points) => {
        if (phase === 'before' && points.includes('start'))
          throw Object.assign(new Error('database or disk is full'), { errcode: 13 })
      },
    },
  })
  const post = () =>
    fetch(`${host.baseUrl}/runtime/webhooks/durabletask/orchestrators/X/x?code=${host.systemKey}`, {
      method: 'POST',
    })
  expect((await post()).status).toBe(503)
  expect(broken?.message).toMatch(/disk of the hub .* is full/)
  expect((await post()).status).toBe(503)
  await host.stop()
  await smallHost({ hub, load })
})
