import type { WhatIfChange, WhatIfOperationResult } from '@azure/arm-resourcesdeployments'
import { type ArmError, causeOf } from './arm-fault.ts'

const NAMED_MAX = 5
/** Codes of warnings that what-if did not look into a nested deployment: what it would do is not known then. */
const NOT_LOOKED_INTO = /^NestedDeployment/

/** What what-if answered, also where that was that ARM does not take the template. */
export type Foreseen = Omit<WhatIfOperationResult, 'error'> & { readonly error?: ArmError | undefined }

/** What a deployment may do: make this group with these tags, these resources in it, and anything else in it. */
export interface Allowed {
  readonly groupId: string
  readonly tags: Readonly<Record<string, string>>
  readonly resources: readonly string[]
}

/**
 * Why a deployment may not be made, by what it would do; undefined where it may. Whatever it made outside of the group would
 * outlive the stamp, and what can't be told counts as refused.
 */
export function whyRefused(result: Foreseen, allowed: Allowed): string | undefined {
  const { status, error, diagnostics = [], changes, potentialChanges = [] } = result
  if (error || status?.toLowerCase() !== 'succeeded' || !changes)
    return `what-if came back ${status ?? 'without a status'}: ${causeOf(error)}`
  const blind = diagnostics.find(({ code }) => NOT_LOOKED_INTO.test(code))
  if (blind) return `what-if did not look into all of it: ${blind.message}`
  const all = [...changes, ...potentialChanges]
  const outside = all.filter((change) => !isWithin(change, allowed) && !isIdle(change))
  if (outside.length > 0) return `it would change what is not the stamp's: ${listed(outside)}`
  const known = all.filter(({ changeType }) => changeType === 'Modify' || changeType === 'Delete')
  if (known.length > 0) return `it would change what is there already: ${listed(known)}`
  return whatIsMissing(changes, allowed)
}

function whatIsMissing(
  changes: readonly WhatIfChange[],
  { groupId, tags, resources }: Allowed,
): string | undefined {
  const made = new Map(
    changes
      .filter(({ changeType }) => changeType === 'Create')
      .map((change) => [change.resourceId?.toLowerCase(), change]),
  )
  const group = made.get(groupId.toLowerCase())
  if (!group) return `it would not make the group ${groupId}`
  const untagged = Object.entries(tags).filter(([name, value]) => group.after?.tags?.[name] !== value)
  if (untagged.length > 0) return `it would make the group without the tag ${untagged[0]?.[0]}`
  const lacking = resources.filter((id) => !made.has(id.toLowerCase()))
  return lacking.length > 0 ? `it would not make ${lacking.slice(0, NAMED_MAX).join(', ')}` : undefined
}

function isWithin({ resourceId }: WhatIfChange, { groupId }: Allowed): boolean {
  const id = resourceId?.toLowerCase()
  return id === groupId.toLowerCase() || Boolean(id?.startsWith(`${groupId.toLowerCase()}/`))
}

function isIdle({ changeType }: WhatIfChange): boolean {
  return changeType === 'NoChange' || changeType === 'Ignore'
}

function listed(changes: readonly WhatIfChange[]): string {
  const named = changes
    .slice(0, NAMED_MAX)
    .map(({ changeType, resourceId }) => `${changeType} ${resourceId ?? 'of something without an id'}`)
  const more = changes.length - named.length
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
