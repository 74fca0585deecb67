import { expect, test } from 'vitest'
import { sealPlan } from '../../src/domain/canonical.ts'
import { Plan, type PlanBody } from '../../src/domain/plan.ts'
import { makePlan } from '../../src/domain/planner.ts'
import { aContext, aRegion, type RegionSpec, wave } from './a-region.ts'

function plan(
  spec: RegionSpec,
  request: Parameters<typeof makePlan>[1] = {},
  context = aContext(),
): PlanBody {
  const body = makePlan(aRegion(spec), request, context)
  Plan.parse(sealPlan(body))
  return body
}

const DOMINATED: RegionSpec = {
  stamps: [{ id: 'weu-a' }, { id: 'weu-b' }, { id: 'weu-i', kind: 'isolated' }],
  registries: [
    { name: 'con1', customer: 'contoso', stamp: 'weu-a', cores: wave(6, 0.1, 0.5) },
    { name: 'con2', customer: 'contoso', stamp: 'weu-b', cores: wave(2, 0.1, 0.1) },
    { name: 'con3', customer: 'contoso', stamp: 'weu-b', cores: 0, idle: true },
    { name: 'fab1', customer: 'fabrikam', stamp: 'weu-a', cores: wave(3, 0.4, 0.1) },
    { name: 'fab2', customer: 'fabrikam', stamp: 'weu-b', cores: wave(4, 0.4, 0.3) },
  ],
}

test('a customer who dominates a shared stamp is isolated from all shared stamps, idle replicas included', () => {
  for (const request of [{}, { customer: 'contoso' }, { stamp: 'weu-a' }]) {
    const body = plan(DOMINATED, request)
    expect(body).toMatchObject({ verdict: 'isolate', customer: 'contoso' })
    expect(body.moves.map(({ registry, to, phase }) => [registry, to, phase])).toEqual([
      ['con3', 'weu-i', 'tail'],
      ['con2', 'weu-i', 'top'],
      ['con1', 'weu-i', 'top'],
    ])
  }
})

test('a customer who dominates nothing is left where it is', () => {
  const registries = [
    ...DOMINATED.registries,
    { name: 'ada1', customer: 'adatum', stamp: 'weu-b', cores: 0.3 },
  ]
  const body = plan({ ...DOMINATED, registries }, { customer: 'adatum' })
  expect(body).toMatchObject({ verdict: 'none', customer: 'adatum', moves: [] })
  expect(body.reason).toContain('adatum does not dominate any')
})

test('dominance is off at 100 percent, and nobody dominates a stamp of their own', () => {
  expect(plan(DOMINATED, {}, aContext({ policy: { dominance: 100 } })).verdict).toBe('none')
  const alone = DOMINATED.registries.filter(({ customer }) => customer === 'contoso')
  expect(plan({ ...DOMINATED, registries: alone }).verdict).toBe('none')
})

test.each([
  ['full of somebody else', { id: 'weu-i', kind: 'isolated' as const }, 'fabrikam', 'co-tenants'],
  ['cordoned', { id: 'weu-i', kind: 'isolated' as const, state: 'cordoned' as const }, null, 'state'],
  ['too small', { id: 'weu-i', kind: 'isolated' as const, nodes: 1, maxNodes: 1 }, null, 'capacity'],
  ['silent', { id: 'weu-i', kind: 'isolated' as const, silent: true }, null, 'insufficient-data'],
])('an isolated stamp that is %s is not used: a new one is sized', (_, stamp, tenant, rule) => {
  const registries = tenant
    ? [...DOMINATED.registries, { name: 'guest', customer: tenant, stamp: 'weu-i', cores: 1 }]
    : DOMINATED.registries
  const stamps = [...DOMINATED.stamps.filter(({ id }) => id !== 'weu-i'), stamp]
  const body = plan({ stamps, registries }, { customer: 'contoso' })
  expect(body.verdict).toBe('isolate')
  expect(body.moves.every(({ to }) => to === 'new')).toBe(true)
  expect(body.blocked.map((one) => one.rule)).toContain(rule)
  // 11.2 cores at most, 1.3 times on the hottest of n nodes of 8, at most 60 % of which 2 % idle: 3.1 nodes.
  expect(body.isolation).toEqual({
    pools: [
      { role: 'dataproxy', nodes: 4, like: 'weu-a' },
      { role: 'registry', nodes: 4, like: 'weu-a' },
    ],
  })
  for (const { stamp: at, predicted } of body.pools)
    if (at === 'new') expect(predicted.hotNodeP95).toBeLessThanOrEqual(60)
})

test('a customer who would be hot on the largest new stamp too stays, and that is said', () => {
  const stamps = [
    { id: 'weu-a', nodes: 4, maxNodes: 4 },
    { id: 'weu-b', nodes: 4, maxNodes: 4 },
  ]
  const registries = DOMINATED.registries.map((one) =>
    one.name === 'con1' ? { ...one, cores: wave(18, 0.1, 0.3) } : one,
  )
  const body = plan({ stamps, registries }, { customer: 'contoso' })
  expect(body.verdict).toBe('none')
  expect(body.blocked.map((one) => one.rule)).toContain('heats-anywhere')
})

test('throttling on a cool stamp points at storage', () => {
  const spec = { ...DOMINATED, throttledShare: 0.2 }
  const body = plan(spec, { stamp: 'weu-b' })
  expect(body.verdict).toBe('storage-bound')
  expect(body.reason).toContain('20.0 %')
})
