import type { StampId } from '../domain/ids.ts'
import type { ProvisioningRecord } from '../domain/provisioning.ts'
import type { StampStep } from '../messages/outline.ts'
import type { Ports } from '../ports/ports.ts'
import { RecordBusy } from './record-faults.ts'

type Needs = Pick<Ports, 'records' | 'clock'>

const WRITES_MAX = 8
const NUMBER_WIDTH = 3

/** Puts a new attempt on record, under the number after the last one. */
export async function beginAttempt(
  ports: Needs,
  step: StampStep & { readonly stamp: StampId; readonly after: ProvisioningRecord | undefined },
): Promise<ProvisioningRecord> {
  const { planId, gate, stamp, after } = step
  const number = after ? Number(after.key.slice(after.key.lastIndexOf('/') + 1)) + 1 : 1
  const key = `${planId}/${stamp}/${String(number).padStart(NUMBER_WIDTH, '0')}`
  const begunMs = ports.clock.nowMs()
  const fresh = { planId, gate, stamp, key, begunMs, steps: [], outcome: null, removedAtMs: null }
  await ports.records.create('provisionings', key, fresh)
  return amendAttempt(ports, key, (one) => one)
}

/** Appends a step, once: a repeat finds it there. */
export function logAttempt(
  ports: Needs,
  key: string,
  entry: Omit<ProvisioningRecord['steps'][number], 'atMs'>,
): Promise<ProvisioningRecord> {
  return amendAttempt(ports, key, (one) =>
    one.steps.some(({ step, kind }) => step === entry.step && kind === entry.kind)
      ? one
      : { ...one, steps: [...one.steps, { ...entry, atMs: ports.clock.nowMs() }] },
  )
}

/** Changes an attempt's record by what is in it now. */
export async function amendAttempt(
  { records }: Pick<Ports, 'records'>,
  key: string,
  to: (record: ProvisioningRecord) => ProvisioningRecord,
): Promise<ProvisioningRecord> {
  for (let write = 0; write < WRITES_MAX; write += 1) {
    const stored = await records.read('provisionings', key)
    if (!stored) throw new RecordBusy(`attempt ${key} is not on record`)
    const changed = to(stored.value)
    if (changed === stored.value) return changed
    if ((await records.replace('provisionings', key, changed, stored.etag)) === 'replaced') return changed
  }
  throw new RecordBusy(`attempt ${key} was written by others ${WRITES_MAX} times in a row`)
}
