import { z } from 'zod'
import { PoolRole } from '../../domain/fleet.ts'
import { CustomerName, RegionName, ReplicaId, StampId } from '../../domain/ids.ts'
import { Interlock } from '../../domain/interlocks.ts'
import { STRAGGLERS_MAX } from '../../ports/traffic.ts'

/** The ports that a control plane may stand behind. */
export const OFFERS = ['catalog', 'traffic', 'capacity', 'provisioning', 'interlocks'] as const
export type Offer = (typeof OFFERS)[number]

const INTERLOCKS_MAX = 10_000
const POOLS_MAX = 100

const Epoch = z.int().min(0)
const Nodes = z.int().min(0)
/** Who makes an effect, as our records name it; a repeat comes under the same key. */
const Key = z.string().regex(/^[\x21-\x7e][\x20-\x7e]{0,255}$/, 'expected 1 to 256 ASCII characters')

/** GET /: what is behind this base URL. `nowMs` is the platform's clock, against which signatures are judged. */
export const Capabilities = z.object({
  contract: z.literal(1),
  name: z.string().min(1).max(100),
  offers: z.array(z.enum(OFFERS)),
  nowMs: z.int().min(0),
})
export type Capabilities = z.infer<typeof Capabilities>

export const Binding = z.object({
  replica: ReplicaId,
  homeStamp: StampId,
  epoch: Epoch,
  lastMoveKey: z.string().max(256).nullable(),
})

export const BindingList = z.object({ bindings: z.array(Binding) })

export const RebindRequest = z.strictObject({ to: StampId, expectedEpoch: Epoch, moveKey: Key })

/** `alreadyBound`: this move key made the last re-bind, nothing was changed. */
export const Rebound = z.object({ kind: z.enum(['bound', 'alreadyBound']), binding: Binding })

/** `ttlSeconds` is as while no move is prepared; a stamp of null is for endpoints that lead to none. */
export const Route = z.object({ stamp: StampId.nullable(), ttlSeconds: z.int().min(1) })

/** `preparedFor` is the key of the move that a route was prepared for, as long as it is. */
export const RouteList = z.object({
  routes: z.array(
    z.object({
      replica: ReplicaId,
      stamp: StampId.nullable(),
      preparedFor: z.string().max(256).exactOptional(),
    }),
  ),
})

export const PrepareRequest = z.strictObject({ to: StampId, moveKey: Key })

/** How long it takes until clients go by what was prepared; 0 where they do, or where nothing can be hastened. */
export const Prepared = z.object({ readyInMs: z.int().min(0) })

export const Settled = z.object({ kind: z.literal('settled') })

export const RouteRequest = z.strictObject({ to: StampId, moveKey: Key, epoch: Epoch })

export const Routed = z.object({ kind: z.literal('routed') })

export const Residue = z.object({
  lastRequestAtMs: z.int().min(0).nullable(),
  inFlight: z.int().min(0),
  openUploads: z.int().min(0),
  stragglers: z
    .array(z.object({ kind: z.enum(['client', 'upload']), id: z.string().min(1).max(200) }))
    .max(STRAGGLERS_MAX),
  /** Where telemetry comes late. */
  knownUntilMs: z.int().min(0).exactOptional(),
})

/** Null where nobody can fill the platform's caches. */
export const Warmth = z.object({ share: z.number().min(0).max(1).nullable() })

export const Pulled = z.object({ ok: z.boolean(), latencyMs: z.number().min(0) })

export const PoolScaleList = z.object({
  pools: z
    .array(
      z.object({
        role: PoolRole,
        nodes: Nodes,
        readyNodes: Nodes,
        minNodes: Nodes,
        maxNodes: Nodes,
        epoch: Epoch,
        lastChangeKey: z.string().max(256).nullable(),
      }),
    )
    .max(POOLS_MAX),
})

/** With an epoch and a key the change is conditional; with neither it is made whoever changed the pool before. */
export const MinimumRequest = z.union([
  z.strictObject({ minNodes: Nodes, expectedEpoch: Epoch, changeKey: Key }),
  z.strictObject({ minNodes: Nodes }),
])
export type MinimumRequest = z.infer<typeof MinimumRequest>

/** `alreadyChanged`: this key made the last change, nothing was changed. */
export const MinimumChanged = z.object({ kind: z.enum(['changed', 'alreadyChanged']) })

export const StampRequest = z.strictObject({
  region: RegionName,
  customer: CustomerName,
  pools: z
    .array(z.strictObject({ role: PoolRole, nodes: z.int().min(1), like: StampId }))
    .min(1)
    .max(POOLS_MAX),
  key: Key,
})

export const Begun = z.object({ kind: z.enum(['begun', 'begunBefore']) })

export const StampState = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('absent') }),
  z.object({ kind: z.enum(['creating', 'ready', 'active', 'removing']), key: Key }),
  z.object({ kind: z.literal('failed'), key: Key, reason: z.string().max(1000) }),
])

export const KeyRequest = z.strictObject({ key: Key })

export const Activated = z.object({ kind: z.literal('active') })

export const Removed = z.object({ kind: z.enum(['removing', 'absent']) })

export const InterlockList = z.object({ interlocks: z.array(Interlock).max(INTERLOCKS_MAX) })

export const RegionQuery = z.strictObject({ region: RegionName })

export const SpanQuery = z.strictObject({
  region: RegionName,
  fromMs: z.coerce.number<number>().int().min(0),
  toMs: z.coerce.number<number>().int().min(0),
})
