import { canonicalJson, sha256Hex } from '../domain/canonical.ts'
import type { Evidence } from '../domain/evidence.ts'
import { StampId } from '../domain/ids.ts'
import type { Plan } from '../domain/plan.ts'
import type { Ports } from '../ports/ports.ts'
import { everyRecord } from '../ports/records.ts'
import { knownUntilMs, signalsOver } from './telemetry.ts'

const FRESH_MS = 3_600_000

/** Gathers what an approver decides on at this moment and keeps it under its own digest. */
export async function keepEvidence(
  ports: Ports,
  plan: Plan,
): Promise<{ readonly evidence: Evidence; readonly digest: string }> {
  const evidence = await gathered(ports, plan)
  const digest = sha256Hex(canonicalJson(evidence))
  await ports.records.create('evidence', `${plan.id}/${digest}`, evidence)
  return { evidence, digest }
}

async function gathered(ports: Ports, plan: Plan): Promise<Evidence> {
  const { records, clock } = ports
  const report = (await records.read('rehearsals', plan.id))?.value
  const run = (await records.read('runs', plan.id))?.value
  const looks = await everyRecord(records, 'evaluations', `${plan.id}/`)
  const last = new Map(
    looks
      .map(({ value }) => value)
      .toSorted((a, b) => a.atMs - b.atMs)
      .map((look) => [look.gate, look]),
  )
  return {
    planId: plan.id,
    digest: plan.digest,
    atMs: clock.nowMs(),
    rehearsal: report
      ? {
          ...{ status: report.status, words: report.words, digest: sha256Hex(canonicalJson(report)) },
          ...(report.faults ? { faults: report.faults } : {}),
        }
      : null,
    run: run?.status.kind ?? null,
    verdicts: [...last.values()].map(({ gate, verdict, atMs }) => ({ gate, verdict, atMs })),
    ...(await regionNow(ports, plan)),
  }
}

async function regionNow(ports: Ports, plan: Plan): Promise<Pick<Evidence, 'pools' | 'astray'>> {
  const fleet = await ports.catalog.fleet().catch(() => undefined)
  const stamps = new Map(fleet?.regions.flatMap((region) => region.stamps).map((stamp) => [stamp.id, stamp]))
  const pools = await Promise.all(
    plan.pools.flatMap(({ stamp, pool }) => {
      const id = StampId.safeParse(stamp)
      if (stamp === 'new' || !id.success) return []
      return [poolNow(ports, plan, { stamp: id.data, role: pool, state: stamps.get(id.data)?.state })]
    }),
  )
  if (!fleet) return { pools, astray: null }
  const homes = new Map(
    fleet.registries.flatMap(({ name, replicas }) =>
      replicas.flatMap(({ region, homeStamp }) =>
        region === plan.region ? [[name, homeStamp] as const] : [],
      ),
    ),
  )
  const astray = plan.moves.flatMap(({ registry, from, to }) => {
    const homeStamp = homes.get(registry)
    return homeStamp && homeStamp !== from && homeStamp !== to ? [{ registry, homeStamp }] : []
  })
  return { pools, astray }
}

/** What can't be read is no data; an approver sees that it is missing and is not kept from answering. */
async function poolNow(
  ports: Ports,
  plan: Plan,
  {
    stamp,
    role,
    state,
  }: { readonly stamp: StampId; readonly role: string; readonly state: string | undefined },
): Promise<Evidence['pools'][number]> {
  const endMs = knownUntilMs(ports)
  const span = { startMs: endMs - FRESH_MS, endMs }
  const seen = await signalsOver(ports, { stamp, role }, span, plan.policy).catch(() => undefined)
  const hotNodeP95 = seen?.status === 'ok' ? seen.hotNodeP95 : null
  return { stamp, pool: role, state: state ?? 'not known', hotNodeP95 }
}
