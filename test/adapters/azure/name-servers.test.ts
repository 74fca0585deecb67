import { expect, test } from 'vitest'
import {
  createAuthoritativeNames,
  createNodeDns,
  type DnsAsker,
} from '../../../src/adapters/azure/name-servers.ts'
import { startDnsServer } from './dns-server.ts'

const fqdn = 'tm-contoso.weu.trafficmanager.net'

function failed(code: string): Error {
  return Object.assign(new Error(code), { code })
}

function dns(change: Partial<DnsAsker> = {}): DnsAsker & { readonly asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    async nameServers(zone) {
      if (zone !== 'trafficmanager.net') throw failed('ENODATA')
      return ['ns1.example', 'ns2.example']
    },
    addresses: async (host) => [host === 'ns1.example' ? '192.0.2.1' : '192.0.2.2', '192.0.2.9'],
    async cname(name, server) {
      asked.push(`${name} ${server}`)
      return ['weu-b.stamps.example']
    },
    ...change,
  }
}

test('the servers of the nearest zone are asked where a name leads', async () => {
  const asker = dns()
  expect(await createAuthoritativeNames(asker).cname(fqdn)).toEqual(['weu-b.stamps.example'])
  expect(asker.asked).toEqual([`${fqdn} 192.0.2.1`])
})

test('a server that does not answer is passed over for the next', async () => {
  const asker = dns({
    cname: async (_name, server) => {
      if (server === '192.0.2.1') throw failed('ETIMEOUT')
      return ['weu-a.stamps.example']
    },
  })
  expect(await createAuthoritativeNames(asker).cname(fqdn)).toEqual(['weu-a.stamps.example'])
})

test('that there is no such record is an answer', async () => {
  const cname = async () => {
    throw failed('ENODATA')
  }
  expect(await createAuthoritativeNames(dns({ cname })).cname(fqdn)).toEqual([])
})

test('where nobody answers nothing is known, and the way out is named', async () => {
  const silent = async () => {
    throw failed('ETIMEOUT')
  }
  for (const change of [{ cname: silent }, { nameServers: silent }, { addresses: silent }])
    await expect(createAuthoritativeNames(dns(change)).cname(fqdn)).rejects.toMatchObject({
      name: 'NamesUnasked',
      message: expect.stringContaining('routing.resolve'),
    })
})

test('over the network: the zone, its server, and where the name leads, or that it leads nowhere', async () => {
  const server = await startDnsServer({
    'NS trafficmanager.net': 'ns1.example',
    'A ns1.example': '127.0.0.1',
    [`CNAME ${fqdn}`]: 'weu-b.stamps.example',
  })
  const names = createAuthoritativeNames(createNodeDns({ begin: '127.0.0.1', port: server.port }))
  expect(await names.cname(fqdn)).toEqual(['weu-b.stamps.example'])
  expect(await names.cname('tm-fabrikam.weu.trafficmanager.net')).toEqual([])
  await server.stop()
})
