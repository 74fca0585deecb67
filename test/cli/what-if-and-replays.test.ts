import { describe, expect, test } from 'vitest'
import { replayOf } from '../../src/dashboard/replays.ts'
import { aFolder } from '../adapters/files/written.ts'
import { runCli } from './run-cli.ts'

const { csv, write } = aFolder()
const END_MS = Date.UTC(2026, 2, 11)
const BINS = 4 * 24 * 12
const time = (bin: number) => new Date(END_MS - (BINS - bin) * 300_000).toISOString()
const CORES = { contoso01: 2.4, fabrikam01: 3.2, litware01: 1 }

const fleet = write(
  'fleet.json',
  JSON.stringify({
    regions: [
      {
        name: 'westeurope',
        stamps: ['weu-01', 'weu-02'].map((id) => ({
          id,
          kind: 'shared',
          state: 'active',
          pools: [{ role: 'registry', nodes: 2, minNodes: 1, maxNodes: 4, vcpusPerNode: 4 }],
        })),
      },
    ],
    registries: [
      { name: 'contoso01', customer: 'contoso', replicas: [{ region: 'westeurope', homeStamp: 'weu-01' }] },
      { name: 'fabrikam01', customer: 'fabrikam', replicas: [{ region: 'westeurope', homeStamp: 'weu-01' }] },
      { name: 'litware01', customer: 'litware', replicas: [{ region: 'westeurope', homeStamp: 'weu-02' }] },
    ],
  }),
)
const cpu = csv(
  'timestamp,stamp,pool,node,cpu_percent',
  ...Object.entries({ 'weu-01': 75, 'weu-02': 17.5 }).flatMap(([stamp, percent]) =>
    ['n1', 'n2'].flatMap((node) =>
      Array.from({ length: BINS }, (_, bin) => `${time(bin)},${stamp},registry,${node},${percent}`),
    ),
  ),
)
const load = csv(
  'timestamp,registry,pool,requests,cpu_seconds',
  ...Object.entries(CORES).flatMap(([registry, cores]) =>
    Array.from(
      { length: BINS },
      (_, bin) => `${time(bin)},${registry},registry,${cores * 500},${cores * 300}`,
    ),
  ),
)
const policy = (name: string, value: object) =>
  write(name, JSON.stringify({ '*': { dominance: 100, ...value } }))
const files = ['--fleet', fleet, '--cpu', cpu, '--load', load]
const json = async (...args: string[]) => JSON.parse((await runCli(...args, ...files, '--json')).out)

describe('restamp whatif', () => {
  const usual = () => ['--policy', policy('policy.json', {})]

  test('shows each pool before and as it would be, and what would then be planned', async () => {
    const found = await json('whatif', '--move', 'contoso01=weu-02', ...usual())
    const at = (stamp: string) => found.pools.find((pool: { stamp: string }) => pool.stamp === stamp)
    expect(at('weu-01')).toMatchObject({ now: 75, wouldBe: expect.closeTo(45, 0), hot: false })
    expect(at('weu-02')).toMatchObject({ now: 17.5, wouldBe: expect.closeTo(47.5, 0), hot: false })
    expect([found.moves, found.problems, found.plan.verdict]).toEqual([
      [{ registry: 'contoso01', from: 'weu-01', to: 'weu-02' }],
      [],
      'none',
    ])
  })

  test('ends with 1 where a pool would be hot, and with 0 where none would', async () => {
    const hot = await runCli('whatif', '--traffic', 'litware=4', ...usual(), ...files)
    expect([hot.exitCode, hot.out]).toEqual([1, expect.stringContaining('hot')])
    expect((await runCli('whatif', '--move', 'contoso01=weu-02', ...usual(), ...files)).exitCode).toBe(0)
  })

  test('takes several suppositions at once', async () => {
    const found = await json(
      'whatif',
      '--add-stamp',
      'weu-03=weu-01',
      '--resize',
      'weu-03/registry=4',
      '--move',
      'fabrikam01=weu-03',
      ...usual(),
    )
    const added = found.pools.find((pool: { stamp: string }) => pool.stamp === 'weu-03')
    expect(added).toMatchObject({ now: null, wouldBe: expect.closeTo(22, 0) })
  })

  test.each([
    [[], 'nothing is supposed'],
    [['--move', 'contoso01'], 'expected registry=stamp'],
    [['--move', 'nobody=weu-02'], 'nobody has no replica'],
    [['--resize', 'weu-01/registry=many'], 'expected a number'],
    [['--resize', 'weu-01/registry=0'], 'expected a number'],
    [['--traffic', 'much'], 'expected a number'],
    [['--lose', 'fd-7'], 'neither a stamp nor a fault domain'],
  ])('%j is wrong usage: %s', async (args, words) => {
    const { err, exitCode } = await runCli('whatif', ...args, ...files)
    expect([exitCode, err]).toEqual([2, expect.stringContaining(words)])
  })
})

describe('restamp backtest', () => {
  test('lays policies beside a replay without any move', async () => {
    const careful = policy('careful.json', {})
    const calm = policy('calm.json', { hotPercent: 95, targetPercent: 90 })
    const found = await json('backtest', '--policy', careful, '--policy', calm)
    expect(found).toMatchObject([
      { policy: 'no moves', pages: 3, moves: 0 },
      { policy: expect.stringContaining('careful.json'), pages: 1, pagesAvoided: 2, moves: 1, nodeHours: 0 },
      { policy: expect.stringContaining('calm.json'), pages: 0, pagesAvoided: 0, moves: 0, minutesOver: 0 },
    ])
    expect(found[1].minutesOver).toBeLessThan(found[0].minutesOver / 2)
    expect(replayOf('backtest.json', JSON.stringify(found)).kind).toBe('backtest')
  })

  test('needs two days of telemetry', async () => {
    const { err, exitCode } = await runCli('backtest', ...files, '--now', time(24 * 12))
    expect([exitCode, err]).toEqual([2, expect.stringContaining('at least two days')])
  })
})

describe('restamp shadow', () => {
  test('says day by day what would have been proposed', async () => {
    const found = await json('shadow', '--policy', policy('policy.json', {}))
    expect(replayOf('shadow.json', JSON.stringify(found)).kind).toBe('shadow')
    const { proposals, moves } = found
    expect(proposals.map((one: { verdict: string; hot: string[] }) => [one.verdict, one.hot])).toEqual(
      Array.from({ length: 3 }, () => ['rebalance', ['weu-01']]),
    )
    expect(moves).toEqual([])
  })

  test('compares moves of a file with what came, and shows the error of all', async () => {
    const moves = csv('timestamp,registry,from,to', `${time(2 * 24 * 12)},litware01,weu-01,weu-02`)
    const { out, exitCode } = await runCli('shadow', ...files, '--moves', moves)
    expect(exitCode).toBe(0)
    expect(out).toContain('Moves made by hand')
    expect(out).toMatch(/2 predictions compared: off by \d/)
  })

  test.each([
    ['timestamp,registry,from,to', 'yesterday,litware01,weu-01,weu-02', 'line 2'],
    ['timestamp,registry,from,to', `${time(600)},nobody,weu-01,weu-02`, 'nobody'],
    ['timestamp,registry,from,to', `${time(600)},litware01,weu-01,mars`, 'mars'],
    ['timestamp,registry,to', `${time(600)},litware01,weu-02`, 'no column "from"'],
  ])('a file of moves with %s and %s is refused', async (header, row, words) => {
    const { err, exitCode } = await runCli('shadow', ...files, '--moves', csv(header, row))
    expect([exitCode, err]).toEqual([2, expect.stringContaining(words)])
  })
})
