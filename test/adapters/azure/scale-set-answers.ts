import type { PipelineRequest } from '@azure/core-rest-pipeline'
import type { WireAnswer } from './azure-client.ts'

export interface AnsweredPool {
  readonly nodes: number
  readonly maxNodes: number
  readonly sku: string
}

export function armError(status: number, code: string, message: string): WireAnswer {
  return { status, body: { error: { code, message } }, headers: { 'x-ms-failure-cause': 'gateway' } }
}

export function bodyOf<T>(request: PipelineRequest): T {
  return JSON.parse(typeof request.body === 'string' ? request.body : '{}')
}

export function scaleSet(name: string, { nodes, sku }: AnsweredPool): object {
  return { name, location: 'westeurope', sku: { name: sku, tier: 'Standard', capacity: nodes }, zones: ['1'] }
}

export function autoscaleSetting(name: string, { nodes, maxNodes }: AnsweredPool): object {
  const capacity = { minimum: String(nodes), maximum: String(maxNodes), default: String(nodes) }
  return {
    name,
    location: 'westeurope',
    properties: { enabled: true, name, profiles: [{ name: 'usual', capacity, rules: [] }] },
  }
}

export function machines({ nodes }: AnsweredPool): object[] {
  const vmHealth = { status: { code: 'HealthState/healthy', level: 'Info' } }
  return Array.from({ length: nodes }, (_, at) => ({
    instanceId: String(at),
    location: 'westeurope',
    properties: { instanceView: { statuses: [], vmHealth } },
  }))
}
