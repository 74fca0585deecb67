import { expect, test } from 'vitest'
import { aHotRegion, DAY_MS, plan } from './a-hot-region.ts'
import { aContext, NOW_MS, wave } from './a-region.ts'

/** weu-b has two loaded and three idle replicas; both other stamps have room. */
const aRegionWithRoom = (changes: Parameters<typeof aHotRegion>[0] = {}) =>
  aHotRegion({
    registries: [
      { name: 'ay1', stamp: 'weu-a', cores: wave(4, 0.1) },
      { name: 'bee1', stamp: 'weu-b', cores: wave(4, 0.3) },
      { name: 'bee2', stamp: 'weu-b', cores: wave(2, 0.8) },
      ...['idle1', 'idle2', 'idle3'].map((name) => ({ name, stamp: 'weu-b', cores: 0, idle: true })),
      { name: 'cee1', stamp: 'weu-c', cores: wave(3, 0.1) },
    ],
    ...changes,
  })
const evacuation = (...[spec, context]: [Parameters<typeof plan>[0], Parameters<typeof plan>[2]?]) =>
  plan(spec, { evacuate: 'weu-b' }, context ?? aContext({ policy: { dominance: 100 } }))

test('everybody leaves, the heaviest to the stamp that stays coolest, the idle ones first of all', () => {
  const body = evacuation(aRegionWithRoom())
  expect(body).toMatchObject({ verdict: 'evacuate', blocked: [] })
  expect(body.reason).toContain('5 of 5 replicas leave it; it is empty then')
  const to = new Map(body.moves.map((move) => [String(move.registry), move.to]))
  expect([...to.keys()].toSorted()).toEqual(['bee1', 'bee2', 'idle1', 'idle2', 'idle3'])
  expect(to.get('bee1')).toBe('weu-c')
  expect(to.get('bee2')).toBe('weu-a')
  expect(body.moves.filter(({ phase }) => phase === 'tail').map(({ registry }) => registry)).toEqual(
    expect.arrayContaining(['idle1', 'idle2', 'idle3']),
  )
  expect(body.reverses.every((back) => back.to === 'weu-b')).toBe(true)
})

test('no stamp that receives ends above the target, and what is emptied is predicted idle', () => {
  const body = evacuation(aRegionWithRoom())
  for (const { stamp, predicted } of body.pools)
    expect(predicted.hotNodeP95).toBeLessThanOrEqual(stamp === 'weu-b' ? 5 : 60)
})

test('who may not leave is named, and it is said that the stamp is not empty then', () => {
  const spec = aRegionWithRoom()
  const registries = spec.registries.map((one) => (one.name === 'bee2' ? { ...one, pinned: true } : one))
  const body = evacuation({ ...spec, registries })
  expect(body.reason).toContain('4 of 5 replicas leave it; 1 stay, so it is not empty then')
  expect(body.blocked).toEqual([{ stamp: 'weu-b', rule: 'pinned', detail: expect.stringContaining('bee2') }])
})

test('who fits nowhere stays and is named', () => {
  const spec = aRegionWithRoom()
  const registries = spec.registries.map((one) =>
    one.name === 'bee1' ? { ...one, cores: wave(17, 0.3, 0.05) } : one,
  )
  const body = evacuation({ ...spec, registries })
  expect(body.blocked.map(({ rule, detail }) => [rule, detail])).toEqual([
    ['no-destination', 'bee1: fit on no other active shared stamp'],
  ])
  expect(body.moves.map(({ registry }) => String(registry))).not.toContain('bee1')
})

test('more than the moves of one plan leave in several, lightest first', () => {
  const body = evacuation(aRegionWithRoom(), aContext({ policy: { dominance: 100, movesMax: 3 } }))
  expect(body.moves.map(({ registry }) => String(registry)).toSorted()).toEqual(['idle1', 'idle2', 'idle3'])
  expect(body.blocked.map(({ rule }) => rule)).toEqual(['moves-max'])
})

test('an empty stamp needs nothing, and one that is silent or alone is not guessed about', () => {
  expect(
    plan(aRegionWithRoom({ stamps: [{ id: 'weu-a' }, { id: 'weu-b' }, { id: 'weu-c' }, { id: 'weu-d' }] }), {
      evacuate: 'weu-d',
    }),
  ).toMatchObject({
    verdict: 'none',
    reason: 'weu-d is empty already.',
  })
  const silent = aRegionWithRoom({
    stamps: [{ id: 'weu-a' }, { id: 'weu-b', silent: true }, { id: 'weu-c' }],
  })
  expect(evacuation(silent)).toMatchObject({ verdict: 'insufficient-data', moves: [] })
  const alone = aRegionWithRoom({
    stamps: [{ id: 'weu-a', state: 'cordoned' }, { id: 'weu-b' }, { id: 'weu-c', state: 'retired' }],
  })
  expect(evacuation(alone)).toMatchObject({ verdict: 'none', moves: [] })
  expect(evacuation(alone).blocked.map(({ rule }) => rule)).toContain('state')
})

test('its end is told by its own windows, budgets and observations', () => {
  const open = aContext({ policy: { dominance: 100, windows: [{ from: '00:00', to: '24:00' }] } })
  const hours = (body: ReturnType<typeof plan>) => ((body.endsAboutMs ?? 0) - NOW_MS) / 3_600_000
  const body = evacuation(aRegionWithRoom(), open)
  // The tail for an hour, each talker for two days, and ten minutes for what moves.
  expect(hours(body)).toBeCloseTo(1 + 48 * 2 + 3 / 6, 6)

  const nights = { dominance: 100, windows: [{ from: '22:00', to: '23:00' }] }
  const slow = evacuation(aRegionWithRoom(), aContext({ policy: nights }))
  // It begins at 22:00; after the tail's hour the night is over; the second talker comes 48 h and 10 min after the first.
  expect(hours(slow)).toBeCloseTo(22 + 24 + 48 + 1 / 6 + 1 / 6 + 48, 6)
  expect(evacuation(aRegionWithRoom()).endsAboutMs).toBeNull()
})

test('a replica that came lately stays for its cooldown', () => {
  const context = aContext({ movedAtMs: { bee2: NOW_MS - DAY_MS }, policy: { dominance: 100 } })
  expect(evacuation(aRegionWithRoom(), context).blocked).toMatchObject([{ rule: 'cooldown' }])
})
