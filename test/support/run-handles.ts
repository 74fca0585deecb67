import { AuditTrail } from '../../src/audit/trail.ts'
import type { AuditVerdict } from '../../src/domain/audit.ts'
import type { PlanId } from '../../src/domain/ids.ts'
import type { Run } from '../../src/domain/run.ts'
import type { Anchors } from '../../src/ports/anchors.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { Records } from '../../src/ports/records.ts'

const UNTIL_MS_MAX = 50_000

interface Stores {
  readonly records: Records & { close(): void }
  readonly anchors: Anchors & { close(): void }
  readonly clock: Clock
  readonly twin: { close(): void }
  readonly testHost: { stop(): Promise<void> }
}

/** What a test does with a run that goes on by itself: wait for it, verify its audit, stop it with all that it uses. */
export function runHandles({ records, anchors, clock, twin, testHost }: Stores, planId: PlanId) {
  return {
    until: async (wanted: (run: Run) => boolean): Promise<Run> => {
      const deadline = Date.now() + UNTIL_MS_MAX
      for (;;) {
        const run = (await records.read('runs', planId))?.value
        if (run && wanted(run)) return run
        if (Date.now() > deadline) throw new Error(`waited in vain; last seen ${JSON.stringify(run)}`)
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    },
    audit: async (): Promise<AuditVerdict> => {
      const trail = new AuditTrail({ records, anchors, clock })
      await trail.anchor(planId)
      return trail.verify(planId)
    },
    stop: async (): Promise<void> => {
      await testHost.stop()
      twin.close()
      records.close()
      anchors.close()
    },
  }
}
