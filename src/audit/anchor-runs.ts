import type { Ports } from '../ports/ports.ts'
import { runsUnderWay } from '../queries/runs.ts'
import { FLEET_CHAIN } from './facts.ts'
import type { AuditTrail } from './trail.ts'

/** What is written last about a run is anchored well within this. */
const ANCHORED_AFTER_END_MS = 24 * 3_600_000

/** Anchors the audits of runs under way and of those that have just ended. A failure costs no more than time. */
export const createAnchorRuns =
  (ports: Pick<Ports, 'records' | 'clock'>, trail: AuditTrail) =>
  async (onFailure: (chain: string, error: unknown) => void): Promise<void> => {
    await anchored(FLEET_CHAIN)
    for (const { id } of await runsUnderWay(ports, ANCHORED_AFTER_END_MS)) await anchored(id)

    async function anchored(chain: string): Promise<void> {
      try {
        await trail.anchor(chain)
      } catch (error) {
        onFailure(chain, error)
      }
    }
  }
