import { expect, test } from 'vitest'
import type { Plan } from '../../src/domain/plan.ts'
import { aFolder } from '../adapters/files/written.ts'
import { runCli } from './run-cli.ts'
import { CPU_HEADER, cpuRows, END_MS, FLEET, LOAD_HEADER, loadRows } from './two-stamps.ts'

const { csv, write } = aFolder()
const NOW = new Date(END_MS).toISOString()
const ago = (hours: number) => new Date(END_MS - hours * 3_600_000).toISOString()

const policy = (of: object = {}) => write('policy.json', JSON.stringify({ '*': { dominance: 100, ...of } }))
const files = [
  ...['--fleet', write('fleet.json', JSON.stringify(FLEET))],
  ...['--cpu', csv(CPU_HEADER, ...cpuRows())],
  ...['--load', csv(LOAD_HEADER, ...loadRows())],
]
const usual = policy()

function ask(more: readonly string[], policyFile = usual) {
  return runCli('plan', ...files, '--policy', policyFile, '--json', ...more)
}

async function planned(more: readonly string[], policyFile = usual) {
  const { out, exitCode } = await ask(more, policyFile)
  const plan: Plan = JSON.parse(out)
  return { plan, exitCode, moved: plan.moves.map(({ registry }) => String(registry)) }
}

function interlock(of: object): string[] {
  const always = { region: 'westeurope', fromMs: 0, untilMs: null }
  return ['--interlocks', write('interlocks.json', JSON.stringify([{ ...always, ...of }]))]
}
const moves = (...rows: string[]) => ['--moves', csv('timestamp,registry,from,to,landed', ...rows)]

test.each([
  [{ kind: 'opt-out', customer: 'contoso', words: 'contoso asked for a quiet week' }, ['fabrikam01']],
  [{ kind: 'change-ticket', registry: 'contoso01', words: 'CHG-17' }, ['contoso02']],
])('who is held by an interlock stays, another moves, and it is named: %j', async (of, expected) => {
  const { plan, moved } = await planned(interlock(of))
  expect(moved).toEqual(expected)
  const detail = expect.stringContaining(of.words)
  expect(plan.blocked).toContainEqual({ stamp: 'weu-01', rule: of.kind, detail })
})

test.each([
  { kind: 'quota', words: 'ARM writes are used up until noon' },
  { kind: 'error-budget', words: 'the budget of March is spent' },
  { kind: 'rollout', stamp: 'weu-01', words: 'image 7 goes out' },
])('where everything is held nothing is planned, and the veto is named: %j', async (of) => {
  const { plan, exitCode } = await planned(interlock(of))
  expect([plan.verdict, plan.moves, exitCode]).toEqual(['none', [], 1])
  const detail = expect.stringContaining(of.words)
  expect(plan.blocked).toContainEqual({ stamp: 'weu-01', rule: of.kind, detail })
})

test('a destination that is held takes nobody, and the interlock is named', async () => {
  const { plan } = await planned(interlock({ kind: 'rollout', stamp: 'weu-02', words: 'image 7 goes out' }))
  expect(plan.moves.map(({ to }) => to)).not.toContain('weu-02')
  expect(plan.moves[0]?.whyNot).toContain('weu-02: rollout, image 7 goes out')
})

test.each([
  { kind: 'rollout', words: 'done', untilMs: END_MS },
  { kind: 'rollout', words: 'to come', fromMs: END_MS + 1 },
  { kind: 'rollout', words: 'elsewhere', region: 'eastus' },
])('an interlock that is not in force at the end of the data holds nothing: %j', async (of) => {
  expect((await ask(interlock(of))).out).toBe((await ask([])).out)
})

test('who moved lately stays, and nobody goes back to a stamp within 14 days', async () => {
  const lately = moves(`${ago(72)},contoso01,weu-02,weu-01,${ago(70)}`)
  const { plan, moved } = await planned(lately)
  expect(moved).toEqual(['contoso02'])
  expect(plan.blocked).toContainEqual(expect.objectContaining({ stamp: 'weu-01', rule: 'cooldown' }))

  const quick = policy({ cooldown: 'PT1H' })
  expect((await planned(lately, quick)).moved).toEqual(['contoso02'])
  const long = moves(`${ago(15 * 24)},contoso01,weu-02,weu-01,${ago(15 * 24)}`)
  expect((await planned(long, quick)).moved).toEqual(['contoso01'])
})

test.each(['', `${ago(-1)}`])('a move that is under way counts as landed (%j)', async (landed) => {
  const { plan } = await planned(moves(`${ago(1)},contoso01,weu-01,weu-02,${landed}`))
  expect([plan.verdict, plan.moves]).toEqual(['none', []])
  expect(plan.reason).toContain('in flight bring it to 55.0 %')
})

test.each([
  [moves(`${ago(72)},contoso01,weu-01,weu-02,${ago(70)}`), 'weu-02, and is at weu-01 in the fleet'],
  [moves(`${ago(72)},nobody,weu-01,weu-02,`), 'nobody went from weu-01 to weu-02, and has no replica'],
  [moves('late,contoso01,weu-01,weu-02,'), 'line 2: a move lacks its time'],
  [moves(`${ago(72)},contoso01,weu-01,weu-02,soon`), 'line 2: a move lacks its time'],
  [interlock({ kind: 'opt-out', customer: 'contosi', words: 'x' }), 'contosi, which westeurope'],
  [['--interlocks', write('none.json', '{}')], 'expected array'],
])('files that contradict the fleet or are no such files are wrong input: %j', async (more, words) => {
  const { err, out, exitCode } = await ask(more)
  expect([exitCode, out, err]).toEqual([2, '', expect.stringContaining(words)])
})

test('a move after the end of the data is not looked at', async () => {
  const later = moves(`${NOW.replace('2026', '2027')},contoso01,weu-01,weu-02,`)
  expect((await ask(later)).out).toBe((await ask([])).out)
})
