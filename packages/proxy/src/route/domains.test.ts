import { describe, expect, it } from 'vitest'
import { Domains, withoutPort } from './domains.ts'

function domainsOf(names: readonly string[], ignorePort = false): Domains<string> {
  const domains = new Domains<string>('http', ignorePort)
  for (const name of names) domains.add(name, name)
  return domains
}

describe('domains', () => {
  const names = ['a.org', '*.a.org', '*-x.a.org', 'www.*', 'www.a.*', 'b.org:8080', '*']
  it.each([
    ['a.org', 'a.org'],
    ['A.Org', 'a.org'],
    ['b.org:8080', 'b.org:8080'],
    ['b.org', '*'],
    ['q.a.org', '*.a.org'],
    ['Q.A.ORG', '*.a.org'],
    ['q-x.a.org', '*-x.a.org'],
    ['-x.a.org', '*.a.org'],
    ['.a.org', '*'],
    ['www.b.org', 'www.*'],
    ['www.a.net', 'www.a.*'],
    ['www.a.', 'www.*'],
    ['www.', '*'],
    ['www.a.org', '*.a.org'],
    ['', '*'],
  ])('finds for %j the virtual host of %j', (host, domain) => {
    expect(domainsOf(names).find(host)).toBe(domain)
  })

  it('finds nothing where no domain fits and there is no "*"', () => {
    expect(domainsOf(['a.org', '*.a.org']).find('b.org')).toBeNull()
    expect(domainsOf([]).find('b.org')).toBeNull()
  })

  it('looks at the port only if the configuration does not ignore it', () => {
    expect(domainsOf(['a.org']).find('a.org:80')).toBeNull()
    expect(domainsOf(['a.org'], true).find('a.org:80')).toBe('a.org')
    expect(domainsOf(['*.a.org'], true).find('b.a.org:80')).toBe('*.a.org')
  })

  it('keeps the case of services', () => {
    const services = new Domains<string>('rpc', true)
    services.add('com.shop.Cart:1.0', 'cart')
    services.add('com.shop.*', 'shop')
    expect(services.find('com.shop.Cart:1.0')).toBe('cart')
    expect(services.find('com.shop.cart:1.0')).toBe('shop')
    expect(services.find('COM.shop.Cart:1.0')).toBeNull()
  })

  it('need not know the host where only "*" answers', () => {
    expect(domainsOf(['*']).indifferent).toBe(true)
    expect(domainsOf(['*', 'a.org']).indifferent).toBe(false)
    expect(domainsOf(['a.org']).indifferent).toBe(false)
  })
})

describe('an authority without its port', () => {
  it.each([
    ['a.org:80', 'a.org'],
    ['a.org', 'a.org'],
    ['[::1]:80', '[::1]'],
    ['[::1]', '[::1]'],
    ['', ''],
  ])('of %j is %j', (authority, host) => {
    expect(withoutPort(authority)).toBe(host)
  })
})
