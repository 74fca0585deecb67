import { RegionName } from '../../src/domain/ids.ts'
import { Incident } from '../../src/domain/incident.ts'
import { OPEN_POLICY } from '../../src/domain/policy.ts'
import { AuditPage } from '../../src/messages/api.ts'
import type { IncidentList } from '../../src/messages/needs-api.ts'
import { PolicyChanges, PolicyList, StampView, WhatIfView } from '../../src/messages/stamp-api.ts'
import { policyChanges, policyList } from '../../src/queries/policies.ts'
import { aChain, aFact } from '../domain/an-audit.ts'
import { HOUR_MS, MINUTE_MS, START_MS } from './worked-fleet.ts'
import { PLAN_ID } from './worked-plan.ts'

const REGION = RegionName.parse('westeurope')

export function aStamp(): StampView {
  const registries = [
    { registry: 'contoso07', points: 21.4, low: 19.8, high: 23 },
    { registry: 'contoso12', points: 9.1, low: 8.2, high: 10 },
    { registry: 'fabrikam01', points: 4.2, low: 3.1, high: 5.3 },
  ]
  const split = { registries, others: { count: 12, points: 5.1 }, baseline: 3.3, shown: 43.1 }
  return StampView.parse({
    region: REGION,
    stamp: 'weu-a',
    pools: ['registry', 'dataproxy'].map((pool) => ({ stamp: 'weu-a', pool, ...split })),
    replicaCount: 15,
    replicas: registries.map(({ registry, points }) => ({
      ...{ registry, points, pinned: false },
      customer: registry.replace(/\d+$/, ''),
    })),
    others: ['weu-b', 'weu-c'],
  })
}

export function aWhatIf(): WhatIfView {
  return WhatIfView.parse({
    moves: [{ registry: 'contoso07', from: 'weu-a', to: 'weu-b' }],
    problems: [],
    pools: [
      { stamp: 'weu-a', pool: 'dataproxy', now: 43.1, wouldBe: 24.6, hot: false },
      { stamp: 'weu-b', pool: 'dataproxy', now: 39.8, wouldBe: 71.2, hot: true },
    ],
    plan: { verdict: 'rebalance', reason: 'weu-b would be hot', blocked: [], moves: 1 },
  })
}

/** One that a plan sees to, one that is blocked, and one that is over. */
export function someIncidents(all: boolean): IncidentList {
  const base = Incident.parse({
    ...{ id: 'weu-a.dominated.9999', region: REGION, stamp: 'weu-a', rule: 'dominated' },
    ...{ openedAtMs: START_MS - 6 * HOUR_MS, lastSeenAtMs: START_MS - 5 * MINUTE_MS, joinedCount: 2 },
    joined: [
      { atMs: START_MS - 6 * HOUR_MS, source: 'scan', detail: 'contoso has 82 % of the dataproxy load' },
      { atMs: START_MS - 5 * MINUTE_MS, source: 'scan', detail: 'contoso has 81 % of the dataproxy load' },
    ],
    ...{ firing: [], resolved: null },
    standing: { kind: 'acted', planId: PLAN_ID, detail: 'a plan sees to it', atMs: START_MS },
  })
  const blocked: Incident = {
    ...{ ...base, id: 'weu-b.customer-report.9999', rule: 'customer-report' },
    standing: { kind: 'blocked', rule: 'freeze', detail: 'year-end freeze until 4 January', atMs: START_MS },
  }
  const over: Incident = {
    ...{ ...base, id: 'weu-b.hot.9999', rule: 'hot', standing: null },
    resolved: { atMs: START_MS - HOUR_MS, by: 'Restamp', reason: 'every pool is cool again' },
  }
  return { incidents: all ? [base, blocked, over] : [base, blocked], next: null }
}

const chain = aChain([
  aFact('plan', { kind: 'plan', who: 'oscar', what: 'made the plan', atMs: START_MS }),
  aFact('approve', { kind: 'decision', who: 'amira', what: 'approved tail-1', why: 'the rehearsal passed' }),
  aFact('rebind', { what: 're-bound contoso07@westeurope', before: 'weu-a', after: 'weu-b' }),
])

export function anAuditPage(after: number): AuditPage {
  const entries = chain.filter(({ number }) => number > after).slice(0, 2)
  return AuditPage.parse({ chain: PLAN_ID, entries, next: entries.at(-1)?.number ?? null })
}

export function anAuditVerdict(isWhole: boolean): unknown {
  const { number, hash } = { ...chain.at(-1) }
  return isWhole
    ? { kind: 'intact', chain: PLAN_ID, entries: number, hash, anchoredTo: 2, onTheWay: 1 }
    : { kind: 'broken', chain: PLAN_ID, number: 2, words: 'its hash is not that of what it says' }
}

export function somePolicies(): PolicyList {
  return PolicyList.parse(policyList([REGION], { '*': OPEN_POLICY }))
}

export function comparedPolicy(body: unknown): PolicyChanges {
  return PolicyChanges.parse(policyChanges(OPEN_POLICY, Object(body).policy))
}
