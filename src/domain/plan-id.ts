import { canonicalJson, sha256Hex } from './canonical.ts'
import { PlanId } from './ids.ts'
import type { PlanBody } from './plan.ts'

const HEX_DIGITS = 12

/** An id made of the plan itself, so that the same input gives the same bytes. */
export function planIdOf(body: Omit<PlanBody, 'id'>): PlanId {
  return PlanId.parse(`plan-${sha256Hex(canonicalJson({ ...body, id: undefined })).slice(0, HEX_DIGITS)}`)
}
