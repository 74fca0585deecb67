import type { PipelineRequest } from '@azure/core-rest-pipeline'
import type { StampId } from '../../../src/domain/ids.ts'
import type { Capacity } from '../../../src/ports/capacity.ts'
import type { WireAnswer } from './azure-client.ts'
import type { Profile } from './scale-set-server.ts'

/** Which pool a scale set or an autoscale setting is of, by its name. */
export type PoolNamed = (name: string) => { readonly stamp: StampId; readonly role: string } | undefined

interface Setting {
  readonly tags: Record<string, string>
  readonly properties: { readonly profiles: readonly Profile[] }
}

/** Autoscale settings and scale sets over simulated pools: what is written to a setting is the minimum of its pool from then on. */
export function poolsServer({
  capacity,
  poolOf,
}: {
  readonly capacity: Capacity
  readonly poolOf: PoolNamed
}) {
  const written = new Map<string, Setting>()

  async function scaleOf(name: string) {
    const pool = poolOf(name)
    const scales = pool ? await capacity.pools(pool.stamp) : []
    return scales.find(({ role }) => role === pool?.role)
  }

  async function setting(name: string): Promise<WireAnswer> {
    const scale = await scaleOf(name)
    if (!scale) return missing(name)
    const capacityOf = { minimum: String(scale.minNodes), maximum: String(scale.maxNodes) }
    const { tags, properties } = written.get(name) ?? {
      tags: {},
      properties: {
        profiles: [{ name: 'usual', capacity: { ...capacityOf, default: capacityOf.minimum }, rules: [] }],
      },
    }
    return {
      status: 200,
      body: { name, location: 'West Europe', tags, properties: { enabled: true, name, ...properties } },
    }
  }

  async function put(name: string, body: Setting): Promise<WireAnswer> {
    const pool = poolOf(name)
    if (!pool) return missing(name)
    const minNodes = Math.min(...body.properties.profiles.map((profile) => Number(profile.capacity.minimum)))
    await capacity.setMinimum({ ...pool, minNodes })
    written.set(name, body)
    return setting(name)
  }

  async function machines(name: string): Promise<WireAnswer> {
    const scale = await scaleOf(name)
    if (!scale) return missing(name)
    const value = Array.from({ length: scale.nodes }, (_, at) => {
      const code = `HealthState/${at < scale.readyNodes ? 'healthy' : 'unhealthy'}`
      const instanceView = { statuses: [], vmHealth: { status: { code, level: 'Info' } } }
      return { instanceId: String(at), location: 'westeurope', properties: { instanceView } }
    })
    return { status: 200, body: { value } }
  }

  async function model(name: string, asked: 'model' | 'view'): Promise<WireAnswer> {
    const scale = await scaleOf(name)
    if (!scale) return missing(name)
    const code = 'ProvisioningState/succeeded'
    const view = { virtualMachine: { statusesSummary: [{ code, count: scale.nodes }] } }
    const sku = { name: 'Standard_D8s_v5', tier: 'Standard', capacity: scale.nodes }
    return { status: 200, body: asked === 'view' ? view : { name, location: 'westeurope', sku } }
  }

  return {
    async answer({ method, url, body }: PipelineRequest): Promise<WireAnswer> {
      const { pathname } = new URL(url)
      const of = /autoscalesettings\/([^/]+)$/i.exec(pathname)?.[1]
      if (of) return method === 'PUT' ? put(of, JSON.parse(String(body))) : setting(of)
      const scaleSet = /virtualMachineScaleSets\/([^/]+)\/virtualMachines$/i.exec(pathname)?.[1]
      if (scaleSet) return machines(scaleSet)
      const [, name = '', view] = /virtualMachineScaleSets\/([^/]+)(\/instanceView)?$/i.exec(pathname) ?? []
      return name ? model(name, view ? 'view' : 'model') : missing(pathname)
    },
  }
}

function missing(what: string): WireAnswer {
  return { status: 404, body: { error: { code: 'ResourceNotFound', message: `nothing at ${what}` } } }
}
