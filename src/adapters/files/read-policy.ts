import { PolicyFile } from '../../domain/policy.ts'
import { readJson } from './json-file.ts'

/** Reads `policy.json`. Unknown keys and values out of range are named with their JSON path. Throws `FileRefused`. */
export function readPolicy(path: string): Promise<PolicyFile> {
  return readJson(path, PolicyFile)
}
