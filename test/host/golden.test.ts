import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { killingProxy } from './killing-proxy.ts'
import { type ServedApp, serveApp } from './served-app.ts'

const golden = resolve(import.meta.dirname, '../../../shared/golden')
const isThere = existsSync(join(golden, 'run.mjs'))
/** Entities, locks, callHttp and rewind are not part of this host. */
const outOfScope = /entit|g41|lock-|call-http|rewind/

/** The app keeps in memory the flag that makes its orchestrator decide otherwise, and a kill forgets it. */
const notWithKills = /g36/
const sample = [
  'g01-chain.json',
  'g08b-race-timeout.json',
  'g11-sequential-waits.json',
  'g22-sub.json',
  'g26-can-events.json',
  'g29-suspend-resume.json',
]

if (!isThere) console.warn(`Golden scenarios SKIPPED: ${golden} is not there.`)

describe.skipIf(!isThere)('the golden recordings of a real host', () => {
  let dir = ''
  let app: ServedApp

  beforeAll(async () => {
    dir = goldenApp()
    app = await serveApp(dir, { hub: join(dir, 'hub.db') })
  })

  afterAll(async () => {
    await app?.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  // The second time over what the first has left behind.
  it.each(['once', 'again'])('are repeated scenario by scenario, %s', { timeout: 170_000 }, async () => {
    const names = inScope()
    const { lines, failed } = await runner(app, ['--jobs', '12', ...names])
    expect(failed).toEqual([])
    expect(lines.filter((line) => line.startsWith('pass')).length).toBe(names.length)
  })

  it('are repeated request by request', { timeout: 60_000 }, async () => {
    const { failed } = await runner(app, ['--http'])
    expect(failed.filter((line) => !outOfScope.test(line))).toEqual([])
  })
})

describe.skipIf(!isThere)('the golden recordings, the host killed before every step', () => {
  // GOLDEN_KILL=1 runs all that can be, which takes some ten minutes.
  const isFull = process.env.GOLDEN_KILL !== undefined
  it('are repeated all the same', { timeout: 1_800_000 }, async () => {
    const dir = goldenApp()
    const proxy = await killingProxy(dir, { hub: join(dir, 'hub.db') })
    try {
      const names = isFull ? inScope().filter((name) => !notWithKills.test(name)) : sample
      for (const [some, more] of [
        [names.filter(isKilledAtStartOnly), []],
        // What the worker saw is kept in the app's memory, which is not whole where kills come later.
        [names.filter((name) => !isKilledAtStartOnly(name)), ['--skip-raw']],
      ] as const) {
        const { lines, failed } = await runner(proxy, ['--jobs', '1', ...more, ...some])
        expect(failed).toEqual([])
        expect(lines.filter((line) => line.startsWith('pass')).length).toBe(some.length)
      }
      expect(proxy.kills()).toBeGreaterThan(names.length)
    } finally {
      await proxy.stop()
      rmSync(dir, { recursive: true, force: true })
    }
  })
})

function inScope(): string[] {
  return readdirSync(join(golden, 'scenarios')).filter((name) => !outOfScope.test(name))
}

/** Whether a scenario changes nothing after its start, so that no kill comes later. */
function isKilledAtStartOnly(file: string): boolean {
  const path = join(golden, 'scenarios', file)
  const { steps }: { steps: { action: string }[] } = JSON.parse(readFileSync(path, 'utf8'))
  return steps.every(({ action }) => /^(wait|sleep|snapshot)/.test(action))
}

/** A copy of the recorded app that finds this project's packages. */
function goldenApp(): string {
  const dir = mkdtempSync(join(tmpdir(), 'golden-'))
  cpSync(join(golden, 'app'), dir, { recursive: true })
  symlinkSync(resolve(import.meta.dirname, '../../node_modules'), join(dir, 'node_modules'))
  return dir
}

function runner(
  app: Pick<ServedApp, 'baseUrl' | 'systemKey'>,
  args: readonly string[],
): Promise<{ lines: string[]; failed: string[] }> {
  const all = [join(golden, 'run.mjs'), '--base', app.baseUrl, '--code', app.systemKey, ...args]
  return new Promise((done) => {
    execFile(process.execPath, all, { maxBuffer: 1e8 }, (_error, stdout, stderr) => {
      const lines = `${stdout}${stderr}`.split('\n')
      done({ lines, failed: lines.filter((line) => line.startsWith('FAIL')) })
    })
  })
}
