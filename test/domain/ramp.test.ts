import { expect, test } from 'vitest'
import { aHotRegion, plan } from './a-hot-region.ts'
import { aContext, NOW_MS, wave } from './a-region.ts'

const policy = { dominance: 100, windows: [{ from: '00:00', to: '24:00' }] }

/** weu-a and weu-b carry all load, weu-d is new and empty. */
const aNewStamp = (changes: Parameters<typeof aHotRegion>[0] = {}) =>
  aHotRegion({
    stamps: [{ id: 'weu-a' }, { id: 'weu-b' }, { id: 'weu-d' }],
    registries: [
      ...[5, 4, 3, 2].map((cores, at) => ({
        name: `ay${at}`,
        stamp: 'weu-a',
        cores: wave(cores, at / 5, 0.1),
      })),
      ...[4, 3].map((cores, at) => ({ name: `bee${at}`, stamp: 'weu-b', cores: wave(cores, at / 3, 0.1) })),
      ...['idle1', 'idle2', 'idle3', 'idle4'].map((name) => ({ name, stamp: 'weu-b', cores: 0, idle: true })),
    ],
    ...changes,
  })
const ramp = (spec = aNewStamp(), context = aContext({ policy })) => plan(spec, { ramp: 'weu-d' }, context)
const worst = (body: ReturnType<typeof plan>, at: string, when: 'before' | 'predicted') =>
  Math.max(...body.pools.filter(({ stamp }) => stamp === at).map((pool) => pool[when].hotNodeP95 ?? 0))

test('a new stamp is filled until the region is in balance, and nothing ends above the target', () => {
  const body = ramp()
  expect(body.verdict).toBe('ramp')
  expect(new Set(body.moves.map(({ to }) => to))).toEqual(new Set(['weu-d']))
  const [a, b, d] = ['weu-a', 'weu-b', 'weu-d'].map((stamp) => worst(body, stamp, 'predicted'))
  expect(worst(body, 'weu-a', 'before')).toBeGreaterThan(50)
  expect(Math.max(a ?? 0, b ?? 0, d ?? 0)).toBeLessThan(40)
  expect(d).toBeGreaterThan(20)
})

test('three light replicas go first as canaries, and the end is told', () => {
  const body = ramp()
  const tail = body.moves.filter(({ phase }) => phase === 'tail').map(({ registry }) => String(registry))
  expect(tail).toEqual(['idle1', 'idle2', 'idle3'])
  expect(body.endsAboutMs).toBeGreaterThan(NOW_MS + 48 * 3_600_000)
})

test('a stamp that takes nobody is not filled, and why is said', () => {
  const draining = aNewStamp({
    stamps: [{ id: 'weu-a' }, { id: 'weu-b' }, { id: 'weu-d', state: 'provisioning' }],
  })
  expect(ramp(draining)).toMatchObject({ verdict: 'none', blocked: [{ stamp: 'weu-d', rule: 'state' }] })
  const isolated = aNewStamp({
    stamps: [{ id: 'weu-a' }, { id: 'weu-b' }, { id: 'weu-d', kind: 'isolated' }],
  })
  expect(ramp(isolated)).toMatchObject({ verdict: 'none', blocked: [{ rule: 'isolated' }] })
  const silent = aNewStamp({ stamps: [{ id: 'weu-a' }, { id: 'weu-b' }, { id: 'weu-d', silent: true }] })
  expect(ramp(silent)).toMatchObject({ verdict: 'none', blocked: [{ rule: 'insufficient-data' }] })
})

test('where no move is worth its risk nobody moves', () => {
  const body = ramp(
    aNewStamp({
      registries: [
        { name: 'ay0', stamp: 'weu-a', cores: wave(2, 0.1, 0.1) },
        { name: 'bee0', stamp: 'weu-b', cores: wave(2, 0.4, 0.1) },
        { name: 'dee0', stamp: 'weu-d', cores: wave(2, 0.7, 0.1) },
      ],
    }),
  )
  expect(body).toMatchObject({ verdict: 'none', moves: [] })
  expect(body.reason).toContain('No move to weu-d')
})

test('a pinned replica stays, and who left the stamp lately does not come back', () => {
  const spec = aNewStamp()
  const registries = spec.registries.map((one) => (one.name === 'ay0' ? { ...one, pinned: true } : one))
  expect(ramp({ ...spec, registries }).moves.map(({ registry }) => String(registry))).not.toContain('ay0')
  const left = {
    registry: 'ay0',
    region: 'westeurope',
    from: 'weu-d',
    to: 'weu-a',
    landedAtMs: NOW_MS - 13 * 86_400_000,
  }
  const lately = aContext({ policy: { ...policy, cooldown: 'P1D' }, pastMoves: [left] })
  expect(ramp(spec, lately).moves.map(({ registry }) => String(registry))).not.toContain('ay0')
})
