import type { StampId } from '../../domain/ids.ts'
import { type NewStamp, type Provisioning, StampNotReady, type StampState } from '../../ports/provisioning.ts'
import type { CalloutClient } from './callout-client.ts'
import { OPERATIONS } from './callout-operations.ts'
import type { ProblemName } from './callout-problems.ts'

/** Isolated stamps made and removed by an operator's own control plane. */
export class CalloutProvisioning implements Provisioning {
  readonly #client: CalloutClient

  constructor(client: CalloutClient) {
    this.#client = client
  }

  async create({ stamp, region, customer, pools, key }: NewStamp) {
    const outcome = await this.#client.ask(OPERATIONS.create, {
      at: { stamp },
      key: `${key}/create`,
      body: { region, customer, pools: [...pools], key },
    })
    return outcome.kind === 'answer' ? outcome.value.kind : outcome.name
  }

  async state(stamp: StampId): Promise<StampState> {
    return this.#client.read(OPERATIONS.state, { at: { stamp } })
  }

  async activate({ stamp, key }: Parameters<Provisioning['activate']>[0]): Promise<void> {
    const given = { at: { stamp }, key: `${key}/activate`, body: { key } }
    const outcome = await this.#client.ask(OPERATIONS.activate, given)
    if (outcome.kind === 'refused')
      throw new StampNotReady(`${stamp} can't take replicas: ${outcome.problem.detail}`)
  }

  async remove({ stamp, key }: Parameters<Provisioning['remove']>[0]) {
    const given = { at: { stamp }, key: `${key}/remove`, body: { key } }
    const outcome = await this.#client.ask(OPERATIONS.remove, given)
    return outcome.kind === 'answer' ? outcome.value.kind : IN_WORDS[outcome.name]
  }
}

const IN_WORDS = {
  'not-ours': 'notOurs',
  'in-use': 'inUse',
} as const satisfies Partial<Record<ProblemName, string>>
