import { createHash } from 'node:crypto'
import type { Plan, PlanBody } from './plan.ts'

/** Deeper documents are refused: no plan comes near it, and a cycle would never end. */
const DEPTH_MAX = 100

/** A value that has no canonical JSON form; the message names where it stands. */
export class NotCanonical extends Error {
  override readonly name = 'NotCanonical'
}

/**
 * Canonical JSON after RFC 8785: no spaces, keys by UTF-16 code units, numbers as ECMAScript writes them. Properties
 * that are undefined are left out; throws `NotCanonical` for whatever else JSON can't hold.
 */
export function canonicalJson(value: unknown): string {
  return written(value, '$', 0)
}

/** Seals a plan with the SHA-256 over its canonical form, as 64 hex digits. */
export function sealPlan(body: PlanBody): Plan {
  return { ...body, digest: sha256Hex(canonicalJson(body)) }
}

/** SHA-256 of a text's UTF-8 form, as 64 hex digits. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex')
}

function written(value: unknown, path: string, depth: number): string {
  if (depth > DEPTH_MAX) {
    throw new NotCanonical(
      `${path.slice(0, 80)}... is more than ${DEPTH_MAX} deep; expected a plain document`,
    )
  }
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return numberText(value, path)
  if (typeof value === 'string') return stringText(value, path)
  if (Array.isArray(value)) {
    return `[${Array.from(value, (item: unknown, at) => written(item, `${path}[${at}]`, depth + 1)).join(',')}]`
  }
  if (typeof value === 'object') return objectText(value, path, depth)
  throw new NotCanonical(
    `${path} is ${typeof value}; expected null, a boolean, number, string, array or object`,
  )
}

function objectText(value: object, path: string, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw new NotCanonical(`${path} is a ${value.constructor.name}; expected a plain object`)
  }
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    // The language compares strings by UTF-16 code units, as the RFC asks.
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${stringText(key, path)}:${written(member, `${path}.${key}`, depth + 1)}`)
  return `{${members.join(',')}}`
}

function numberText(value: number, path: string): string {
  if (Number.isFinite(value)) return JSON.stringify(value)
  throw new NotCanonical(`${path} is ${value}; JSON has finite numbers only, use null for a missing one`)
}

function stringText(value: string, path: string): string {
  if (value.isWellFormed()) return JSON.stringify(value)
  throw new NotCanonical(`${path} holds half of a surrogate pair; expected well-formed Unicode`)
}
