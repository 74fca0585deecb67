import type { Fleet } from '../domain/fleet.ts'
import { type ReplicaId, replicaId, type StampId } from '../domain/ids.ts'
import {
  type Check,
  CheckFailed,
  expect,
  NOBODY,
  NOWHERE,
  NotChecked,
  type UnderCheck,
} from './callout-check.ts'
import { duration } from './figures.ts'

/** So many replicas and stamps are asked for one by one; a large fleet is not. */
const SAMPLES_MAX = 5
const HOUR_MS = 3_600_000
const SKEW_MS_MAX = 60_000

/** What each port of a control plane must answer, by what is there and by what is not. All of it is read, or asked of nobody. */
export const PORT_CHECKS: readonly Check[] = [
  {
    ...{ name: 'the fleet is whole', offer: 'catalog' },
    run: async ({ callout }) => {
      const { regions, registries } = await callout.catalog.fleet()
      const stamps = regions.flatMap((region) => region.stamps)
      return `${regions.length} regions, ${stamps.length} stamps, ${registries.length} registries`
    },
  },
  { ...{ name: 'bindings are those of the fleet', offer: 'catalog' }, run: bindingsAgree },
  {
    ...{ name: 'an unknown replica has no binding', offer: 'catalog' },
    run: async ({ callout }) => {
      const found = await callout.catalog.binding(NOBODY)
      expect(found === undefined, `a binding of ${NOBODY} to ${found?.homeStamp}; expected none`)
      return refusedAs('ReplicaUnknown', () =>
        callout.catalog.rebind({ replica: NOBODY, to: NOWHERE, expectedEpoch: 1, moveKey: 'restamp-verify' }),
      )
    },
  },
  { ...{ name: 'routes are the same one by one', offer: 'traffic' }, run: routesAgree },
  {
    ...{ name: 'an unknown replica has no route', offer: 'traffic' },
    run: async ({ callout }) => {
      const found = await callout.traffic.route(NOBODY)
      expect(found === undefined, `a route of ${NOBODY} to ${found?.stamp}; expected none`)
      const change = { replica: NOBODY, to: NOWHERE, moveKey: 'restamp-verify', epoch: 1 }
      return refusedAs('ReplicaUnknown', () => callout.traffic.setRoute(change))
    },
  },
  { ...{ name: 'what a home serves is told', offer: 'traffic' }, run: residueIsTold },
  { ...{ name: 'pools are those of the fleet', offer: 'capacity' }, run: poolsAgree },
  {
    ...{ name: 'an unknown stamp has no pools', offer: 'capacity' },
    run: async ({ callout }) => {
      const found = await callout.capacity.pools(NOWHERE)
      expect(found.length === 0, `${found.length} pools of ${NOWHERE}; expected none`)
      return 'none'
    },
  },
  {
    ...{ name: 'a stamp that nobody made is absent', offer: 'provisioning' },
    run: async ({ callout }) => {
      const { kind } = await callout.provisioning.state(NOWHERE)
      expect(kind === 'absent', `${NOWHERE} is ${kind}; expected absent`)
      return kind
    },
  },
  {
    ...{ name: 'interlocks are told', offer: 'interlocks' },
    run: async (under) => {
      const toMs = under.place.nowMs()
      const of = (region: string) =>
        under.callout.interlocks.between({ region, fromMs: toMs - HOUR_MS, toMs })
      const unknown = await of('restamp-verify-none')
      expect(unknown.length === 0, `${unknown.length} of a region that is not there; expected none`)
      const regions = under.capabilities.offers.includes('catalog') ? (await fleetOf(under)).regions : []
      let count = 0
      for (const { name } of regions.slice(0, SAMPLES_MAX)) count += (await of(name)).length
      return `${count} within the last hour`
    },
  },
]

async function bindingsAgree({ callout }: UnderCheck): Promise<string> {
  const homes = homesOf(await callout.catalog.fleet())
  const bindings = await callout.catalog.bindings()
  expect(
    bindings.length === homes.size,
    `${bindings.length} bindings of ${homes.size} replicas; expected one each`,
  )
  for (const { replica, homeStamp } of bindings) {
    const inFleet = homes.get(replica)
    expect(
      inFleet === homeStamp,
      `${replica} is bound to ${homeStamp} and in the fleet at ${inFleet ?? 'nowhere'}`,
    )
  }
  for (const { replica, epoch } of bindings.slice(0, SAMPLES_MAX)) {
    const alone = await callout.catalog.binding(replica)
    expect(alone?.epoch === epoch, `${replica} has epoch ${epoch} among all and ${alone?.epoch} alone`)
  }
  return `${bindings.length}, each replica once`
}

async function routesAgree(under: UnderCheck): Promise<string> {
  let count = 0
  for (const { name } of (await fleetOf(under)).regions.slice(0, SAMPLES_MAX)) {
    const routes = await under.callout.traffic.routes(name)
    const replicas = new Set(routes.map(({ replica }) => replica))
    expect(replicas.size === routes.length, `a replica of ${name} has two routes; expected one each`)
    for (const { replica, stamp } of routes.slice(0, SAMPLES_MAX)) {
      const alone = await under.callout.traffic.route(replica)
      expect(alone?.stamp === stamp, `${replica} leads to ${stamp} among all and to ${alone?.stamp} alone`)
    }
    count += routes.length
  }
  return `${count} replicas are routed`
}

async function residueIsTold(under: UnderCheck): Promise<string> {
  const [first] = homesOf(await fleetOf(under))
  if (!first) throw new NotChecked('there is no replica')
  const [replica, home] = first
  const { lastRequestAtMs, inFlight } = await under.callout.traffic.residue(replica, home)
  const nowMs = under.place.nowMs()
  if (lastRequestAtMs === null) return `${replica} had no request at ${home} as far as it knows`
  const ageMs = nowMs - lastRequestAtMs
  expect(ageMs >= -SKEW_MS_MAX, `the last request of ${replica} lies ${duration(-ageMs)} ahead of now`)
  return `${replica} at ${home}: last request ${duration(ageMs)} ago, ${inFlight} in flight`
}

async function poolsAgree(under: UnderCheck): Promise<string> {
  const stamps = (await fleetOf(under)).regions.flatMap((region) => region.stamps)
  for (const { id, pools } of stamps.slice(0, SAMPLES_MAX)) {
    const words = (roles: readonly { readonly role: string }[]) =>
      roles
        .map(({ role }) => role)
        .toSorted()
        .join(', ') || 'none'
    const found = words(await under.callout.capacity.pools(id))
    expect(found === words(pools), `${id} has the pools ${found}; expected ${words(pools)} as in the fleet`)
  }
  return `those of ${Math.min(stamps.length, SAMPLES_MAX)} stamps`
}

async function fleetOf({ callout, capabilities }: UnderCheck): Promise<Fleet> {
  if (capabilities.offers.includes('catalog')) return callout.catalog.fleet()
  throw new NotChecked('it offers no catalog to compare with')
}

function homesOf({ registries }: Fleet): Map<ReplicaId, StampId> {
  return new Map(
    registries.flatMap(({ name, replicas }) =>
      replicas.map(({ region, homeStamp }) => [replicaId(name, region), homeStamp] as const),
    ),
  )
}

/** Holds where the work is refused under that name; anything else is a failure in its own words. */
export async function refusedAs(name: string, work: () => Promise<unknown>): Promise<string> {
  try {
    await work()
  } catch (error) {
    if (error instanceof Error && error.name === name) return 'refused, and none is told'
    throw error
  }
  throw new CheckFailed('it was taken; expected a refusal')
}
