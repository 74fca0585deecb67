import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { buildReady } from '../../scripts/setup/build.mjs'
import { dependenciesReady } from '../../scripts/setup/dependencies.mjs'
import { alone } from '../../scripts/setup/lock.mjs'
import { capture, withNode } from '../../scripts/setup/process.mjs'
import { summaryOf } from '../../scripts/test-summary.mjs'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'restamp-set-up-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const nobodyWaits = () => undefined

test('two set-ups at once do their work one after the other', async () => {
  const lock = join(root, '.node', 'setup.lock')
  const seen: string[] = []
  const work = (name: string) => async () => {
    seen.push(`${name} begins`)
    await pause(50)
    seen.push(`${name} ends`)
  }
  await Promise.all([
    alone(lock, { onWait: nobodyWaits, work: work('a') }),
    alone(lock, { onWait: nobodyWaits, work: work('b') }),
  ])
  expect(seen.map((words) => words.split(' ')[1])).toEqual(['begins', 'ends', 'begins', 'ends'])
  expect(existsSync(lock)).toBe(false)
})

test('the lock of a process that has ended holds nobody up', async () => {
  const lock = join(root, 'setup.lock')
  mkdirSync(lock)
  const { pid } = spawnSync(process.execPath, ['--version'])
  writeFileSync(join(lock, 'pid'), String(pid))
  expect(await alone(lock, { onWait: nobodyWaits, work: async () => 'done' })).toBe('done')
})

test('work that fails gives the lock back', async () => {
  const lock = join(root, 'setup.lock')
  const fail = async () => {
    throw new Error('no')
  }
  await expect(alone(lock, { onWait: nobodyWaits, work: fail })).rejects.toThrow('no')
  expect(existsSync(lock)).toBe(false)
})

const aPackage = (version: string) => ({ version, integrity: `sha512-${version}` })

test('dependencies are taken as they are when they are what the lock asks for, and only then', () => {
  const packages = {
    '': {},
    'node_modules/a': aPackage('1.0.0'),
    'node_modules/b': { ...aPackage('1.0.0'), optional: true },
  }
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages }))
  expect(dependenciesReady(root)).toBe(false)

  mkdirSync(join(root, 'node_modules'))
  const installed = (version: string) =>
    writeFileSync(
      join(root, 'node_modules', '.package-lock.json'),
      JSON.stringify({ packages: { 'node_modules/a': aPackage(version) } }),
    )
  installed('0.9.0')
  expect(dependenciesReady(root)).toBe(false)
  installed('1.0.0')
  expect(dependenciesReady(root)).toBe(true)

  packages['node_modules/a'] = aPackage('2.0.0')
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages }))
  expect(dependenciesReady(root)).toBe(false)
})

test('a folder without a whole build is not built, whatever lies in dist', () => {
  mkdirSync(join(root, 'src'))
  mkdirSync(join(root, 'dist'))
  writeFileSync(join(root, 'src', 'a.ts'), 'export const a = 1\n')
  expect(buildReady(root)).toBe(false)
  writeFileSync(join(root, 'dist', '.stamp'), 'of other sources')
  expect(buildReady(root)).toBe(false)
})

test('a program that is not there ends with 127, and a child finds the given Node first', async () => {
  expect((await capture('no-such-program-here', [])).code).toBe(127)
  expect(withNode('/somewhere/bin/node', { PATH: '/usr/bin' }).PATH).toMatch(
    /^\/somewhere\/bin[:;]\/usr\/bin$/,
  )
})

const aResult = (more: object) => ({
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 0,
  testResults: [],
  ...more,
})

test('the last line counts what vitest counted', () => {
  expect(summaryOf(aResult({}), 0)).toEqual({ lines: ['3 passed, 0 failed'], exitCode: 0 })
  expect(summaryOf(aResult({ numFailedTests: 2, numPendingTests: 1 }), 1)).toEqual({
    lines: ['1 skipped', '3 passed, 2 failed'],
    exitCode: 1,
  })
})

test('names who kept the contract of which port, and who did not', () => {
  const ran = (title: string, status: string) => ({ ancestorTitles: [title], status })
  const assertionResults = [
    ran('Twin keeps the catalog contract', 'passed'),
    ran('Mine keeps the catalog contract', 'passed'),
    ran('Mine keeps the catalog contract', 'failed'),
    ran('Twin keeps the anchors contract', 'passed'),
    ran('something else', 'passed'),
  ]
  const { lines } = summaryOf(aResult({ testResults: [{ status: 'failed', assertionResults }] }), 1)
  expect(lines.slice(0, 2)).toEqual([
    'contract of anchors: Twin',
    'contract of catalog: Mine (NOT KEPT), Twin',
  ])
})

test('a file that could not be loaded, an end without a result and an unexplained code are failures', () => {
  const broken = { status: 'failed', assertionResults: [] }
  expect(summaryOf(aResult({ testResults: [broken] }), 1)).toEqual({
    lines: ['3 passed, 1 failed'],
    exitCode: 1,
  })
  expect(summaryOf(aResult({ testResults: [broken] }), 0).exitCode).toBe(1)
  expect(summaryOf(undefined, 0)).toMatchObject({ exitCode: 1 })
  expect(summaryOf(aResult({}), 1)).toMatchObject({
    exitCode: 1,
    lines: [expect.stringContaining('code 1'), '3 passed, 0 failed'],
  })
})
