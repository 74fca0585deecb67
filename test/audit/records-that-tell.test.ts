import { SqliteAnchors } from '../../src/adapters/sqlite/sqlite-anchors.ts'
import { SqliteRecords } from '../../src/adapters/sqlite/sqlite-records.ts'
import { AuditedRecords } from '../../src/audit/audited-records.ts'
import { AuditTrail } from '../../src/audit/trail.ts'
import { HeardRecords } from '../../src/ports/heard-records.ts'
import { recordsContract } from '../ports/records.contract.ts'

recordsContract('HeardRecords', async () => new HeardRecords(new SqliteRecords(':memory:'), () => {}))

recordsContract('AuditedRecords', async () => {
  const records = new SqliteRecords(':memory:')
  const anchors = new SqliteAnchors(':memory:')
  return new AuditedRecords(records, new AuditTrail({ records, anchors, clock: { nowMs: () => 1 } }))
})
