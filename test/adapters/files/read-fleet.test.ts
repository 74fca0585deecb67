import { describe, expect, test } from 'vitest'
import { readFleet } from '../../../src/adapters/files/read-fleet.ts'
import { readPolicy } from '../../../src/adapters/files/read-policy.ts'
import { aFolder } from './written.ts'

const { folder, write } = aFolder()

const replica = { region: 'westeurope', homeStamp: 'weu-01' }
const poolOf = (role: string) => ({ role, nodes: 6, minNodes: 4, maxNodes: 12, vcpusPerNode: 8 })
const aStamp = { id: 'weu-01', kind: 'shared', state: 'active', pools: [poolOf('registry')] }
const aFleet = (change: { stamps?: unknown[]; replicas?: unknown[]; registries?: unknown[] }) => ({
  regions: [{ name: 'westeurope', stamps: change.stamps ?? [aStamp] }],
  registries: change.registries ?? [
    { name: 'contoso01', customer: 'contoso', replicas: change.replicas ?? [replica] },
  ],
})
const fleetFile = (content: unknown) => write('fleet.json', JSON.stringify(content))

describe('a fleet', () => {
  test('is read with its defaults', async () => {
    const fleet = await readFleet(fleetFile(aFleet({})))
    expect(fleet.registries[0]?.replicas[0]).toEqual({ ...replica, pinned: false, routing: 'dns' })
    expect(fleet.regions[0]?.stamps[0]?.pools[0]?.relativeSpeed).toBe(1)
  })

  test.each([
    [
      aFleet({ replicas: [{ region: 'westeurope', homeStamp: 'weu-09' }] }),
      'registries[0].replicas[0].homeStamp: "weu-09" is no stamp of westeurope',
    ],
    [
      aFleet({ replicas: [{ region: 'mars', homeStamp: 'weu-01' }] }),
      'registries[0].replicas[0].region: "mars"',
    ],
    [
      aFleet({ replicas: [replica, replica] }),
      'registries[0].replicas[1].region: a second replica in one region',
    ],
    [aFleet({ stamps: [aStamp, aStamp] }), 'regions[0].stamps[1].id: "weu-01" is there twice'],
    [aFleet({ stamps: [{ ...aStamp, state: 'asleep' }] }), 'regions[0].stamps[0].state: '],
    [
      aFleet({ stamps: [{ ...aStamp, pools: [{ ...poolOf('x'), nodes: -1 }] }] }),
      'regions[0].stamps[0].pools[0].nodes: ',
    ],
    [
      aFleet({ registries: [{ name: 'a b', customer: 'c', replicas: [replica] }] }),
      'registries[0].name: expected 1 to 63 letters',
    ],
    [{ regions: [] }, 'registries: '],
    [[], 'the document: '],
  ])('is refused with the JSON path: %#', async (content, words) => {
    const reading = readFleet(fleetFile(content))
    await expect(reading).rejects.toThrow(words)
    await expect(reading).rejects.toMatchObject({ name: 'FileRefused', message: /fleet\.json: / })
  })

  test('with many violations names the first ten and counts the rest', async () => {
    const registries = Array.from({ length: 15 }, (_, n) => ({
      name: `r${n}`,
      customer: 'c',
      replicas: [{ region: 'westeurope', homeStamp: 'gone' }],
    }))
    await expect(readFleet(fleetFile(aFleet({ registries })))).rejects.toThrow(
      /registries\[9\].*\n {2}and 5 more$/,
    )
  })

  test('that is no JSON is refused with its line', async () => {
    await expect(readFleet(write('fleet.json', '{\n  "regions": [\n}'))).rejects.toThrow(
      /fleet\.json line 3 is no JSON/,
    )
    await expect(readFleet(write('fleet.json', ''))).rejects.toThrow(/line 1 is no JSON/)
  })

  test('may begin with a byte order mark', async () => {
    const path = write('fleet.json', `\ufeff${JSON.stringify(aFleet({}))}`)
    expect((await readFleet(path)).regions).toHaveLength(1)
  })

  test('that is not there is refused', async () => {
    await expect(readFleet(`${folder}/none.json`)).rejects.toThrow('is not there')
    await expect(readFleet(folder)).rejects.toThrow('is a directory')
  })
})

describe('a policy', () => {
  const policyFile = (content: unknown) => write('policy.json', JSON.stringify(content))

  test('is read for each region with its defaults', async () => {
    const policy = await readPolicy(policyFile({ '*': { hotPercent: 80 }, westeurope: {} }))
    expect(policy['*']).toMatchObject({ hotPercent: 80, targetPercent: 60 })
    expect(policy.westeurope?.hotPercent).toBe(70)
  })

  test.each([
    [{ '*': { hotpercent: 80 } }, 'hotpercent'],
    [{ westeurope: { hotPercent: 170 } }, 'westeurope.hotPercent: '],
    [{ '*': { cooldown: 'two weeks' } }, '*.cooldown: expected an ISO 8601 duration'],
    [{ '*': { hotPercent: 50, targetPercent: 60 } }, '*.targetPercent: targetPercent is above hotPercent'],
  ])('is refused with the key: %j', async (content, words) => {
    await expect(readPolicy(policyFile(content))).rejects.toThrow(words)
  })
})
