import type { StampId } from '../../domain/ids.ts'
import type { Capacity, MinimumOutcome, PoolScale } from '../../ports/capacity.ts'
import { AnswerNotUnderstood, RequestRefused } from '../../ports/platform-faults.ts'
import type { CalloutClient } from './callout-client.ts'
import { OPERATIONS } from './callout-operations.ts'

/** The scale of pools by an operator's own control plane. */
export class CalloutCapacity implements Capacity {
  readonly #client: CalloutClient

  constructor(client: CalloutClient) {
    this.#client = client
  }

  async pools(stamp: StampId): Promise<readonly PoolScale[]> {
    const { pools } = await this.#client.read(OPERATIONS.pools, { at: { stamp } })
    const odd = pools.find(({ readyNodes, nodes }) => readyNodes > nodes)
    if (odd)
      throw new AnswerNotUnderstood(
        `the platform has ${odd.readyNodes} ready of ${odd.nodes} nodes in ${stamp} ${odd.role}; expected no more than there are`,
      )
    return pools
  }

  async setMinimum({ stamp, role, minNodes }: Parameters<Capacity['setMinimum']>[0]): Promise<void> {
    const outcome = await this.#client.ask(OPERATIONS.setMinimum, { at: { stamp, role }, body: { minNodes } })
    if (outcome.kind === 'refused')
      throw new RequestRefused(`${stamp} ${role} took no minimum: ${outcome.problem.detail}`)
  }

  async changeMinimum(change: Parameters<Capacity['changeMinimum']>[0]): Promise<MinimumOutcome> {
    const { stamp, role, minNodes, expectedEpoch, changeKey } = change
    const outcome = await this.#client.ask(OPERATIONS.setMinimum, {
      at: { stamp, role },
      key: `${changeKey}/minimum/${expectedEpoch}`,
      body: { minNodes, expectedEpoch, changeKey },
    })
    if (outcome.kind === 'answer') return outcome.value
    if (outcome.name === 'stale-epoch') return { kind: 'stale' }
    throw new RequestRefused(`${stamp} ${role} took no minimum: ${outcome.problem.detail}`)
  }
}
