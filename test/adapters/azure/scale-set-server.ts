import type { PipelineRequest } from '@azure/core-rest-pipeline'
import { type WireAnswer, wire } from './azure-client.ts'

export interface Profile {
  readonly name: string
  capacity: { minimum: string; maximum: string; default: string }
  readonly rules: readonly object[]
  readonly recurrence?: object
}

/** One scale set under one autoscale setting, as ARM shows them: no ETag, capacities as texts, new machines not ready at once. */
export function scaleSetServer(given: { profiles: Profile[]; nodes: number; readyAfterMs: number }) {
  let nowMs = 0
  const machines = Array.from({ length: given.nodes }, () => ({ readyAtMs: 0 }))
  const setting = {
    id: '/subscriptions/s/resourceGroups/rg-weu-a/providers/microsoft.insights/autoscalesettings/scale-weu-a',
    name: 'scale-weu-a',
    type: 'Microsoft.Insights/autoscaleSettings',
    location: 'West Europe',
    tags: {} as Record<string, string>,
    properties: { enabled: true, name: 'scale-weu-a', profiles: given.profiles },
  }
  const requests: { method: string; path: string; body: unknown }[] = []

  function autoscale(): void {
    const minimum = Math.min(...setting.properties.profiles.map(({ capacity }) => Number(capacity.minimum)))
    while (machines.length < minimum) machines.push({ readyAtMs: nowMs + given.readyAfterMs })
  }

  function put(body: { tags: Record<string, string>; properties: { profiles: Profile[] } }): WireAnswer {
    for (const { name, capacity } of body.properties.profiles) {
      const [least, usual, most] = [capacity.minimum, capacity.default, capacity.maximum].map(Number)
      const isValid = [least, usual, most].every(Number.isInteger)
      if (!isValid || Number(least) > Number(usual) || Number(usual) > Number(most))
        return { status: 400, body: { code: 'InvalidProfile', message: `profile ${name} is out of bounds` } }
    }
    setting.tags = body.tags
    setting.properties = { ...setting.properties, profiles: body.properties.profiles }
    autoscale()
    return { status: 200, body: setting }
  }

  const answer = (request: PipelineRequest): WireAnswer => {
    const { pathname } = new URL(request.url)
    const body = typeof request.body === 'string' ? JSON.parse(request.body) : undefined
    requests.push({ method: request.method, path: pathname, body })
    if (/autoscalesettings\/scale-weu-a$/i.test(pathname))
      return request.method === 'PUT' ? put(body) : { status: 200, body: setting }
    if (/virtualMachineScaleSets\/vmss-weu-a\/virtualMachines$/i.test(pathname)) {
      const value = machines.map(({ readyAtMs }, at) => machine(at, readyAtMs <= nowMs))
      return { status: 200, body: { value } }
    }
    return { status: 404, body: { error: { code: 'ResourceNotFound', message: `nothing at ${pathname}` } } }
  }
  return {
    setting,
    requests,
    httpClient: wire(answer),
    pass: async (durationMs: number) => {
      nowMs += durationMs
    },
  }
}

function machine(at: number, isReady: boolean): object {
  return {
    instanceId: String(at),
    name: `vmss-weu-a_${at}`,
    location: 'westeurope',
    properties: {
      instanceView: {
        statuses: [
          { code: isReady ? 'ProvisioningState/succeeded' : 'ProvisioningState/creating', level: 'Info' },
          { code: 'PowerState/running', level: 'Info' },
        ],
        vmHealth: {
          status: { code: isReady ? 'HealthState/healthy' : 'HealthState/unhealthy', level: 'Info' },
        },
      },
    },
  }
}
