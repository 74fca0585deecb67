import { Fleet, fleetProblems } from '../../domain/fleet.ts'
import { readJson, refusal } from './json-file.ts'

/** Reads `fleet.json`. Every violation is named with its JSON path. Throws `FileRefused`. */
export async function readFleet(path: string): Promise<Fleet> {
  const fleet = await readJson(path, Fleet)
  const problems = fleetProblems(fleet)
  if (problems.length > 0) throw refusal(path, problems)
  return fleet
}
