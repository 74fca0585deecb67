import { expect, test } from 'vitest'
import { makePlan } from '../../src/domain/planner.ts'
import { aHotRegion, DAY_MS, HEAT_ONLY, HOUR, plan } from './a-hot-region.ts'
import { aContext, aRegion, NOW_MS } from './a-region.ts'

test.each([
  ['pinned', { pinned: true }, {}],
  ['private-link', { routing: 'privateLink' as const }, {}],
  ['private-link', { routing: 'both' as const }, {}],
  ['cooldown', {}, { big3: NOW_MS - DAY_MS, big2: NOW_MS - DAY_MS, big1: NOW_MS - DAY_MS }],
])('what is blocked by %s does not move, and is named', (rule, change, movedAtMs) => {
  const spec = aHotRegion()
  const registries = spec.registries.map((one) => (one.name.startsWith('big') ? { ...one, ...change } : one))
  const body = plan(
    { ...spec, registries },
    { stamp: 'weu-a' },
    aContext({ movedAtMs, policy: { dominance: 100 } }),
  )
  expect(body.moves).toEqual([])
  expect(body.verdict).toBe('none')
  expect(body.blocked.map((one) => one.rule)).toContain(rule)
  expect(body.blocked.find((one) => one.rule === rule)?.detail).toContain('big1, big2, big3')
})

test('a replica may move again once its cooldown is over', () => {
  const movedAtMs = { big3: NOW_MS - 14 * DAY_MS }
  expect(plan(aHotRegion(), {}, aContext({ movedAtMs, policy: { dominance: 100 } })).moves[0]?.registry).toBe(
    'big3',
  )
})

test.each(['cordoned', 'evacuating', 'retired', 'provisioning'] as const)(
  'a stamp that is %s takes nobody',
  (state) => {
    const spec = aHotRegion({ stamps: [{ id: 'weu-a' }, { id: 'weu-b' }, { id: 'weu-c', state }] })
    expect(plan(spec, { stamp: 'weu-a' }, HEAT_ONLY).moves.map(({ to }) => to)).not.toContain('weu-c')
  },
)

test('a move in flight counts as landed: what it relieves is not relieved twice', () => {
  const inFlight = { registry: 'big3', region: 'westeurope', from: 'weu-a', to: 'weu-c', landedAtMs: null }
  const body = plan(aHotRegion(), {}, aContext({ policy: { dominance: 100 }, pastMoves: [inFlight] }))
  expect(body).toMatchObject({ verdict: 'none', moves: [] })
  expect(body.reason).toContain('in flight bring it to')
})

test('a move in flight fills its destination, so that another goes elsewhere', () => {
  const spec = aHotRegion()
  const inFlight = { registry: 'bee1', region: 'westeurope', from: 'weu-b', to: 'weu-c', landedAtMs: null }
  const body = plan(
    { ...spec, registries: spec.registries.map((one) => (one.name === 'bee1' ? { ...one, cores: 7 } : one)) },
    {},
    aContext({ policy: { dominance: 100 }, pastMoves: [inFlight] }),
  )
  expect(body.moves.map(({ registry, to }) => [registry, to])).toEqual([['big3', 'weu-b']])
})

test('a replica that landed hours ago counts for the whole day where it is now', () => {
  const landedAtMs = NOW_MS - 7 * HOUR * 60_000
  const spec = aHotRegion()
  const landedSpec = {
    ...spec,
    registries: spec.registries.map((one) => (one.name === 'big3' ? { ...one, stamp: 'weu-c' } : one)),
  }
  const [before, after] = [aRegion(spec), aRegion(landedSpec)]
  const cpu = before.cpu.map((pool, at) => {
    const { timesMs, cpuPercent } = pool.samples
    const later = after.cpu[at]?.samples.cpuPercent
    const joined = cpuPercent.map((value, row) =>
      (timesMs[row] ?? 0) < landedAtMs ? value : (later?.[row] ?? 0),
    )
    return { ...pool, samples: { ...pool.samples, cpuPercent: joined } }
  })
  const landed = { registry: 'big3', region: 'westeurope', from: 'weu-a', to: 'weu-c', landedAtMs }
  const body = makePlan(
    { ...after, cpu },
    { stamp: 'weu-a' },
    aContext({ policy: { dominance: 100 }, pastMoves: [landed] }),
  )
  expect(body.reason).toMatch(/weu-a \w+ has hot-node P95 79.* bring it to 5\d\.\d %/)
  expect(body.moves).toEqual([])
})

test.each([
  ['in-flight', 'westeurope', null],
  ['other-region', 'northeurope', null],
  ['cooldown', 'westeurope', NOW_MS - 2 * DAY_MS],
])('a registry in motion or just moved (%s) does not move', (rule, region, landedAtMs) => {
  const pastMoves = ['big1', 'big2', 'big3'].map((registry) => ({
    ...{ registry, region, landedAtMs },
    from: 'weu-z',
    to: 'weu-a',
  }))
  const body = plan(aHotRegion(), { stamp: 'weu-a' }, aContext({ policy: { dominance: 100 }, pastMoves }))
  expect(body.moves).toEqual([])
  expect(body.blocked.map((one) => one.rule)).toContain(rule)
})

test('a landing in another region is no cooldown in this one', () => {
  const pastMoves = [
    { registry: 'big3', region: 'northeurope', from: 'neu-a', to: 'neu-b', landedAtMs: NOW_MS - DAY_MS },
  ]
  const body = plan(aHotRegion(), {}, aContext({ policy: { dominance: 100 }, pastMoves }))
  expect(body.moves.map(({ registry }) => registry)).toEqual(['big3'])
})

test('nobody goes back within 14 days to a stamp that it came from, however short the cooldown', () => {
  const back = { registry: 'big3', region: 'westeurope', from: 'weu-c', to: 'weu-a' }
  const context = (landedAtMs: number) =>
    aContext({ policy: { dominance: 100, cooldown: 'P2D' }, pastMoves: [{ ...back, landedAtMs }] })
  const moves = (landedAtMs: number) =>
    plan(aHotRegion(), {}, context(landedAtMs)).moves.map(({ registry, to }) => `${registry} ${to}`)
  expect(moves(NOW_MS - 3 * DAY_MS)).not.toContain('big3 weu-c')
  expect(moves(NOW_MS - 14 * DAY_MS)).toEqual(['big3 weu-c'])
})

test('a replica that came back is left for twice its cooldown, and for four times after the second time', () => {
  const move = (from: string, to: string, landedAtMs: number) => ({
    ...{ registry: 'big3', region: 'westeurope', from, to, landedAtMs },
  })
  const moved = (rounds: number, daysAgo: number) => {
    const there = Array.from({ length: rounds }, (_, round) => NOW_MS - (daysAgo + 2 * round) * DAY_MS)
    const pastMoves = there.flatMap((atMs) => [
      move('weu-a', 'weu-b', atMs - DAY_MS),
      move('weu-b', 'weu-a', atMs),
    ])
    const context = aContext({ policy: { dominance: 100, cooldown: 'P14D' }, pastMoves })
    return plan(aHotRegion(), {}, context).moves.map(({ registry }) => registry)
  }
  expect(moved(1, 27)).not.toContain('big3')
  expect(moved(1, 28)).toEqual(['big3'])
  expect(moved(2, 55)).not.toContain('big3')
  expect(moved(2, 56)).toEqual(['big3'])
})

test.each([
  ['a rollout on the cooler stamp', { stamp: 'weu-c' }, [['big3', 'weu-b']]],
  ['an opt-out of a customer', { customer: 'big3' }, [['big2', 'weu-c']]],
  ['an opt-out of a registry', { registry: 'big3' }, [['big2', 'weu-c']]],
  ['an incident on the hot stamp', { stamp: 'weu-a' }, []],
  ['a quota of the region', {}, []],
])('%s is kept to, and named', (_, where, moves) => {
  const interlocks = [{ rule: 'change-freeze', detail: 'CHG-1 until noon', ...where }]
  const body = plan(aHotRegion(), { stamp: 'weu-a' }, aContext({ policy: { dominance: 100 }, interlocks }))
  expect(body.moves.map(({ registry, to }) => [registry, to])).toEqual(moves)
  expect(JSON.stringify(body)).toContain('CHG-1 until noon')
})

test('a stamp takes no more replicas than the policy allows', () => {
  const policy = { dominance: 100, replicasMax: 2 }
  const body = plan(aHotRegion(), { stamp: 'weu-a' }, aContext({ policy }))
  expect(body.moves.filter(({ to }) => to !== 'new')).toEqual([])
})

test('no customer gets more of its load into one fault domain than the policy allows', () => {
  const spec = aHotRegion()
  const stamps = [
    { id: 'weu-a', faultDomain: 'fd-1' },
    { id: 'weu-b', faultDomain: 'fd-2' },
    { id: 'weu-c', faultDomain: 'fd-3' },
  ]
  const registries = spec.registries.map((one) =>
    ['big3', 'cee1', 'cee2'].includes(one.name) ? { ...one, customer: 'contoso' } : one,
  )
  const to = (faultDomainPercentMax: number) =>
    plan(
      { ...spec, stamps, registries },
      { stamp: 'weu-a' },
      aContext({ policy: { dominance: 100, faultDomainPercentMax } }),
    ).moves.map(({ registry, to: stamp }) => [registry, stamp])
  expect(to(100)).toEqual([['big3', 'weu-c']])
  // contoso has 5.5 of its 9.5 cores on weu-a; with big3 there weu-c would have all of them.
  expect(to(60)).toEqual([['big3', 'weu-b']])
})
