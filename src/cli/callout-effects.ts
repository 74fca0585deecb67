import type { ReplicaId, StampId } from '../domain/ids.ts'
import type { Binding, Catalog } from '../ports/catalog.ts'
import { type Check, CheckFailed, expect, NOWHERE, type UnderCheck } from './callout-check.ts'
import { refusedAs } from './callout-port-checks.ts'

/** A round there and back with one replica. `key` is new each time, so that no round takes an earlier one for its repeat. */
export interface Round {
  readonly replica: ReplicaId
  readonly to: StampId
  readonly key: string
}

/** The checks of a round, in order; each goes by what the one before it left. `home` is the binding before all of them. */
export function roundChecks(round: Round, home: Binding): readonly Check[] {
  const { replica, to, key } = round
  const there = { replica, to, expectedEpoch: home.epoch, moveKey: `${key}/there` }
  return [
    effect('a re-bind at the expected epoch binds', 'catalog', async ({ callout }) => {
      const { kind, binding } = await callout.catalog.rebind(there)
      expect(kind === 'bound', `it is ${kind}, at ${binding.homeStamp}; expected bound`)
      expect(
        binding.epoch > home.epoch,
        `its epoch went from ${home.epoch} to ${binding.epoch}; expected more`,
      )
      return `${replica} is bound to ${to} at epoch ${binding.epoch}`
    }),
    effect('a repeat of it changes nothing', 'catalog', async ({ callout }) => {
      const before = await bindingOf(callout.catalog, replica)
      const { kind } = await callout.catalog.rebind(there)
      expect(kind === 'alreadyBound', `it is ${kind}; expected alreadyBound`)
      return unchanged(callout.catalog, before)
    }),
    effect('a stale epoch is refused and changes nothing', 'catalog', async ({ callout }) => {
      const before = await bindingOf(callout.catalog, replica)
      const late = { ...there, to: home.homeStamp, moveKey: `${key}/late` }
      const { kind } = await callout.catalog.rebind(late)
      expect(kind === 'stale', `it is ${kind}; expected stale`)
      return unchanged(callout.catalog, before)
    }),
    effect('an unknown stamp is refused and changes nothing', 'catalog', async ({ callout }) => {
      const before = await bindingOf(callout.catalog, replica)
      const { epoch: expectedEpoch } = before
      const move = { replica, to: NOWHERE, expectedEpoch, moveKey: `${key}/nowhere` }
      await refusedAs('StampUnknown', () => callout.catalog.rebind(move))
      return unchanged(callout.catalog, before)
    }),
    effect('a route leads there, also when it is set again', 'traffic', async (under) => {
      const { epoch } = await bindingOf(under.callout.catalog, replica)
      const route = { replica, to, moveKey: there.moveKey, epoch }
      await setAndRead(under, route)
      return setAndRead(under, route)
    }),
    effect('a route of an older epoch is refused and changes nothing', 'traffic', async ({ callout }) => {
      const late = { replica, to: home.homeStamp, moveKey: `${key}/late`, epoch: home.epoch }
      const outcome = await callout.traffic.setRoute(late)
      expect(outcome === 'stale', `it is ${outcome}; expected stale`)
      const stamp = (await callout.traffic.route(replica))?.stamp
      expect(stamp === to, `it leads to ${stamp}; expected ${to}`)
      return 'refused'
    }),
    effect('a re-bind back binds, and the route follows', 'catalog', (under) => goHome(under, round, home)),
  ]
}

/** Leads a replica back to where it was before the round; says how it stands. */
export async function goHome(under: UnderCheck, { replica, key }: Round, home: Binding): Promise<string> {
  const { catalog } = under.callout
  const before = await bindingOf(catalog, replica)
  const moveKey = `${key}/back`
  const to = home.homeStamp
  if (before.homeStamp !== to) {
    const { kind, binding } = await catalog.rebind({ replica, to, expectedEpoch: before.epoch, moveKey })
    expect(kind !== 'stale', `somebody else re-bound it, to ${binding.homeStamp}; look who did`)
  }
  const { homeStamp, epoch } = await bindingOf(catalog, replica)
  expect(homeStamp === to, `it reads as bound to ${homeStamp}; expected ${to}`)
  if (under.capabilities.offers.includes('traffic')) await setAndRead(under, { replica, to, moveKey, epoch })
  return `${replica} is bound to ${to} at epoch ${epoch}`
}

function effect(name: string, offer: Check['offer'], run: Check['run']): Check {
  return { name, offer, run }
}

export async function bindingOf(catalog: Catalog, replica: ReplicaId): Promise<Binding> {
  const binding = await catalog.binding(replica)
  if (!binding) throw new CheckFailed(`${replica} has no binding; expected one`)
  return binding
}

async function unchanged(catalog: Catalog, before: Binding): Promise<string> {
  const { homeStamp, epoch, lastMoveKey } = await bindingOf(catalog, before.replica)
  const isSame =
    homeStamp === before.homeStamp && epoch === before.epoch && lastMoveKey === before.lastMoveKey
  expect(
    isSame,
    `it is at ${homeStamp}, epoch ${epoch}; expected ${before.homeStamp}, epoch ${before.epoch} as before`,
  )
  return `still at ${homeStamp}, epoch ${epoch}`
}

async function setAndRead(
  { callout }: UnderCheck,
  route: Parameters<UnderCheck['callout']['traffic']['setRoute']>[0],
): Promise<string> {
  const outcome = await callout.traffic.setRoute(route)
  expect(outcome === 'routed', `setting the route is ${outcome}; expected routed`)
  const stamp = (await callout.traffic.route(route.replica))?.stamp
  expect(stamp === route.to, `it leads to ${stamp}; expected ${route.to}`)
  return `${route.replica} leads to ${route.to}`
}
