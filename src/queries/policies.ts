import { canonicalJson } from '../domain/canonical.ts'
import type { RegionName } from '../domain/ids.ts'
import { DEFAULT_POLICY, Policy, type PolicyFile, policyFor } from '../domain/policy.ts'
import type { PolicyChanges, PolicyList } from '../messages/stamp-api.ts'

/** How each region is run, what of it is not as the design has it, and what each value means. */
export function policyList(regions: readonly RegionName[], policies: PolicyFile): PolicyList {
  const defaults = new Map<string, unknown>(Object.entries(DEFAULT_POLICY))
  return {
    regions: regions.map((name) => {
      const policy = policyFor(name, policies)
      const own = Object.entries(policy).filter(([key, value]) => !isEqual(value, defaults.get(key)))
      return { region: name, policy, own: own.map(([key]) => key) }
    }),
    defaults: DEFAULT_POLICY,
    words: Object.fromEntries(
      Object.entries(Policy.shape).map(([key, { description }]) => [key, description ?? '']),
    ),
  }
}

/** What a policy would change, value by value as JSON, and why it would be refused. */
export function policyChanges(present: Policy, proposed: Readonly<Record<string, unknown>>): PolicyChanges {
  const parsed = Policy.safeParse(proposed)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `${path.join('.') || 'policy'}: ${message}`,
    )
    return { problems, changes: [] }
  }
  const is = new Map<string, unknown>(Object.entries(present))
  const wouldBe = new Map<string, unknown>(Object.entries(parsed.data))
  const changes = [...new Set([...is.keys(), ...wouldBe.keys()])]
    .filter((key) => !isEqual(is.get(key), wouldBe.get(key)))
    .map((key) => ({ key, from: jsonOf(is.get(key)), to: jsonOf(wouldBe.get(key)) }))
  return { problems: [], changes }
}

function isEqual(a: unknown, b: unknown): boolean {
  return jsonOf(a) === jsonOf(b)
}

function jsonOf(value: unknown): string {
  return value === undefined ? 'absent' : canonicalJson(value)
}
