import type { z } from 'zod'
import { Fleet } from '../../domain/fleet.ts'
import type { ProblemName } from './callout-problems.ts'
import * as shapes from './callout-shapes.ts'

/** One verb on one resource: what is asked, what is answered, and which refusals are an outcome that a caller decides about. */
export interface Operation<Answer, Body, Refusal extends ProblemName> {
  readonly method: 'GET' | 'PUT' | 'POST'
  /** Below the base URL; `{name}` is a part that the caller gives. */
  readonly path: string
  readonly offer: shapes.Offer | null
  readonly summary: string
  readonly query: z.ZodObject | null
  readonly body: z.ZodType<Body> | null
  readonly answer: z.ZodType<Answer>
  readonly refusals: readonly Refusal[]
  /** Of a whole fleet. */
  readonly size: 'small' | 'large'
}

type Part = 'method' | 'path' | 'summary' | 'answer'
type Given<A, B, R extends ProblemName> = Pick<Operation<A, B, R>, Part> & Partial<Operation<A, B, R>>

function of<A, B = never, const R extends ProblemName = never>(
  offer: shapes.Offer | null,
  given: Given<A, B, R>,
): Operation<A, B, R> {
  return { offer, query: null, body: null, refusals: [], size: 'small', ...given }
}

const binding = '/bindings/{replica}'
const route = '/routes/{replica}'
const served = '/stamps/{stamp}/replicas/{replica}'
const made = '/made-stamps/{stamp}'

/** The whole contract, one row an operation: adapter, OpenAPI document and `restamp callout verify` are made of it. */
export const OPERATIONS = {
  capabilities: of(null, {
    ...{ method: 'GET', path: '/', answer: shapes.Capabilities },
    summary: 'What this control plane offers, and its clock',
  }),
  fleet: of('catalog', {
    ...{ method: 'GET', path: '/fleet', answer: Fleet, size: 'large' },
    summary: 'The whole fleet, each replica with its home stamp as bound now',
  }),
  bindings: of('catalog', {
    ...{ method: 'GET', path: '/bindings', answer: shapes.BindingList, size: 'large' },
    summary: 'The binding of every replica, each once',
  }),
  binding: of('catalog', {
    ...{ method: 'GET', path: binding, answer: shapes.Binding, refusals: ['unknown-replica'] },
    summary: 'Which stamp serves a replica, since which epoch, by which move',
  }),
  rebind: of('catalog', {
    ...{ method: 'PUT', path: binding, body: shapes.RebindRequest, answer: shapes.Rebound },
    refusals: ['unknown-replica', 'unknown-stamp', 'stale-epoch'],
    summary:
      'Binds a replica to another stamp if its epoch is still the expected one. The last move key again changes nothing',
  }),
  routes: of('traffic', {
    ...{ method: 'GET', path: '/routes', query: shapes.RegionQuery, answer: shapes.RouteList, size: 'large' },
    summary:
      'Where the endpoints of a region’s replicas lead; what is not routed by this platform is left out',
  }),
  route: of('traffic', {
    ...{ method: 'GET', path: route, answer: shapes.Route, refusals: ['unknown-replica', 'not-routed'] },
    summary: 'Where a replica’s endpoints lead, and how long resolvers may keep that',
  }),
  prepareRoute: of('traffic', {
    ...{ method: 'POST', path: `${route}/prepare`, body: shapes.PrepareRequest, answer: shapes.Prepared },
    refusals: ['unknown-replica', 'unknown-stamp'],
    summary:
      'Makes a change of a route take effect soon, such as by a shorter TTL. It leads nobody elsewhere',
  }),
  settleRoute: of('traffic', {
    ...{ method: 'POST', path: `${route}/settle`, answer: shapes.Settled, refusals: ['unknown-replica'] },
    summary: 'Puts back what was prepared, and nothing that somebody else has changed since',
  }),
  setRoute: of('traffic', {
    ...{ method: 'PUT', path: route, body: shapes.RouteRequest, answer: shapes.Routed },
    refusals: ['unknown-replica', 'unknown-stamp', 'stale-epoch'],
    summary:
      'Leads a replica’s endpoints to a stamp. An older epoch than that of the last change changes nothing',
  }),
  residue: of('traffic', {
    ...{ method: 'GET', path: `${served}/residue`, answer: shapes.Residue, refusals: ['unknown-replica'] },
    summary: 'What a stamp still serves of a replica. What can’t be told is a 503, never a zero',
  }),
  warm: of('traffic', {
    ...{ method: 'POST', path: `${served}/warm`, answer: shapes.Warmth, refusals: ['unknown-replica'] },
    summary: 'Begins, or goes on, to fill a stamp’s cache with what a replica’s clients pull',
  }),
  pull: of('traffic', {
    ...{ method: 'POST', path: `${served}/pull`, answer: shapes.Pulled, refusals: ['unknown-replica'] },
    summary: 'A synthetic pull through one stamp',
  }),
  pools: of('capacity', {
    ...{ method: 'GET', path: '/stamps/{stamp}/pools', answer: shapes.PoolScaleList },
    summary: 'The scale of a stamp’s pools as it is now; none for an unknown stamp',
  }),
  setMinimum: of('capacity', {
    ...{ method: 'PUT', path: '/stamps/{stamp}/pools/{role}/minimum' },
    ...{ body: shapes.MinimumRequest, answer: shapes.MinimumChanged },
    refusals: ['unknown-pool', 'stale-epoch'],
    summary: 'Sets a pool’s minimum node count, within its maximum, if its epoch is still the expected one',
  }),
  create: of('provisioning', {
    ...{ method: 'PUT', path: made, body: shapes.StampRequest, answer: shapes.Begun, refusals: ['taken'] },
    summary: 'Begins to make an isolated stamp that takes no replicas yet',
  }),
  state: of('provisioning', {
    ...{ method: 'GET', path: made, answer: shapes.StampState },
    summary: 'How far a stamp is that was made here; absent for any other',
  }),
  activate: of('provisioning', {
    ...{ method: 'POST', path: `${made}/activate`, body: shapes.KeyRequest, answer: shapes.Activated },
    refusals: ['not-ready'],
    summary: 'Enters a ready stamp in the catalog as active',
  }),
  remove: of('provisioning', {
    ...{ method: 'POST', path: `${made}/remove`, body: shapes.KeyRequest, answer: shapes.Removed },
    refusals: ['not-ours', 'in-use'],
    summary: 'Begins to remove a stamp that was made here under this key',
  }),
  interlocks: of('interlocks', {
    ...{ method: 'GET', path: '/interlocks', query: shapes.SpanQuery, answer: shapes.InterlockList },
    summary: 'What speaks against moving and is or was in force in a region within a span',
  }),
} as const
