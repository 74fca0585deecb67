import { isDeepStrictEqual } from 'node:util'
import { DEFAULT_POLICY, Policy, type PolicyFile, policyFor } from '../domain/policy.ts'
import type { PolicyList } from '../messages/stamp-api.ts'
import type { Ports } from '../ports/ports.ts'

/** How each region is run, what of it is not as the design has it, and what each value means. */
export async function policyList(
  { catalog }: Pick<Ports, 'catalog'>,
  policies: PolicyFile,
): Promise<PolicyList> {
  const { regions } = await catalog.fleet()
  const defaults = new Map<string, unknown>(Object.entries(DEFAULT_POLICY))
  return {
    regions: regions.map(({ name }) => {
      const policy = policyFor(name, policies)
      const own = Object.entries(policy).filter(
        ([key, value]) => !isDeepStrictEqual(value, defaults.get(key)),
      )
      return { region: name, policy, own: own.map(([key]) => key) }
    }),
    defaults: DEFAULT_POLICY,
    words: Object.fromEntries(
      Object.entries(Policy.shape).map(([key, { description }]) => [key, description ?? '']),
    ),
  }
}
