import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { killingProxy } from './killing-proxy.ts'
import { type ServedApp, serveApp } from './served-app.ts'

const golden = resolve(import.meta.dirname, '../../../shared/golden')
const isThere = existsSync(join(golden, 'run.mjs'))
/** Entities, locks, callHttp and rewind are not part of this host. */
const outOfScope = /entit|g41|lock-|call-http|rewind/

/**
 * Scenarios whose app keeps counters or flags in memory, whose timers a slow restart outlives, or whose fractions of
 * a second the runner can only compare with what the app's memory holds.
 */
const notWithKills = /g19|g36|can-open-timer|g08b|g09|g25|retry|rewind|timer-function/
const sample = ['g01-chain.json', 'g11-sequential', 'g22-sub', 'g26-can-events.json', 'g29-suspend']

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

  it('are repeated scenario by scenario', { timeout: 170_000 }, async () => {
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
      const { lines, failed } = await runner(proxy, ['--jobs', '1', '--skip-raw', ...names])
      expect(failed).toEqual([])
      expect(lines.filter((line) => line.startsWith('pass')).length).toBe(names.length)
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
