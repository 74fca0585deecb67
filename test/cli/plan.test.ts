import { expect, test } from 'vitest'
import type { CliIo } from '../../src/cli/io.ts'
import { createPlanCommand } from '../../src/cli/plan.ts'
import { canonicalJson, sha256Hex } from '../../src/domain/canonical.ts'
import { Plan } from '../../src/domain/plan.ts'
import { aFolder } from '../adapters/files/written.ts'
import { CPU_HEADER, cpuRows, END_MS, FLEET, LOAD_HEADER, loadRows } from './two-stamps.ts'

const { csv, gzip, write } = aFolder()
const policy = () => write('policy.json', JSON.stringify({ '*': { dominance: 100 } }))

function files(fleet: object = FLEET, rows: { cpu?: string[]; load?: string[] } = {}): string[] {
  return [
    '--fleet',
    write('fleet.json', JSON.stringify(fleet)),
    '--cpu',
    csv([CPU_HEADER, ...(rows.cpu ?? cpuRows())].join('\n')),
    '--load',
    gzip([LOAD_HEADER, ...(rows.load ?? loadRows())].join('\n')),
  ]
}

async function run(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []]
  let exitCode = 0
  const io: CliIo = {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    env: {},
    interactive: false,
    colors: false,
    leaving: new AbortController().signal,
    nowMs: () => END_MS,
    pause: async () => {},
    exit: (code) => {
      exitCode = code
    },
  }
  await createPlanCommand(io).exitOverride().parseAsync(args, { from: 'user' })
  return { out: out.join(''), err: err.join(''), exitCode }
}

test('one JSON document is printed, sealed over its canonical form without the digest', async () => {
  const { out, err, exitCode } = await run(...files(), '--policy', policy(), '--json')
  const plan = Plan.parse(JSON.parse(out))
  const { digest, ...body } = JSON.parse(out)
  expect(digest).toBe(sha256Hex(canonicalJson(body)))
  expect(plan.verdict).toBe('rebalance')
  expect(plan.moves).toMatchObject([
    { registry: 'contoso01', from: 'weu-01', to: 'weu-02', phase: 'top', batch: 1 },
  ])
  expect(plan.pools.map(({ predicted }) => Math.round(predicted.hotNodeP95 * 10) / 10)).toEqual([55, 37.5])
  expect([err, exitCode]).toEqual(['', 0])
})

test('the same files in another order of rows give the same bytes', async () => {
  const first = await run(...files(), '--policy', policy(), '--json')
  const turned = { cpu: cpuRows().toReversed(), load: loadRows().toReversed() }
  const fleet = { ...FLEET, registries: FLEET.registries.toReversed() }
  const second = await run(...files(fleet, turned), '--policy', policy(), '--json')
  expect(second.out).toBe(first.out)
})

test('people read the verdict, the phases, the moves and why', async () => {
  const { out } = await run(...files(), '--policy', policy())
  expect(out).toContain(': rebalance\n')
  expect(out).toContain('hot-node P95 80.0 %')
  expect(out).toMatch(/contoso01 causes 31\.[23] % of the hot minutes of weu-01/)
})

test('a plan that is blocked ends with code 1 and names the rule', async () => {
  const pinned = FLEET.registries.map((one) => ({
    ...one,
    replicas: one.replicas.map((replica) => ({ ...replica, pinned: true })),
  }))
  const { out, exitCode } = await run(
    ...files({ ...FLEET, registries: pinned }),
    '--policy',
    policy(),
    '--json',
  )
  expect(JSON.parse(out).blocked.map(({ rule }: { rule: string }) => rule)).toContain('pinned')
  expect(exitCode).toBe(1)
})

test('too little data ends with code 1, a calm stamp with 0', async () => {
  const early = await run(...files(), '--policy', policy(), '--json', '--now', '2026-03-10T05:00:00Z')
  expect([JSON.parse(early.out).verdict, early.exitCode]).toEqual(['insufficient-data', 1])
  const calm = await run(...files(), '--policy', policy(), '--json', '--stamp', 'weu-02')
  expect([JSON.parse(calm.out).verdict, calm.exitCode]).toEqual(['none', 0])
})

test.each([
  [['--stamp', 'weu-09'], '--stamp was weu-09'],
  [['--customer', 'nobody'], '--customer was nobody'],
  [['--region', 'mars'], '--region was mars'],
  [['--customer', 'contoso', '--stamp', 'weu-01'], 'both given'],
  [['--now', 'yesterday'], '--now: expected a time'],
  [['--bin', '7'], '--bin: expected a bin'],
])('%j is wrong usage', async (args, message) => {
  await expect(run(...files(), ...args)).rejects.toMatchObject({
    message: expect.stringContaining(message),
    exitCode: 2,
  })
})

test('ten years of rows change nothing but what is forecast from the last weeks', async () => {
  const old = Array.from({ length: 10 }, (_, year) => `${2015 + year}-06-01T08:00:00Z`)
  const rows = {
    cpu: [...old.map((time) => `${time},westeurope,weu-01,registry,n1,3`), ...cpuRows()],
    load: [...old.map((time) => `${time},westeurope,contoso01,registry,9,9`), ...loadRows()],
  }
  const first = await run(...files(), '--policy', policy(), '--json')
  const second = await run(...files(FLEET, rows), '--policy', policy(), '--json')
  expect(second.out).toBe(first.out)
})

test('load that ends before the CPU begins is missing, not zero', async () => {
  const old = loadRows().map((row) => row.replace('2026-03', '2025-03'))
  const { out, exitCode } = await run(...files(FLEET, { load: old }), '--policy', policy(), '--json')
  expect([JSON.parse(out).verdict, exitCode]).toEqual(['insufficient-data', 1])
})

test('data that end ahead of this clock are planned with, and that is said', async () => {
  const later = (row: string) => row.replace(/^2026/, '2027')
  const rows = { cpu: cpuRows().map(later), load: loadRows().map(later) }
  const { out, err } = await run(...files(FLEET, rows), '--policy', policy(), '--json')
  expect(JSON.parse(out).verdict).toBe('rebalance')
  expect(err).toContain("The data end at 2027-03-11 00:00Z, which lies ahead of this machine's clock")
})

test('people read who causes the hot minutes, what comes if nothing is done, and what would change the verdict', async () => {
  const { out } = await run(...files(), '--policy', policy())
  expect(out).toMatch(/weu-01 +registry +all +80\.0/)
  expect(out).toMatch(/fabrikam01 +30\.0 +2\d\.\d\.\.3\d\.\d/)
  expect(out).toContain('If nothing is done, weu-01 registry: a day like the last one shows 80.0 % again')
  expect(out).toMatch(/The verdict would change: weu-01 registry would not be hot with 1\d\.\d % less load/)
})

test('a dangling home stamp is refused with its path', async () => {
  const fleet = structuredClone(FLEET)
  const [first] = fleet.registries
  if (first?.replicas[0]) first.replicas[0].homeStamp = 'weu-09'
  await expect(run(...files(fleet))).rejects.toThrow('registries[0].replicas[0].homeStamp')
})
