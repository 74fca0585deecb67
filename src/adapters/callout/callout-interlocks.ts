import type { Interlock } from '../../domain/interlocks.ts'
import type { Interlocks } from '../../ports/interlocks.ts'
import { AnswerNotUnderstood } from '../../ports/platform-faults.ts'
import type { CalloutClient } from './callout-client.ts'
import { OPERATIONS } from './callout-operations.ts'

/** What an operator's own control plane says against moving. */
export class CalloutInterlocks implements Interlocks {
  readonly #client: CalloutClient

  constructor(client: CalloutClient) {
    this.#client = client
  }

  async between({
    region,
    fromMs,
    toMs,
  }: Parameters<Interlocks['between']>[0]): Promise<readonly Interlock[]> {
    const { interlocks } = await this.#client.read(OPERATIONS.interlocks, { query: { region, fromMs, toMs } })
    const other = interlocks.find((interlock) => interlock.region !== region)
    if (other)
      throw new AnswerNotUnderstood(
        `the platform gave an interlock of ${other.region}; expected ${region} only`,
      )
    return interlocks
  }
}
