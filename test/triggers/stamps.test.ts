import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Policy } from '../../src/domain/policy.ts'
import { PolicyChanges, PolicyList, StampView, WhatIfView } from '../../src/messages/stamp-api.ts'
import { TENANTS } from '../support/small-region.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.stop())

const [tenant] = TENANTS
const heaviest = async () => {
  const view = StampView.parse((await app.ask('reader', 'GET', `stamps/${tenant?.stamp}`)).body)
  return { view, first: view.replicas[0] }
}
const whatIf = (suppose: readonly object[], user = 'operator') =>
  app.ask(user, 'POST', 'what-if', JSON.stringify({ suppose }))

describe('a stamp', () => {
  test('shows who causes the hot minutes of each pool, summing up to what it shows, and who lives there', async () => {
    const { view } = await heaviest()
    expect(view.pools.length).toBeGreaterThan(0)
    for (const { shown, registries, others, baseline } of view.pools) {
      const parts = registries.reduce((sum, { points }) => sum + points, 0) + others.points + baseline
      expect(parts).toBeCloseTo(shown, 6)
    }
    const here = TENANTS.filter(({ stamp }) => stamp === view.stamp).map(({ name }) => name)
    expect(view.replicas.map(({ registry }) => registry).toSorted()).toEqual(here.toSorted())
    const points = view.replicas.map((replica) => replica.points ?? -1)
    expect(points).toEqual(points.toSorted((a, b) => b - a))
    expect(view.others).not.toContain(view.stamp)
  })

  test('that is not there is said to be nowhere', async () => {
    expect((await app.ask('reader', 'GET', 'stamps/nowhere')).status).toBe(404)
  })
})

describe('what if', () => {
  test('the heaviest registry lived elsewhere: its old home is cooler, the other one is not, and nothing is started', async () => {
    const { view, first } = await heaviest()
    const to = view.others[0] ?? ''
    const answer = await whatIf([{ kind: 'move', registry: first?.registry, to }])
    expect(answer.status).toBe(200)
    const { pools, moves } = WhatIfView.parse(answer.body)
    expect(moves).toEqual([{ registry: first?.registry, from: view.stamp, to }])
    const sum = (stamp: string, key: 'now' | 'wouldBe') =>
      pools.filter((pool) => pool.stamp === stamp).reduce((all, pool) => all + (pool[key] ?? 0), 0)
    expect(sum(view.stamp, 'wouldBe')).toBeLessThan(sum(view.stamp, 'now'))
    expect(sum(to, 'wouldBe')).toBeGreaterThan(sum(to, 'now'))
    expect((await app.ask('reader', 'GET', 'plans')).body).toEqual({ plans: [], next: null })
  })

  test.each([
    ['a registry that nobody knows', [{ kind: 'move', registry: 'nobody', to: tenant?.stamp }], 404],
    ['a stamp that nobody knows', [{ kind: 'lose', name: 'nowhere' }], 404],
    ['a name that no stamp can have', [{ kind: 'add', stamp: 'A stamp', like: tenant?.stamp }], 404],
    ['nothing', [], 400],
    ['something of no kind', [{ kind: 'hope' }], 400],
  ])('%s is refused with why', async (_, suppose, status) => {
    const answer = await whatIf(suppose)
    expect([answer.status, answer.body]).toEqual([status, expect.objectContaining({ status })])
  })
})

test('the policy of each region is told with what each value means, and which are its own', async () => {
  const { regions, defaults, words } = PolicyList.parse((await app.ask('reader', 'GET', 'policies')).body)
  expect(Object.keys(words).toSorted()).toEqual(Object.keys(Policy.shape).toSorted())
  for (const [key, said] of Object.entries(words)) expect([key, said.length > 20]).toEqual([key, true])
  for (const { policy, own } of regions)
    for (const [key, value] of Object.entries(policy))
      expect([key, own.includes(key)]).toEqual([
        key,
        JSON.stringify(value) !== JSON.stringify(Reflect.get(defaults, key)),
      ])
  expect(regions.flatMap(({ own }) => own)).toContain('windows')
})

test('another policy is compared value by value, and one that would be refused is told why', async () => {
  const compare = async (policy: object) =>
    PolicyChanges.parse(
      (await app.ask('reader', 'POST', 'policies/compare', JSON.stringify({ policy }))).body,
    )
  const { regions } = PolicyList.parse((await app.ask('reader', 'GET', 'policies')).body)
  const present = regions[0]?.policy ?? {}
  expect(await compare(present)).toEqual({ problems: [], changes: [] })
  const changes = (await compare({ ...present, hotPercent: 66, mediumBatchMax: 2 })).changes
  expect(changes).toEqual([
    { key: 'hotPercent', from: '70', to: '66' },
    { key: 'mediumBatchMax', from: '3', to: '2' },
  ])
  expect((await compare({ ...present, hotPercent: 50 })).problems.join()).toContain('targetPercent')
  expect((await compare({ hotpercent: 50 })).problems.join()).toContain('hotpercent')
})
