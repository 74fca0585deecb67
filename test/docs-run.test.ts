import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createProgram } from '../src/cli/program.ts'
import { workedExample } from '../src/cli/state-folder.ts'
import { keepingIo, runCli } from './cli/run-cli.ts'
import { commandsIn, PAGES, readPage, wordsOf } from './support/pages-of-docs.ts'
import { awaits, startedRun } from './support/run-steps.ts'
import { startTestApp, type TestApp } from './support/test-app.ts'

/** Commands that other tests run, since they take a process, a deployment, Azure, or weeks of telemetry. */
const ELSEWHERE = ['up', 'host', 'mcp', 'watch', 'init', 'doctor', 'callout', 'backtest', 'shadow']

let app: TestApp
let meant: Readonly<Record<string, string>> = {}
const state = mkdtempSync(join(tmpdir(), 'restamp-docs-'))
beforeAll(async () => {
  app = await startTestApp()
  const session = { baseUrl: app.host.baseUrl, users: app.users, pid: process.pid }
  writeFileSync(join(state, 'session.json'), JSON.stringify(session))
  const { plan } = await startedRun(app)
  await app.until(plan.id, awaits('tail-1'))
  const { fleet, cpu, load } = await workedExample(state)
  meant = {
    ...{ PLAN: plan.id, NEWPLAN: plan.id, REGISTRY: plan.moves[0]?.registry ?? '', REGION: 'testland' },
    ...{
      westeurope: 'testland',
      STAMP: 's-a',
      POOL: 'compute',
      INCIDENT: 's-a.hot.9999',
      $url: 'https://restamp.example.com',
    },
    ...{ 'fleet.json': fleet, 'node-cpu.csv.gz': cpu, 'replica-load.csv.gz': load },
  }
})
afterAll(async () => {
  await app.stop()
  rmSync(state, { recursive: true, force: true })
})

const program = createProgram(keepingIo().io, '0.0.0')

/** The command that words begin with, and how many of them name it. */
function commandOf(words: readonly string[]): { command: Command; depth: number } {
  let command = program
  let depth = 0
  for (const word of words) {
    const next = command.commands.find((each) => each.name() === word)
    if (!next) break
    command = next
    depth += 1
  }
  return { command, depth }
}

/** Every command that pages tell in full; a mere name of one is none. */
const told = [
  ...new Set(
    PAGES.filter((page) => page !== 'docs/cli.md')
      .flatMap((page) => commandsIn(readPage(page)))
      .map((command) => command.replace(/^npm run (?:-s )?restamp --/, 'restamp'))
      .filter((command) => command.startsWith('restamp '))
      .map((command) => wordsOf(command).slice(1))
      .filter((words) => !words.includes('--on') && !ELSEWHERE.includes(words[0] ?? ''))
      .filter((words) => {
        const { command, depth } = commandOf(words)
        const needs =
          command.registeredArguments.length + command.options.filter(({ mandatory }) => mandatory).length
        return words.length > depth || (needs === 0 && command.commands.length === 0)
      })
      .map((words) => words.join(' ')),
  ),
]

test('pages tell enough to be run', () => {
  expect(told.length).toBeGreaterThan(35)
})

describe('each command that pages tell runs', () => {
  test.each(told)('restamp %s', async (line) => {
    const words = wordsOf(line).map(meaningOf)
    const { command } = commandOf(words)
    const has = (option: string) => command.options.some(({ long }) => long === option)
    const { exitCode, err } = await runCli(
      ...words,
      ...(has('--state') ? ['--state', state] : []),
      ...(has('--dry-run') ? ['--dry-run'] : []),
      ...(has('--profiles') ? ['--profiles', join(state, 'profiles.json')] : []),
    )
    // What the small region has no such thing for is refused in a sentence; wrong usage and failures are not in pages.
    expect([line, exitCode, err]).toEqual([
      line,
      expect.toBeOneOf([0, 1]),
      expect.not.stringContaining('unexpected'),
    ])
  })
})

function meaningOf(word: string): string {
  const plain = word.replace(/^["'](.*)["']$/, '$1')
  if (plain === '...') return 'for a test'
  if (plain.startsWith('$(')) return '00000000-0000-0000-0000-000000000001'
  return meant[plain] ?? plain
}
