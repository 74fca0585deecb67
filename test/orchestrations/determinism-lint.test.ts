import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

/** Lints one file, at a path of the project, as the project does, and gives the numbers of the lines that a rule of ours names. */
async function linesFound(path: string, lines: readonly string[]): Promise<number[]> {
  const dir = mkdtempSync(join(tmpdir(), 'lint-'))
  try {
    const config: { vcs: object } = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'))
    writeFileSync(join(dir, 'biome.json'), JSON.stringify({ ...config, $schema: undefined, vcs: undefined }))
    cpSync(join(root, 'lint'), join(dir, 'lint'), { recursive: true })
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), lines.join('\n'))
    const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
    const args = [biome, 'lint', '--reporter=json', '--max-diagnostics=500', path]
    const out = await new Promise<string>((done) => {
      execFile(process.execPath, args, { cwd: dir }, (_error, stdout) => done(stdout))
    })
    const report: {
      diagnostics: { category: string; message: string; location: { start: { line: number } } }[]
    } = JSON.parse(out.slice(out.indexOf('{')))
    const ours = report.diagnostics.filter(({ message }) => message.startsWith('Orchestrations are replayed'))
    return [...new Set(ours.map(({ location }) => location.start.line))].toSorted((a, b) => a - b)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

const banned = [
  "import { readFileSync } from 'node:fs'",
  "import 'node:process'",
  'export const a1 = Date.now()',
  'export const a2 = Date.now',
  'export const { now } = Date',
  'export const a3 = new Date()',
  'export const a4 = new Date',
  'export const a5 = Date()',
  'export const a6 = Math.random()',
  'export const { random } = Math',
  'export const b1 = performance.now()',
  'export const b2 = process.env.HOME',
  'export const { env } = process',
  'export const b3 = crypto.randomUUID()',
  'export const b4 = globalThis.Date',
  "export const b5 = fetch('http://127.0.0.1')",
  'setTimeout(work, 1)',
  'setInterval(work, 1)',
  'setImmediate(work)',
  'queueMicrotask(work)',
  'export const c1 = new Promise(work)',
  'export const c2 = Promise.all([])',
  'export const c3 = async () => 1',
  'export const c4 = async (n: number) => n',
  'export const c5 = async function () {}',
  'export async function c6() {}',
  'export async function* c7() {}',
  'export const c8 = { async work() {} }',
  'export class C9 { async work() {} }',
  'export const d1 = await work',
  "export const d2 = import('./other.ts')",
  "export const d3 = require('./other.ts')",
]

const allowed = [
  "import * as df from 'durable-functions'",
  "import { z } from 'zod'",
  'export const at = new Date(5).toISOString()',
  "export const then = Date.parse('2026-01-01')",
  'export const most = Math.max(1, 2)',
  'export const state = { process: 1, fetch: 2, crypto: 3 }',
  'export const process1 = state.process + state.fetch',
  'export function* steps(context: df.OrchestrationContext) { yield context.df.createTimer(new Date(5)) }',
  'export type Time = Date',
]

test('lint names whatever would differ when an orchestration is replayed, and nothing else', async () => {
  expect(await linesFound('src/orchestrations/bad.ts', banned)).toEqual(banned.map((_, i) => i + 1))
  expect(await linesFound('src/orchestrations/good.ts', allowed)).toEqual([])
})

test('lint lets all of it pass where nothing is replayed', async () => {
  expect(await linesFound('src/activities/work.ts', banned)).toEqual([])
})
