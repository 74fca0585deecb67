import { Refusal } from './problems.mjs'

const isCount = (value) => Number.isSafeInteger(value) && value >= 0
const isName = (value) => typeof value === 'string' && /^[A-Za-z0-9-]{1,63}$/.test(value)
const isKey = (value) => typeof value === 'string' && /^[\x21-\x7e][\x20-\x7e]{0,255}$/.test(value)
const isPools = (value) =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every(({ role, nodes, like }) => isName(role) && isCount(nodes) && nodes > 0 && isName(like))

/** The fields of each body, and what each must be. */
export const BODIES = {
  rebind: { to: isName, expectedEpoch: isCount, moveKey: isKey },
  route: { to: isName, moveKey: isKey, epoch: isCount },
  prepare: { to: isName, moveKey: isKey },
  minimum: { minNodes: isCount },
  minimumIf: { minNodes: isCount, expectedEpoch: isCount, changeKey: isKey },
  stamp: { region: isName, customer: isName, pools: isPools, key: isKey },
  key: { key: isKey },
  none: {},
}

/** A body with exactly the fields of one of the shapes. */
export function checkBody(body, shapes) {
  const fits = shapes.some((shape) => {
    const names = Object.keys(BODIES[shape])
    return (
      Object.keys(body).every((name) => names.includes(name)) &&
      names.every((name) => BODIES[shape][name](body[name]))
    )
  })
  if (fits) return
  const wanted = shapes.map((shape) => Object.keys(BODIES[shape]).join(', ') || 'no body').join(' or ')
  throw new Refusal('invalid-request', `the body is not as expected; expected ${wanted}`)
}

export function countOf(text, name) {
  const count = /^\d{1,16}$/.test(text ?? '') ? Number(text) : Number.NaN
  if (!isCount(count))
    throw new Refusal('invalid-request', `${name} is no number; expected epoch milliseconds`)
  return count
}
