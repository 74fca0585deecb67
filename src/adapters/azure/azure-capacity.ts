import type { ComputeManagementClient, VirtualMachineScaleSetVM } from '@azure/arm-compute'
import type { AutoscaleSettingResource, MonitorClient } from '@azure/arm-monitor'
import type { PoolRole } from '../../domain/fleet.ts'
import type { StampId } from '../../domain/ids.ts'
import type { Capacity, MinimumOutcome, PoolScale } from '../../ports/capacity.ts'
import { isWritten, minimumOf, withMinimum } from './autoscale-minimum.ts'

/** A pool's scale set with the autoscale setting over it; both lie in one resource group of the stamp's subscription. */
export interface PoolCapacity {
  readonly stamp: StampId
  readonly role: PoolRole
  readonly resourceGroup: string
  readonly scaleSet: string
  readonly autoscaleSetting: string
  readonly monitor: Pick<MonitorClient, 'autoscaleSettings'>
  readonly compute: Pick<ComputeManagementClient, 'virtualMachineScaleSetVMs'>
}

/** The pools of one stamp as they are now, none where there is no such stamp: stamps are made and removed meanwhile. */
export type PoolsOf = (stamp: StampId) => Promise<readonly PoolCapacity[]>

/** A setting that is not as it was written: somebody else writes to it at the same time. */
export class MinimumNotKept extends Error {
  override readonly name = 'MinimumNotKept'
}

/**
 * Capacity by autoscale settings and scale sets. The settings have no ETag: writers of one process take turns, those of
 * others are kept apart by the lease of the stamp's role, and each write is read back. Epoch and key are tags.
 */
export class AzureCapacity implements Capacity {
  readonly #poolsOf: PoolsOf
  readonly #turns = new Map<string, Promise<unknown>>()

  constructor(poolsOf: PoolsOf) {
    this.#poolsOf = poolsOf
  }

  async pools(stamp: StampId): Promise<readonly PoolScale[]> {
    return Promise.all((await this.#poolsOf(stamp)).map(scaleOf))
  }

  async setMinimum(change: Parameters<Capacity['setMinimum']>[0]): Promise<void> {
    const { minNodes } = change
    const pool = await this.#poolOf(change)
    await this.#inTurn(pool, async () => {
      const setting = await read(pool)
      if (minimumOf(setting).minNodes !== minNodes) await write(pool, setting, { minNodes, changeKey: null })
    })
  }

  async changeMinimum(change: Parameters<Capacity['changeMinimum']>[0]): Promise<MinimumOutcome> {
    const { expectedEpoch, changeKey } = change
    const pool = await this.#poolOf(change)
    return this.#inTurn(pool, async () => {
      const setting = await read(pool)
      const { epoch, lastChangeKey } = minimumOf(setting)
      if (lastChangeKey === changeKey) return { kind: 'alreadyChanged' }
      if (epoch !== expectedEpoch) return { kind: 'stale' }
      await write(pool, setting, change)
      return { kind: 'changed' }
    })
  }

  async #poolOf({
    stamp,
    role,
  }: {
    readonly stamp: StampId
    readonly role: PoolRole
  }): Promise<PoolCapacity> {
    const pool = (await this.#poolsOf(stamp)).find((each) => each.role === role)
    if (!pool) throw new Error(`${stamp} has no pool ${role} with an autoscale setting; run restamp init`)
    return pool
  }

  async #inTurn<T>(pool: PoolCapacity, work: () => Promise<T>): Promise<T> {
    const name = `${pool.stamp}/${pool.role}`
    const before = this.#turns.get(name) ?? Promise.resolve()
    const turn = before.then(work, work)
    this.#turns.set(name, turn)
    return turn
  }
}

function read({ monitor, resourceGroup, autoscaleSetting }: PoolCapacity): Promise<AutoscaleSettingResource> {
  return monitor.autoscaleSettings.get(resourceGroup, autoscaleSetting)
}

async function write(
  pool: PoolCapacity,
  setting: AutoscaleSettingResource,
  { minNodes, changeKey }: { readonly minNodes: number; readonly changeKey: string | null },
): Promise<void> {
  const { maxNodes } = minimumOf(setting)
  if (minNodes > maxNodes)
    throw new RangeError(
      `${pool.stamp} ${pool.role} takes a minimum of at most ${maxNodes} nodes, not ${minNodes}`,
    )
  const wanted = withMinimum(setting, minNodes, changeKey)
  await pool.monitor.autoscaleSettings.createOrUpdate(pool.resourceGroup, pool.autoscaleSetting, wanted)
  if (!isWritten(wanted, await read(pool)))
    throw new MinimumNotKept(
      `${pool.autoscaleSetting} does not read as it was written; somebody else writes to it`,
    )
}

async function scaleOf(pool: PoolCapacity): Promise<PoolScale> {
  const { compute, resourceGroup, scaleSet, role } = pool
  const setting = await read(pool)
  let nodes = 0
  let readyNodes = 0
  const machines = compute.virtualMachineScaleSetVMs.list(resourceGroup, scaleSet, { expand: 'instanceView' })
  for await (const machine of machines) {
    nodes += 1
    if (isReady(machine)) readyNodes += 1
  }
  return { role, nodes, readyNodes, ...minimumOf(setting) }
}

/** Application health decides where the scale set reports it; else a machine that runs and was provisioned. */
function isReady({ instanceView }: VirtualMachineScaleSetVM): boolean {
  const health = instanceView?.vmHealth?.status?.code
  if (health !== undefined) return sameCode(health, 'HealthState/healthy')
  const codes = instanceView?.statuses?.map(({ code }) => code ?? '') ?? []
  return ['ProvisioningState/succeeded', 'PowerState/running'].every((wanted) =>
    codes.some((code) => sameCode(code, wanted)),
  )
}

function sameCode(code: string, wanted: string): boolean {
  return code.toLowerCase() === wanted.toLowerCase()
}
