import type { HttpResponseInit } from '@azure/functions'
import type { Fleet, Region } from '../domain/fleet.ts'
import { problem } from './problems.ts'

/** The region that a request names, or the only one there is; else the refusal that lists them. */
export function chosenRegion(
  { regions }: Fleet,
  name: string | undefined,
): { readonly region: Region } | { readonly refused: HttpResponseInit } {
  const known = regions.map((region) => region.name).join(', ')
  const [only] = regions
  if (name === undefined && regions.length === 1 && only) return { region: only }
  if (name === undefined) return { refused: problem('invalid-request', `region: name one of ${known}`) }
  const region = regions.find((one) => one.name === name)
  return region
    ? { region }
    : { refused: problem('not-found', `there is no region ${name}; known: ${known}`) }
}
